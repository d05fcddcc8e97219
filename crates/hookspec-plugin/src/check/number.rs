//! Numbers, compared exactly: an integer never becomes a float to be compared with one.

use std::cmp::Ordering;

use super::{Place, Report};

/// A JSON number.
#[derive(Clone, Copy, Debug)]
pub enum Number {
    /// An integer that is not negative.
    Unsigned(u64),
    /// An integer.
    Signed(i64),
    /// Any other number.
    Float(f64),
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::Unsigned(number)
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::Signed(number)
    }
}

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        match (number.as_u64(), number.as_i64()) {
            (Some(number), _) => Self::Unsigned(number),
            (None, Some(number)) => Self::Signed(number),
            // Beyond every float: larger than anything, whatever its sign.
            (None, None) => Self::Float(number.as_f64().unwrap_or(f64::INFINITY)),
        }
    }
}

impl Number {
    fn integer(self) -> Option<i128> {
        match self {
            Self::Unsigned(number) => Some(number.into()),
            Self::Signed(number) => Some(number.into()),
            Self::Float(_) => None,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "rounding is what a float of an integer is")]
    fn float(self) -> f64 {
        match self {
            Self::Unsigned(number) => number as f64,
            Self::Signed(number) => number as f64,
            Self::Float(number) => number,
        }
    }

    /// The order of two numbers; `None` where one of them is no number.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self.integer(), other.integer()) {
            (Some(left), Some(right)) => Some(left.cmp(&right)),
            (Some(left), None) => integer_to_float(left, other.float()),
            (None, Some(right)) => {
                integer_to_float(right, self.float()).map(std::cmp::Ordering::reverse)
            }
            (None, None) => self.float().partial_cmp(&other.float()),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn integer_to_float(integer: i128, float: f64) -> Option<Ordering> {
    // Every 64-bit integer is within, and every float within converts without loss.
    const BOUND: f64 = 1e30;
    match float {
        _ if float.is_nan() => None,
        _ if float >= BOUND => Some(Ordering::Less),
        _ if float <= -BOUND => Some(Ordering::Greater),
        _ => {
            let whole = float.trunc();
            let fraction = 0.0_f64.partial_cmp(&(float - whole))?;
            Some(integer.cmp(&(whole as i128)).then(fraction))
        }
    }
}

/// The keyword `minimum`.
pub fn minimum(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: impl Into<Number>,
    limit: Number,
) {
    if value.into().compare(limit).is_some_and(Ordering::is_lt) {
        report.add(at, schema, format!("less than the minimum {}", text(limit)));
    }
}

/// The keyword `maximum`.
pub fn maximum(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: impl Into<Number>,
    limit: Number,
) {
    if value.into().compare(limit).is_some_and(Ordering::is_gt) {
        report.add(at, schema, format!("more than the maximum {}", text(limit)));
    }
}

/// The keyword `exclusiveMinimum`.
pub fn exclusive_minimum(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: impl Into<Number>,
    limit: Number,
) {
    if value.into().compare(limit).is_some_and(Ordering::is_le) {
        report.add(at, schema, format!("not more than {}", text(limit)));
    }
}

/// The keyword `exclusiveMaximum`.
pub fn exclusive_maximum(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: impl Into<Number>,
    limit: Number,
) {
    if value.into().compare(limit).is_some_and(Ordering::is_ge) {
        report.add(at, schema, format!("not less than {}", text(limit)));
    }
}

/// The keyword `multipleOf`.
pub fn multiple_of(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: impl Into<Number>,
    divisor: Number,
) {
    if !divides(value.into(), divisor) {
        report.add(at, schema, format!("not a multiple of {}", text(divisor)));
    }
}

/// A float that JSON cannot write.
pub fn finite(report: &mut Report, at: &Place<'_>, schema: &str, value: f64) {
    if !value.is_finite() {
        report.add(at, schema, "JSON has no number for this");
    }
}

/// The keywords `enum` and `const` where the value is a number.
pub fn one_of_numbers(
    report: &mut Report,
    at: &Place<'_>,
    schema: &str,
    value: impl Into<Number>,
    allowed: &[Number],
) {
    let value = value.into();
    if !allowed.iter().any(|each| value.compare(*each) == Some(Ordering::Equal)) {
        report.add(at, schema, "none of the values that are allowed");
    }
}

fn text(number: Number) -> String {
    match number {
        Number::Unsigned(number) => number.to_string(),
        Number::Signed(number) => number.to_string(),
        Number::Float(number) => number.to_string(),
    }
}

/// Whether a division leaves nothing, both numbers read as the decimals they are written as.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn divides(value: Number, divisor: Number) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let divisor = divisor.float();
    let whole = divisor.fract() == 0.0;
    if let Some(value) = value.integer()
        && whole
        && (1.0..=EXACT).contains(&divisor)
    {
        return value % (divisor as i128) == 0;
    }
    let value = value.float();
    if whole {
        return value.fract() == 0.0 && value % divisor == 0.0;
    }
    if value == 0.0 {
        return true;
    }
    if value.abs() < divisor {
        return false;
    }
    match (decimal(value), decimal(divisor)) {
        (Some(value), Some(divisor)) => divides_decimal(value, divisor),
        // No number at all.
        _ => false,
    }
}

/// A number as `digits * 10^exponent`, in the shortest way that reads back as the same float.
fn decimal(float: f64) -> Option<(i128, i32)> {
    let text = format!("{float:e}");
    let (digits, exponent) = text.split_once('e')?;
    let decimals = digits.split_once('.').map_or(0, |(_, after)| after.len());
    let mantissa = digits.replace('.', "").parse().ok()?;
    Some((mantissa, exponent.parse::<i32>().ok()? - i32::try_from(decimals).ok()?))
}

fn divides_decimal((value, at): (i128, i32), (divisor, by): (i128, i32)) -> bool {
    if divisor == 0 {
        return false;
    }
    let shift = at - by;
    if shift >= 0 {
        // value * 10^shift, reduced at every step: both factors stay below the divisor's 57 bits.
        let mut rest = value % divisor;
        for _ in 0..shift {
            rest = rest * 10 % divisor;
        }
        return rest == 0;
    }
    let scale = 10_i128.checked_pow(shift.unsigned_abs());
    // Without a product the divisor is larger than any value.
    scale.and_then(|scale| divisor.checked_mul(scale)).is_some_and(|divisor| value % divisor == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_and_floats_compare_exactly() {
        let large = Number::Unsigned(9_007_199_254_740_993);
        assert_eq!(large.compare(Number::Float(9_007_199_254_740_992.0)), Some(Ordering::Greater));
        assert_eq!(Number::Signed(-1).compare(Number::Unsigned(u64::MAX)), Some(Ordering::Less));
        assert_eq!(Number::Signed(3).compare(Number::Float(3.0)), Some(Ordering::Equal));
        assert_eq!(Number::Signed(3).compare(Number::Float(3.5)), Some(Ordering::Less));
        assert_eq!(Number::Signed(-3).compare(Number::Float(-3.5)), Some(Ordering::Greater));
        assert_eq!(Number::Float(1e300).compare(large), Some(Ordering::Greater));
        assert_eq!(Number::Float(f64::NAN).compare(large), None);
    }

    #[test]
    fn a_multiple_is_one_in_decimals() {
        let rows: [(Number, f64, bool); 10] = [
            (Number::Float(4.5), 1.5, true),
            (Number::Float(35.0), 1.5, false),
            (Number::Float(0.0075), 0.0001, true),
            (Number::Float(0.00751), 0.0001, false),
            (Number::Float(1e308), 0.5, true),
            (Number::Float(1e308), 0.123_456_789, false),
            (Number::Signed(-7), 3.5, true),
            (Number::Unsigned(u64::MAX), 5.0, true),
            (Number::Float(0.3), 0.1, true),
            (Number::Float(1_070_468.14), 0.01, true),
        ];
        for (value, divisor, expected) in rows {
            assert_eq!(divides(value, Number::Float(divisor)), expected, "{value:?} by {divisor}");
        }
        assert!(!divides(Number::Unsigned(9_007_199_254_740_993), Number::Unsigned(2)));
    }
}
