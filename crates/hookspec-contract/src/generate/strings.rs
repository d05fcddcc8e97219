//! Texts: as long as they may be, of the form they must have, and such as programs stumble over.

use std::collections::HashSet;

use serde_json::Value;

use super::builder::{Builder, Goal, LARGEST, Why};
use super::pattern::Repeat;
use super::shape::Shape;
use super::texts;

/// How long a large text is, in characters, and what is large at least.
pub(super) const LARGE: usize = 100_000;
pub(super) const LARGE_AT_LEAST: usize = 1_000;
/// How long texts are made to see whether a bound on their length is kept.
const LONGEST_BOUND: usize = 20_000;

impl<'a> Builder<'a> {
    /// The plainest text.
    pub(super) fn plain_text(&mut self, shape: &Shape<'a>) -> Result<String, Why> {
        let (least, most) = bounds(shape);
        if least > most {
            return Err(Why::impossible("the text would be longer than it may be"));
        }
        if least > LARGEST {
            return Err(Why::unknown("the smallest value is larger than 1 MiB"));
        }
        let none = || Why::unknown("no text was found that keeps the pattern or format");
        self.texts(shape, Goal::Valid).into_iter().next().ok_or_else(none)
    }

    /// Texts that keep the shape; the ones that matter most come first.
    pub(super) fn texts(&mut self, shape: &Shape<'a>, goal: Goal) -> Vec<String> {
        let (least, most) = bounds(shape);
        if least > most || least > LARGEST {
            return Vec::new();
        }
        let mut candidates = match goal {
            Goal::Boundary => {
                let mut found = edges(least, most);
                found.extend(texts::BOUNDARY.map(|text| fitted(text, least, most)));
                found
            }
            Goal::Unicode => {
                let tower = texts::tower();
                let all = texts::UNICODE.into_iter().chain([tower.as_str()]);
                all.map(|text| fitted(text, least, most))
                    .filter(|text| !text.is_ascii() || text.contains(char::is_control))
                    .collect()
            }
            Goal::Large => {
                let length = LARGE.min(most).max(least);
                match length >= LARGE_AT_LEAST {
                    true => vec!["x".repeat(length), "\u{e9}".repeat(length)],
                    false => Vec::new(),
                }
            }
            _ => texts::ORDINARY.iter().map(|text| fitted(text, least, most)).collect(),
        };
        let shaped = self.shaped(shape, goal);
        candidates.splice(0..0, shaped);
        if matches!(goal, Goal::Valid | Goal::Boundary) {
            let own = shape.each("examples").filter_map(Value::as_array).flatten();
            let own = own.chain(shape.each("default")).filter_map(Value::as_str);
            candidates.extend(own.map(str::to_owned));
        }
        let mut seen = HashSet::new();
        let mut kept = Vec::new();
        for text in candidates {
            if self.spend(1 + text.len() / 256).is_err() {
                break;
            }
            if seen.insert(text.clone()) && self.fits(shape, &Value::String(text.clone())) {
                kept.push(text);
            }
        }
        kept
    }

    /// What patterns and formats lead to.
    fn shaped(&mut self, shape: &Shape<'a>, goal: Goal) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        let patterns: Vec<&'a str> = shape.each("pattern").filter_map(Value::as_str).collect();
        let (least, _) = bounds(shape);
        for pattern in &patterns {
            // Long enough for the bound, when each part is repeated as often.
            let enough = Repeat::Most(u32::try_from(least).unwrap_or(u32::MAX));
            found.extend(match goal {
                Goal::Large => {
                    self.matching_in(pattern, &[Repeat::Most(100_000), Repeat::Most(2_000)])
                }
                Goal::Unicode => self.matching_in(pattern, &[Repeat::Randomly; 12]),
                Goal::Boundary => {
                    let ways = [Repeat::Least, enough, Repeat::Most(64), Repeat::Randomly];
                    self.matching_in(pattern, &ways)
                }
                _ => {
                    let mut all = self.matching(pattern, 6);
                    all.extend(self.matching_in(pattern, &[enough]));
                    all
                }
            });
        }
        let formats = shape.each("format").filter_map(Value::as_str);
        let kept = formats.flat_map(texts::of_format).map(|text| (*text).to_owned());
        match goal {
            Goal::Large => found.retain(|text| text.chars().count() >= LARGE_AT_LEAST),
            Goal::Unicode => {
                found.extend(kept);
                found.retain(|text| !text.is_ascii() || text.contains(char::is_control));
            }
            _ => {
                found.extend(kept);
                if !patterns.is_empty() {
                    found.extend(self.pool.iter().map(|text| (*text).to_owned()));
                }
            }
        }
        found
    }

    /// Texts that differ from each other, as many as are wanted or as are easily found.
    pub(super) fn distinct_texts(&mut self, shape: &Shape<'a>, wanted: usize) -> Vec<String> {
        let (least, most) = bounds(shape);
        if least > most || least.saturating_mul(wanted) > LARGEST {
            return Vec::new();
        }
        if ["pattern", "format"].iter().all(|keyword| shape.each(keyword).next().is_none()) {
            let numbered = (0..wanted).map(|index| {
                let digits = index.to_string();
                let width = least.saturating_sub(digits.len());
                format!("{}{digits}", "k".repeat(width))
            });
            return numbered.filter(|text| text.len() <= most).collect();
        }
        let mut found = self.texts(shape, Goal::Valid);
        let patterns: Vec<&'a str> = shape.each("pattern").filter_map(Value::as_str).collect();
        let mut seen: HashSet<String> = found.iter().cloned().collect();
        for _ in 0..wanted.min(2_000) {
            let Some(pattern) = patterns.first() else { break };
            if found.len() >= wanted || self.spend(4).is_err() {
                break;
            }
            for text in self.matching_in(pattern, &[Repeat::Randomly]) {
                if self.fits(shape, &Value::String(text.clone())) && seen.insert(text.clone()) {
                    found.push(text);
                }
            }
        }
        found
    }
}

/// How long a text may be, in characters.
pub(super) fn bounds(shape: &Shape<'_>) -> (usize, usize) {
    (shape.least("minLength"), shape.most("maxLength").unwrap_or(usize::MAX))
}

/// Texts as short and as long as they may be.
fn edges(least: usize, most: usize) -> Vec<String> {
    let mut found = vec!["a".repeat(least)];
    if most <= LONGEST_BOUND {
        found.push("z".repeat(most));
        found.push("\u{1f600}".repeat(most));
        found.push("y".repeat(most.saturating_sub(1).max(least)));
    }
    if least < most {
        found.push("b".repeat(least + 1));
    }
    found
}

/// A text cut or repeated until its length is right.
pub(super) fn fitted(text: &str, least: usize, most: usize) -> String {
    let length = text.chars().count();
    if text.is_empty() || (least..=most).contains(&length) {
        return text.to_owned();
    }
    text.chars().cycle().take(length.clamp(least, most)).collect()
}
