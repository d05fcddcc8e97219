//! The lists worth having: short and long, and with one item varied at a time.

use serde_json::Value;

use super::arrays::{bounds, is_unique, prefix};
use super::builder::{Builder, Goal, LARGEST, weight};
use super::shape::Shape;
use super::variants::{MOST_ROWS, Made, interleaved};

const HEIGHT: usize = 14;
/// How many items at the front are varied by themselves.
const MOST_FIRST: usize = 16;
/// How long lists are made to see whether a bound on their length is kept.
const LONGEST_BOUND: usize = 10_000;
/// How many items a large list has, and at least.
const LARGE: usize = 10_000;
const LARGE_AT_LEAST: usize = 1_000;

impl<'a> Builder<'a> {
    pub(super) fn arrays(&mut self, shape: &Shape<'a>, depth: usize) -> Vec<Value> {
        let Ok(base) = self.plain_array(shape, HEIGHT) else { return Vec::new() };
        let (least, most) = bounds(shape);
        let mut made = Made::default();
        match self.goal {
            Goal::Valid | Goal::Boundary => {
                self.push(&mut made, base.clone().into());
                if self.goal == Goal::Boundary && most <= LONGEST_BOUND {
                    self.filled(shape, &base, most, &mut made);
                }
                let more = base.len().saturating_add(1).min(most);
                self.filled(shape, &base, more, &mut made);
            }
            Goal::Large => {
                let rest = self.item(shape, prefix(shape));
                let item = self.plain_within(&rest, HEIGHT).map_or(1, |value| weight(&value));
                let fitting = LARGEST * 3 / 4 / item.max(1);
                if LARGE.min(most) >= LARGE_AT_LEAST {
                    self.filled(shape, &base, LARGE.min(most).min(fitting).max(least), &mut made);
                }
            }
            Goal::Invalid => self.wrong_items(shape, &base, &mut made),
            Goal::Unknown | Goal::Unicode => {}
        }
        let mut lists = vec![made.0];
        let first = prefix(shape).min(MOST_FIRST);
        let slots =
            (0..first).chain([prefix(shape)]).chain((first == 0 && least > 1).then(|| least - 1));
        for index in slots.filter(|index| *index < most) {
            let all = self.item(shape, index);
            let values = self.below(&all, depth);
            let mut singles = Made::default();
            let mut start = base.clone();
            if self.fill(shape, &mut start, index, HEIGHT).is_err() {
                continue;
            }
            if index == prefix(shape) && self.goal != Goal::Large && self.goal != Goal::Invalid {
                self.joined(shape, &start, &values, &mut singles);
            }
            for value in values.iter() {
                let mut items = start.clone();
                match items.get_mut(index) {
                    Some(item) => *item = value.clone(),
                    None => items.push(value.clone()),
                }
                if !self.push(&mut singles, items.into()) {
                    break;
                }
            }
            lists.push(singles.0);
        }
        interleaved(lists, usize::MAX)
    }

    /// A list of so many plain items.
    pub(super) fn filled(
        &mut self,
        shape: &Shape<'a>,
        base: &[Value],
        wanted: usize,
        made: &mut Made,
    ) {
        let mut items = base.to_vec();
        if self.fill(shape, &mut items, wanted, HEIGHT).is_ok() && items.len() > base.len() {
            self.push(made, items.into());
        }
    }

    /// A list of many different items.
    fn joined(&mut self, shape: &Shape<'a>, base: &[Value], values: &[Value], made: &mut Made) {
        let room = bounds(shape).1.saturating_sub(base.len()).min(MOST_ROWS);
        let mut items = base.to_vec();
        for value in values.iter().take(room) {
            if !is_unique(shape) || !items.contains(value) {
                items.push(value.clone());
            }
        }
        if values.len() > 1 && items.len() > base.len() {
            self.push(made, items.into());
        }
    }
}
