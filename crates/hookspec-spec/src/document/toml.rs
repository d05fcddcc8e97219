//! TOML, from the spanned tree of the `toml` crate, which goes on after a mistake.

use serde_json::{Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::build::{Build, Fields, Halt, Node, leaf, list};
use super::{Parsed, codes};

/// How large a text may be, in bytes: the parser keeps every mistake, at 200 times the space.
const MOST_BYTES: usize = 512 * 1024;

pub(super) fn parse(text: &str) -> Parsed {
    if text.trim().is_empty() {
        return (None, Vec::new());
    }
    let mut build = Build::default();
    if text.len() > MOST_BYTES {
        let size = text.len();
        let message = format!("the file has {size} bytes; of TOML at most {MOST_BYTES} are read");
        let hint = "move what is large into files of its own, such as config_schema";
        build.flaw_with(codes::TOO_LARGE, 0, message, Some(hint.to_owned()));
        return (None, build.into_flaws());
    }
    // The parser recurses into nested brackets and bounds that itself, but not below our limit.
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        if build.is_full() {
            break;
        }
        let at = error.span().map_or(0, |span| span.start);
        let twice = error.message().contains("duplicate key");
        let code = if twice { codes::DUPLICATE_KEY } else { codes::SYNTAX };
        let hint = twice.then(|| "remove one of the two, or rename it".to_owned());
        build.flaw_with(code, at, format!("this is not TOML: {}", error.message()), hint);
    }
    let at = table.span().start;
    let root = fields(&mut build, table.into_inner(), at, 1);
    (root.ok(), build.into_flaws())
}

fn fields(build: &mut Build, table: DeTable<'_>, at: usize, depth: usize) -> Result<Node, Halt> {
    build.enter(depth, at)?;
    let mut fields = Fields::default();
    // The table is sorted by key; the text is not, and neither are the mistakes people expect.
    let mut entries: Vec<_> = table.into_iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, node) in entries {
        let at = key.span().start;
        let key = key.into_inner().into_owned();
        build.spend(0, key.len(), at)?;
        let node = value(build, node, depth)?;
        fields.insert(build, key, at, node);
    }
    Ok(fields.finish(at))
}

fn value(build: &mut Build, node: Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Halt> {
    let at = node.span().start;
    build.spend(1, 0, at)?;
    let value = match node.into_inner() {
        DeValue::String(text) => {
            build.spend(0, text.len(), at)?;
            Value::String(text.into_owned())
        }
        DeValue::Boolean(flag) => Value::Bool(flag),
        DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.into(),
            Err(_) => not_json(build, at, "a number beyond 64 bits"),
        },
        DeValue::Float(number) => {
            match number.as_str().parse::<f64>().ok().and_then(Number::from_f64) {
                Some(number) => Value::Number(number),
                None => not_json(build, at, "a number that JSON does not have"),
            }
        }
        DeValue::Datetime(_) => not_json(build, at, "a date, which JSON does not have"),
        DeValue::Array(items) => {
            build.enter(depth + 1, at)?;
            let items = items.into_iter().map(|item| self::value(build, item, depth + 1));
            return Ok(list(items.collect::<Result<_, _>>()?, at));
        }
        DeValue::Table(table) => return fields(build, table, at, depth + 1),
    };
    Ok(leaf(value, at))
}

fn not_json(build: &mut Build, at: usize, what: &str) -> Value {
    let hint = "write it as a text, in quotes".to_owned();
    build.flaw_with(codes::NOTATION, at, format!("this is {what}"), Some(hint));
    Value::Null
}
