//! [`Pattern`]: JSON that need not be known to the letter.
//!
//! Objects may have more keys than a pattern names, lists not more items, numbers are equal by
//! value. An object whose only key begins with `$` is a matcher; `README.md` beside the cases lists
//! them.

use hookspec_spec::Schema;
use serde_json::Value;

use super::mistake::{Report, join, wrong};
use super::placeholder::{self, Facts};
use crate::short::short;

const MATCHERS: &str =
    "$any, $absent, $contains, $each, $equals, $is_schema, $not, $one_of, $schema, $unordered";

/// A pattern, and where it stands in its file.
#[derive(Debug)]
pub(super) struct Pattern {
    at: String,
    form: Form,
}

#[derive(Debug)]
enum Form {
    Scalar(Value),
    List(Vec<Pattern>),
    Object(Vec<(String, Pattern)>),
    Any,
    Absent,
    Contains(Box<Pattern>),
    Each(Box<Pattern>),
    Equals(Value),
    IsSchema,
    Not(Box<Pattern>),
    OneOf(Vec<Pattern>),
    Schema(Schema),
    Unordered(Vec<Pattern>),
}

/// Where a value is not what a pattern wants.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// The place of the pattern in its file.
    pub(super) at: String,
    /// What was expected, where in the value, and what was there.
    pub(super) text: String,
}

impl Pattern {
    /// Reads a pattern; mistakes are reported and answer `None`.
    pub(super) fn read(report: &mut Report<'_>, value: &Value, at: &str) -> Option<Self> {
        let form = match value {
            Value::Array(items) => Form::List(Self::list(report, items, at)?),
            Value::Object(fields) => match fields.iter().find(|(key, _)| key.starts_with('$')) {
                Some((key, argument)) if fields.len() == 1 => {
                    Self::matcher(report, key, argument, &join(at, key))?
                }
                Some((key, _)) => {
                    let message = format!("the matcher `{key}` must be the only key here");
                    report.add(&join(at, key), message);
                    return None;
                }
                None => {
                    let read = |(key, field): (&String, &Value)| {
                        Some((key.clone(), Self::read(report, field, &join(at, key))?))
                    };
                    let fields: Vec<Option<_>> = fields.iter().map(read).collect();
                    Form::Object(fields.into_iter().collect::<Option<_>>()?)
                }
            },
            scalar => {
                placeholder::check(report, scalar, at);
                Form::Scalar(scalar.clone())
            }
        };
        Some(Self { at: at.to_owned(), form })
    }

    fn list(report: &mut Report<'_>, items: &[Value], at: &str) -> Option<Vec<Self>> {
        let read = |(index, item)| Self::read(report, item, &format!("{at}/{index}"));
        let items: Vec<Option<_>> = items.iter().enumerate().map(read).collect();
        items.into_iter().collect()
    }

    fn matcher(report: &mut Report<'_>, name: &str, value: &Value, at: &str) -> Option<Form> {
        let boxed = |report: &mut Report<'_>| Self::read(report, value, at).map(Box::new);
        let several = |report: &mut Report<'_>| match value {
            Value::Array(items) => Self::list(report, items, at),
            other => {
                wrong(report, at, "a list of patterns", other);
                None
            }
        };
        let plain = |report: &mut Report<'_>, form| match value {
            Value::Bool(true) => Some(form),
            other => {
                wrong(report, at, "true", other);
                None
            }
        };
        match name {
            "$any" => plain(report, Form::Any),
            "$absent" => plain(report, Form::Absent),
            "$is_schema" => plain(report, Form::IsSchema),
            "$contains" => boxed(report).map(Form::Contains),
            "$each" => boxed(report).map(Form::Each),
            "$not" => boxed(report).map(Form::Not),
            "$one_of" => several(report).map(Form::OneOf),
            "$unordered" => several(report).map(Form::Unordered),
            "$equals" => {
                placeholder::check(report, value, at);
                Some(Form::Equals(value.clone()))
            }
            "$schema" => match Schema::compile(value.clone()) {
                Ok(schema) => Some(Form::Schema(schema)),
                Err(found) => {
                    report.add(at, format!("not a JSON Schema: {found}"));
                    None
                }
            },
            other => {
                report.add(at, format!("unknown matcher `{other}`; known: {MATCHERS}"));
                None
            }
        }
    }

    /// Every place where the value is not what is wanted.
    ///
    /// # Errors
    /// A placeholder stands for nothing in this plugin.
    pub(super) fn differences(
        &self,
        value: &Value,
        facts: &Facts<'_>,
    ) -> Result<Vec<Difference>, String> {
        let mut found = Vec::new();
        self.compare(Some(value), "", facts, &mut found)?;
        Ok(found)
    }

    pub(super) fn holds(&self, value: &Value, facts: &Facts<'_>) -> Result<bool, String> {
        Ok(self.differences(value, facts)?.is_empty())
    }

    fn compare(
        &self,
        value: Option<&Value>,
        place: &str,
        facts: &Facts<'_>,
        found: &mut Vec<Difference>,
    ) -> Result<(), String> {
        let differ = |value: Option<&Value>| -> Result<Difference, String> {
            let (expected, got) = (self.words(facts)?, value.map_or("nothing".into(), short));
            let place = if place.is_empty() { "the value" } else { place };
            let text = format!("{place}: expected {expected}, got {got}");
            Ok(Difference { at: self.at.clone(), text })
        };
        let Some(value) = value else {
            if !matches!(self.form, Form::Absent) {
                found.push(differ(None)?);
            }
            return Ok(());
        };
        let is_met = match (&self.form, value) {
            (Form::Any, _) => true,
            (Form::Absent, _) => false,
            (Form::Scalar(wanted) | Form::Equals(wanted), _) => same(&facts.fill(wanted)?, value),
            (Form::Object(fields), Value::Object(map)) => {
                for (key, field) in fields {
                    field.compare(map.get(key), &join(place, key), facts, found)?;
                }
                true
            }
            (Form::List(wanted), Value::Array(items)) if wanted.len() == items.len() => {
                for (index, (pattern, item)) in wanted.iter().zip(items).enumerate() {
                    pattern.compare(Some(item), &format!("{place}/{index}"), facts, found)?;
                }
                true
            }
            (Form::Each(pattern), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    pattern.compare(Some(item), &format!("{place}/{index}"), facts, found)?;
                }
                true
            }
            (Form::Unordered(wanted), Value::Array(items)) => unordered(wanted, items, facts)?,
            (Form::Contains(pattern), Value::Array(items)) => any(items, pattern, facts)?,
            (Form::Contains(pattern), Value::String(text)) => match &pattern.form {
                Form::Scalar(part) => match facts.fill(part)? {
                    Value::String(part) => text.contains(&part),
                    other => text.contains(&other.to_string()),
                },
                _ => false,
            },
            (Form::Not(pattern), _) => !pattern.holds(value, facts)?,
            (Form::OneOf(patterns), _) => {
                let mut one = false;
                for pattern in patterns {
                    one = one || pattern.holds(value, facts)?;
                }
                one
            }
            (Form::IsSchema, _) => Schema::compile(value.clone()).is_ok(),
            (Form::Schema(schema), _) => schema.is_valid(value),
            _ => false,
        };
        if !is_met {
            found.push(differ(Some(value))?);
        }
        Ok(())
    }

    /// What is wanted, for people.
    fn words(&self, facts: &Facts<'_>) -> Result<String, String> {
        Ok(match &self.form {
            Form::Scalar(value) => short(&facts.fill(value)?),
            Form::Equals(value) => format!("exactly {}", short(&facts.fill(value)?)),
            Form::List(items) => format!("a list of {} items", items.len()),
            Form::Object(fields) => {
                let keys: Vec<_> = fields.iter().map(|(key, _)| key.as_str()).collect();
                format!("an object with {}", keys.join(", "))
            }
            Form::Any => "any value".into(),
            Form::Absent => "nothing".into(),
            Form::Contains(part) => format!("something that contains {}", part.words(facts)?),
            Form::Each(each) => format!("a list of {}", each.words(facts)?),
            Form::IsSchema => "a JSON Schema".into(),
            Form::Not(not) => format!("anything but {}", not.words(facts)?),
            Form::OneOf(several) => format!("one of {} patterns", several.len()),
            Form::Schema(schema) => format!("what fits {}", short(schema.document())),
            Form::Unordered(items) => format!("{} items, in any order", items.len()),
        })
    }
}

fn any(items: &[Value], pattern: &Pattern, facts: &Facts<'_>) -> Result<bool, String> {
    for item in items {
        if pattern.holds(item, facts)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether every pattern has an item of its own, and every item a pattern. Greedy: patterns that
/// overlap should stand with the narrowest first.
fn unordered(wanted: &[Pattern], items: &[Value], facts: &Facts<'_>) -> Result<bool, String> {
    let mut left: Vec<&Value> = items.iter().collect();
    for pattern in wanted {
        let mut place = None;
        for (index, item) in left.iter().enumerate() {
            if pattern.holds(item, facts)? {
                place = Some(index);
                break;
            }
        }
        match place {
            Some(index) => drop(left.remove(index)),
            None => return Ok(false),
        }
    }
    Ok(left.is_empty())
}

/// The first place where two values differ, and what they have there; `None` where they are equal.
pub(super) fn first_difference<'a>(
    one: &'a Value,
    other: &'a Value,
    place: &str,
) -> Option<(String, Option<&'a Value>, Option<&'a Value>)> {
    if same(one, other) {
        return None;
    }
    let inside = match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            a.keys().chain(b.keys()).find_map(|key| match (a.get(key), b.get(key)) {
                (Some(one), Some(other)) => first_difference(one, other, &join(place, key)),
                (one, other) => Some((join(place, key), one, other)),
            })
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(index, (one, other))| {
                first_difference(one, other, &format!("{place}/{index}"))
            })
        }
        _ => None,
    };
    Some(inside.unwrap_or_else(|| (place.to_owned(), Some(one), Some(other))))
}

/// Equality by value: `1` is `1.0`, and the order of keys says nothing.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || match (one.is_f64(), other.is_f64()) {
                    (false, false) => false,
                    _ => one.as_f64() == other.as_f64(),
                }
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use hookspec_spec::Document;
    use serde_json::json;

    use super::*;

    /// What differs, without the place in the file.
    fn differences(pattern: Value, value: Value) -> Vec<String> {
        let document = Document::json("p.json", pattern.to_string()).unwrap();
        let pattern = Pattern::read(&mut Report::new(&document), document.value(), "").unwrap();
        let facts = Facts { folder: Path::new("/f"), plugin: "p", manifest: &Value::Null };
        let found = pattern.differences(&value, &facts).unwrap();
        found.into_iter().map(|each| each.text).collect()
    }

    #[test]
    fn every_matcher_takes_what_it_means_and_nothing_else() {
        for (pattern, good, bad) in [
            (json!(1), json!(1.0), json!("1")),
            (json!("${plugin}"), json!("p"), json!("q")),
            (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), json!({ "b": 2 })),
            (json!([1, 2]), json!([1, 2]), json!([1, 3])),
            (json!([1]), json!([1]), json!([1, 1])),
            (json!({ "a": { "$any": true } }), json!({ "a": null }), json!({})),
            (json!({ "a": { "$absent": true } }), json!({}), json!({ "a": null })),
            (json!({ "$equals": { "a": 1 } }), json!({ "a": 1 }), json!({ "a": 1, "b": 2 })),
            (json!({ "$contains": "b" }), json!("abc"), json!("ac")),
            (json!({ "$contains": { "a": 1 } }), json!([2, { "a": 1 }]), json!([{ "a": 2 }])),
            (json!({ "$each": { "a": 1 } }), json!([]), json!([{ "a": 1 }, {}])),
            (json!({ "$each": 1 }), json!([1, 1]), json!(1)),
            (json!({ "$unordered": [1, 2] }), json!([2, 1]), json!([1, 2, 2])),
            (json!({ "$not": { "a": 1 } }), json!({ "a": 2 }), json!({ "a": 1 })),
            (json!({ "$one_of": [1, 2] }), json!(2), json!(3)),
            (json!({ "$schema": { "minItems": 1 } }), json!([1]), json!([])),
            (json!({ "$is_schema": true }), json!({ "type": "string" }), json!({ "type": 1 })),
        ] {
            assert_eq!(differences(pattern.clone(), good), [""; 0], "{pattern}");
            assert_eq!(differences(pattern.clone(), bad.clone()).len(), 1, "{pattern} and {bad}");
        }
    }

    #[test]
    fn the_first_difference_of_two_values_is_found() {
        let (one, other) = (json!({ "a": [1, { "b/c": 2 }] }), json!({ "a": [1.0, {}], "d": 1 }));
        let (place, had, has) = first_difference(&one, &other, "").unwrap();
        assert_eq!((place.as_str(), had, has), ("/a/1/b~1c", Some(&json!(2)), None));
        assert!(first_difference(&json!([1, 2]), &json!([1.0, 2]), "").is_none());
    }
}
