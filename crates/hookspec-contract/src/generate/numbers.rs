//! Numbers: between their bounds, at them, and where the types of programs end.

use serde_json::{Number, Value};

use super::builder::{Builder, Goal, Why};
use super::shape::Shape;
use super::types::Types;

/// Integers are kept in an `i128` while bounds are reckoned with: JSON's are `i64` or `u64`.
const FARTHEST: i128 = 1 << 100;
/// How many multiples are tried near each bound.
const NEAR: i128 = 12;

impl<'a> Builder<'a> {
    /// Numbers of one type (integers, or all others) that keep the bounds; the ones that matter
    /// most come first.
    ///
    /// # Errors
    /// The bounds leave none.
    pub(super) fn numbers(
        &mut self,
        shape: &Shape<'a>,
        types: Types,
        goal: Goal,
    ) -> Result<Vec<Value>, Why> {
        let mut candidates = Vec::new();
        if types == Types::INTEGER {
            let (low, high) = integer_bounds(shape);
            if low > high {
                return Err(Why::impossible("no integer is within the bounds"));
            }
            candidates.extend(integers(shape, low, high, goal).into_iter().filter_map(integer));
        } else {
            let (low, high) = float_bounds(shape);
            if low > high {
                return Err(Why::impossible("no number is within the bounds"));
            }
            candidates.extend(floats(shape, low, high, goal).into_iter().filter_map(float));
        }
        let mut kept: Vec<Value> = Vec::new();
        for candidate in candidates {
            if !kept.contains(&candidate) && self.fits(shape, &candidate) {
                kept.push(candidate);
            }
        }
        self.spend(kept.len())?;
        Ok(kept)
    }

    pub(super) fn distinct_integers(&mut self, shape: &Shape<'a>, wanted: usize) -> Vec<Value> {
        let (low, high) = integer_bounds(shape);
        let step = step(shape);
        let start = if low <= 0 && high >= 0 { 0 } else { up_to(low.max(-FARTHEST), step) };
        let count = i128::try_from(wanted).unwrap_or(FARTHEST);
        let upward = (0..count).map(|index| start + index * step).take_while(|each| *each <= high);
        let below = start - step;
        let downward = (0..count).map(|index| below - index * step).take_while(|each| *each >= low);
        upward.chain(downward).take(wanted).filter_map(integer).collect()
    }
}

fn integers(shape: &Shape<'_>, low: i128, high: i128, goal: Goal) -> Vec<i128> {
    let step = step(shape);
    let (first, last) = (up_to(low, step), down_to(high, step));
    let mut found = Vec::new();
    let bounded = (low > -FARTHEST, high < FARTHEST);
    let ordinary = [1, 2, 7, 42, 0, 1_000, -1, -5, 123_456];
    if goal == Goal::Boundary {
        found.extend(bounded.0.then_some(first));
        found.extend(bounded.1.then_some(last));
        found.extend([0_i128, -1, 1]);
        found.extend([i64::MIN, i64::MAX].map(i128::from));
        found.extend([i64::from(i32::MAX), 1 << 31, -(1 << 31), u32::MAX.into()].map(i128::from));
        // Beyond these a float no longer tells one integer from the next.
        found.extend([(1 << 53) - 1, (1 << 53) + 1, -(1 << 53) - 1]);
        found.extend([first + step, last - step]);
    } else {
        found.extend(ordinary);
        found.extend(bounded.0.then_some(first));
        found.extend(bounded.1.then_some(last));
    }
    // Where a multiple that is no integer counts as well, some of these are right.
    let near = |from: i128, by: i128| (0..NEAR).map(move |times| from + by * times);
    if step > 1 || shape.each("multipleOf").next().is_some() {
        found.extend((-2..NEAR).map(|times| times * step));
        found.extend(bounded.0.then(|| near(first, step)).into_iter().flatten());
        found.extend(bounded.1.then(|| near(last, -step)).into_iter().flatten());
    } else if goal != Goal::Boundary && bounded.0 && bounded.1 {
        found.push(first + (last - first) / 2);
    }
    let exclusive = |number: &i128| (low..=high).contains(number);
    found.retain(exclusive);
    found
}

fn floats(shape: &Shape<'_>, low: f64, high: f64, goal: Goal) -> Vec<f64> {
    let mut found = Vec::new();
    if goal == Goal::Boundary {
        found.extend([low, high, low.next_up(), high.next_down()]);
        found.extend([0.1, -0.1, 1e300, -1e300, 1.5]);
        found.extend([
            f64::MIN_POSITIVE,
            5e-324,
            f64::EPSILON,
            0.1 + 0.2,
            1e-7,
            4_503_599_627_370_495.5,
        ]);
    } else {
        found.extend([0.5, 1.5, 3.25, 0.1, -2.75, 99.99]);
        found.extend([low, high]);
    }
    found.extend([low.midpoint(high), low + 0.5, high - 0.5]);
    for unit in shape.each("multipleOf").filter_map(Value::as_f64) {
        let start = if low.is_finite() { (low / unit).ceil() } else { 0.0 };
        found.extend((0..NEAR).map(|times| (start + times as f64) * unit));
        found.extend([1.0, 3.0, 7.0, 11.0, -1.0].map(|times| times * unit));
    }
    found.retain(|number| number.is_finite() && (low..=high).contains(number));
    found
}

fn integer_bounds(shape: &Shape<'_>) -> (i128, i128) {
    let whole = |value: &Value, round: fn(f64) -> f64| {
        let exact = value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from));
        // The cast saturates.
        exact.or_else(|| value.as_f64().map(|float| round(float) as i128))
    };
    let up = |value| whole(value, f64::ceil);
    let down = |value| whole(value, f64::floor);
    let above = |value| Some(down(value)?.saturating_add(1));
    let under = |value| Some(up(value)?.saturating_sub(1));
    let low = shape.each("minimum").filter_map(up);
    let low = low.chain(shape.each("exclusiveMinimum").filter_map(above)).max();
    let high = shape.each("maximum").filter_map(down);
    let high = high.chain(shape.each("exclusiveMaximum").filter_map(under)).min();
    (
        low.unwrap_or(-FARTHEST).clamp(-FARTHEST, FARTHEST),
        high.unwrap_or(FARTHEST).clamp(-FARTHEST, FARTHEST),
    )
}

fn float_bounds(shape: &Shape<'_>) -> (f64, f64) {
    let low = shape.each("minimum").filter_map(Value::as_f64);
    let above = shape.each("exclusiveMinimum").filter_map(Value::as_f64).map(f64::next_up);
    let high = shape.each("maximum").filter_map(Value::as_f64);
    let under = shape.each("exclusiveMaximum").filter_map(Value::as_f64).map(f64::next_down);
    (low.chain(above).fold(f64::MIN, f64::max), high.chain(under).fold(f64::MAX, f64::min))
}

/// What every integer has to be a multiple of; 1 where that is no integer, or too large.
fn step(shape: &Shape<'_>) -> i128 {
    let units = shape.each("multipleOf").filter_map(|value| {
        let float = value.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e18)?;
        Some(float as i128)
    });
    units.filter(|unit| *unit > 0).fold(1, |all, unit| match all / divisor(all, unit) * unit {
        common if common < 1 << 60 => common,
        _ => all,
    })
}

fn divisor(one: i128, other: i128) -> i128 {
    let (mut one, mut other) = (one, other);
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one.max(1)
}

fn up_to(number: i128, step: i128) -> i128 {
    let rest = number.rem_euclid(step);
    if rest == 0 { number } else { number + step - rest }
}

fn down_to(number: i128, step: i128) -> i128 {
    number - number.rem_euclid(step)
}

/// Beyond `u64` an integer is written as a float.
fn integer(number: i128) -> Option<Value> {
    if let Ok(number) = i64::try_from(number) {
        return Some(number.into());
    }
    if let Ok(number) = u64::try_from(number) {
        return Some(number.into());
    }
    float(number as f64)
}

fn float(number: f64) -> Option<Value> {
    Number::from_f64(number).map(Value::Number)
}
