//! [`smallest`]: of a value that makes something fail, one that is smaller and still does.

use hookspec_spec::Schema;
use serde_json::{Map, Value, json};

use super::builder::{Builder, Goal, visit, weight};
use super::cost::Purse;

/// How much may be spent on candidates that are not even tried.
const PURSE: usize = 2_000_000;
/// How many children take their parent's place.
const MOST_HOISTED: usize = 16;
/// How many parts of a value are looked at, the outer ones first.
const MOST_PLACES: usize = 2_000;
/// Up to this length, single parts are left out everywhere.
const SHORT: usize = 64;
/// Of longer ones parts are left out at so many places.
const PLACES: usize = 8;

/// A smaller value for which `fails` is true as well; the value itself where none is found, or
/// none within `budget` calls of `fails`.
///
/// Whatever is tried is accepted by the schema if the value is, and refused if it is refused: a
/// smaller value of the other kind would fail for another reason. That the value fails is taken
/// on trust.
pub fn smallest(
    schema: &Schema,
    value: Value,
    budget: usize,
    mut fails: impl FnMut(&Value) -> bool,
) -> Value {
    let mut search = Search {
        schema,
        valid: schema.is_valid(&value),
        purse: Purse::holding(schema, PURSE),
        size: size(&value),
        value,
        budget,
    };
    if search.valid {
        let mut builder = Builder::new(schema, &[], Goal::Valid, 0);
        let root = builder.root();
        if let Ok(plain) = builder.plain(&root) {
            search.attempt((*plain).clone(), &mut fails);
        }
    }
    search.run(&mut fails);
    search.value
}

struct Search<'a> {
    schema: &'a Schema,
    valid: bool,
    purse: Purse,
    value: Value,
    size: Size,
    budget: usize,
}

/// What is made smaller: the length first, then how far scalars are from the simplest ones.
type Size = (usize, f64);

impl Search<'_> {
    fn run(&mut self, fails: &mut impl FnMut(&Value) -> bool) {
        let (mut at, mut improved) = (0, false);
        let mut known = places(&self.value);
        while self.budget > 0 && !self.purse.is_empty() {
            let Some(pointer) = known.get(at) else {
                if !improved {
                    break;
                }
                (at, improved) = (0, false);
                continue;
            };
            if self.shrink_at(pointer, fails) {
                improved = true;
                known = places(&self.value);
            } else {
                at += 1;
            }
        }
    }

    /// Whether something smaller was found for one part.
    fn shrink_at(&mut self, pointer: &str, fails: &mut impl FnMut(&Value) -> bool) -> bool {
        let Some(part) = self.value.pointer(pointer) else { return false };
        for smaller in smaller(part) {
            if self.budget == 0 || self.purse.is_empty() {
                return false;
            }
            let mut candidate = self.value.clone();
            if let Some(slot) = candidate.pointer_mut(pointer) {
                *slot = smaller;
            }
            if self.attempt(candidate, fails) {
                return true;
            }
        }
        false
    }

    fn attempt(&mut self, candidate: Value, fails: &mut impl FnMut(&Value) -> bool) -> bool {
        let size = size(&candidate);
        let paid = self.purse.pay(&candidate);
        let fits = paid && size < self.size && self.schema.is_valid(&candidate) == self.valid;
        if !fits || self.budget == 0 {
            return false;
        }
        self.budget -= 1;
        let found = fails(&candidate);
        if found {
            (self.value, self.size) = (candidate, size);
        }
        found
    }
}

fn size(value: &Value) -> Size {
    let mut far = 0.0;
    visit(value, &mut |value| {
        far += match value {
            Value::Bool(true) => 1.0,
            Value::Number(number) => {
                let float = number.as_f64().unwrap_or(f64::MAX);
                let negative = if float < 0.0 { 0.5 } else { 0.0 };
                float.abs().min(1e30) + float.fract().abs() + negative
            }
            Value::String(text) => text.chars().filter(|letter| *letter != 'a').count() as f64,
            _ => 0.0,
        };
    });
    (weight(value), far)
}

/// Pointers to a value and the values in it, the outer ones first.
fn places(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = std::collections::VecDeque::from([(String::new(), value)]);
    while let Some((pointer, value)) = open.pop_front() {
        if found.len() >= MOST_PLACES {
            break;
        }
        match value {
            Value::Array(items) => {
                let items = items.iter().enumerate();
                open.extend(items.map(|(index, item)| (format!("{pointer}/{index}"), item)));
            }
            Value::Object(fields) => open.extend(fields.iter().map(|(name, field)| {
                let name = name.replace('~', "~0").replace('/', "~1");
                (format!("{pointer}/{name}"), field)
            })),
            _ => {}
        }
        found.push(pointer);
    }
    found
}

/// What a value may be replaced by, the boldest first; some may be larger.
fn smaller(value: &Value) -> Vec<Value> {
    let mut found = match value {
        Value::Object(_) => vec![json!({})],
        Value::Array(_) => vec![json!([])],
        Value::String(_) => vec![json!("")],
        Value::Number(_) => vec![json!(0)],
        Value::Bool(true) => vec![json!(false)],
        _ => Vec::new(),
    };
    match value {
        Value::Array(items) => {
            found.extend(items.iter().take(MOST_HOISTED).cloned());
            found.extend(left_out(items).into_iter().map(Value::Array));
        }
        Value::Object(fields) => {
            found.extend(fields.values().take(MOST_HOISTED).cloned());
            let pairs: Vec<_> =
                fields.iter().map(|(name, field)| (name.clone(), field.clone())).collect();
            let fewer = left_out(&pairs).into_iter().map(|pairs| pairs.into_iter().collect());
            found.extend(fewer.map(|fields: Map<_, _>| Value::Object(fields)));
        }
        Value::String(text) => {
            let letters: Vec<char> = text.chars().collect();
            let shorter = left_out(&letters).into_iter().map(String::from_iter);
            found.extend(shorter.map(Value::String));
            found.push("a".repeat(letters.len()).into());
            for (index, letter) in letters.iter().enumerate().take(SHORT) {
                if *letter != 'a' {
                    let mut plainer = letters.clone();
                    plainer[index] = 'a';
                    found.push(String::from_iter(plainer).into());
                }
            }
        }
        Value::Number(number) => found.extend(nearer(number)),
        _ => {}
    }
    found.extend([json!(0), json!(""), Value::Null]);
    found
}

/// Numbers nearer to 0: half of it, then less and less far.
fn nearer(number: &serde_json::Number) -> Vec<Value> {
    let Some(whole) = number.as_i64() else {
        let float = number.as_f64().unwrap_or(0.0);
        let truncated = float.trunc();
        let fitting = (truncated.abs() < 9e18).then_some(truncated as i64);
        let floats = [truncated, float / 2.0].map(|float| json!(float));
        return fitting.map(|whole| json!(whole)).into_iter().chain(floats).collect();
    };
    let mut found = Vec::new();
    let mut step = whole / 2;
    // Half may round to nothing: the last step is by one.
    while step != 0 {
        found.push(json!(whole - step));
        step /= 2;
    }
    found.push(json!(whole - whole.signum()));
    found.extend(whole.checked_neg().map(|positive| json!(positive)));
    found
}

/// A list without half of it, without a quarter, and so on.
fn left_out<T: Clone>(items: &[T]) -> Vec<Vec<T>> {
    let mut found = Vec::new();
    let mut width = items.len() / 2;
    while width > 0 {
        let places = items.len().div_ceil(width);
        let skipped = if items.len() <= SHORT { 1 } else { places.div_ceil(PLACES) };
        for place in (0..places).step_by(skipped.max(1)) {
            let start = place * width;
            let end = (start + width).min(items.len());
            found.push(items[..start].iter().chain(&items[end..]).cloned().collect());
        }
        width /= 2;
    }
    if items.len() == 1 {
        found.push(Vec::new());
    }
    found
}
