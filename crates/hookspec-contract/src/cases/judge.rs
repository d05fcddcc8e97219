//! Compares what a call had to come to with what came.

use hookspec_spec::Hook;
use serde_json::Value;

use super::mistake::join;
use super::model::{Check, Expect, Fails, Wanted};
use super::pattern::{Difference, first_difference, same};
use super::placeholder::Facts;
use crate::outcome::{Outcome, Timed};
use crate::short::short;

/// The call whose outcome is judged.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub(super) hook: &'a Hook,
    pub(super) input: &'a Value,
    pub(super) facts: &'a Facts<'a>,
}

type Found = Vec<Difference>;

/// Every way in which an outcome is not what is expected.
///
/// # Errors
/// A placeholder stands for nothing in this plugin.
pub(super) fn judge(expect: &Expect, timed: &Timed, asked: Asked<'_>) -> Result<Found, String> {
    let found = wanted(&expect.wanted, &expect.at, &timed.outcome, asked)?;
    let mut found = [found, answered_by(expect, &timed.outcome, asked)].concat();
    let slow = expect.within.filter(|within| timed.elapsed > *within);
    if let Some(within) = slow {
        let text = format!("expected it within {within:?}, it took {:?}", timed.elapsed);
        found.push(Difference { at: join(&expect.at, "within_ms"), text });
    }
    Ok(found)
}

fn wanted(
    expected: &Wanted,
    place: &str,
    outcome: &Outcome,
    asked: Asked<'_>,
) -> Result<Found, String> {
    let at = |key: &str| format!("{place}/{key}");
    let differs = |key: &str, what: &str| {
        vec![Difference { at: at(key), text: format!("expected {what}, got {outcome}") }]
    };
    Ok(match (expected, outcome) {
        (Wanted::Delivered, Outcome::Delivered) => Vec::new(),
        (Wanted::Delivered, _) => differs("delivered", "the plugin to take it"),
        (
            Wanted::Unchanged,
            Outcome::Chained { ran: true, changed: false, stopped: false, value },
        ) if same(value, asked.input) => Vec::new(),
        (Wanted::Unchanged, _) => differs("unchanged", "the input, unchanged"),
        (Wanted::Stopped, Outcome::Chained { stopped: true, .. }) => Vec::new(),
        (Wanted::Stopped, _) => differs("stopped", "the plugin to stop the chain"),
        (
            Wanted::Answer(checks),
            Outcome::Answer { value, .. } | Outcome::Chained { ran: true, value, .. },
        ) => all(checks, value, asked)?,
        (Wanted::Answer(_), _) => {
            let text = format!("expected an answer, got {outcome}");
            vec![Difference { at: place.to_owned(), text }]
        }
        (Wanted::Fails(fails), Outcome::Failed { .. }) => {
            failed(fails, outcome, &at("fails"), asked)?
        }
        (Wanted::Fails(fails), _) => {
            differs("fails", &format!("the plugin to fail ({})", fails.cause))
        }
        (Wanted::Refused { error, message }, Outcome::Refused { error: got, text }) => {
            let mut found = Vec::new();
            if error != got {
                found.extend(differs("refused/error", &format!("a refusal as {error}")));
            }
            let at = at("refused/message_contains");
            found.extend(contains(message, text, &at, asked.facts)?);
            found
        }
        (Wanted::Refused { error, .. }, _) => {
            differs("refused", &format!("a refusal as {error}, before anybody is called"))
        }
        (Wanted::AnyOf(several), _) => {
            let mut reasons = Vec::new();
            for (place, one) in several {
                let found = wanted(one, place, outcome, asked)?;
                if found.is_empty() {
                    return Ok(found);
                }
                reasons.extend(found.into_iter().map(|each| each.text));
            }
            let text = format!("none of the outcomes fits: {}", reasons.join("; "));
            vec![Difference { at: at("any_of"), text }]
        }
    })
}

/// Whose answer or failure it is: the plugin's own, where the case names nobody.
fn answered_by(expect: &Expect, outcome: &Outcome, asked: Asked<'_>) -> Found {
    let wanted = expect.by.as_deref().unwrap_or(asked.facts.plugin);
    match outcome {
        Outcome::Answer { by, .. } | Outcome::Failed { plugin: by, .. } if by != wanted => {
            let text = format!("expected {wanted} to be called, it was {by}");
            vec![Difference { at: join(&expect.at, "by"), text }]
        }
        _ => Vec::new(),
    }
}

fn all(checks: &[Check], value: &Value, asked: Asked<'_>) -> Result<Found, String> {
    let mut found = Vec::new();
    for check in checks {
        match check {
            Check::Equals(wanted, at) => {
                let wanted = asked.facts.fill(wanted)?;
                if let Some((place, wanted, got)) = first_difference(&wanted, value, "") {
                    let shown = |value: Option<&Value>| value.map_or("nothing".into(), short);
                    let (wanted, got) = (shown(wanted), shown(got));
                    let named = if place.is_empty() { "the value" } else { &place };
                    let text = format!("{named}: expected {wanted}, got {got}");
                    found.push(Difference { at: format!("{at}{place}"), text });
                }
            }
            Check::Matches(pattern) => found.extend(pattern.differences(value, asked.facts)?),
            Check::OutputSchema(at) => found.extend(fits(&asked.hook.output, value, at)),
            Check::Schema(schema, at) => found.extend(fits(schema, value, at)),
        }
    }
    Ok(found)
}

fn fits(schema: &hookspec_spec::Schema, value: &Value, at: &str) -> Option<Difference> {
    let violations = schema.validate(value).err()?;
    let text = format!("expected what fits the schema, got {}: {violations}", short(value));
    Some(Difference { at: at.to_owned(), text })
}

fn failed(fails: &Fails, outcome: &Outcome, at: &str, asked: Asked<'_>) -> Result<Found, String> {
    let Outcome::Failed { cause, code, text, data, .. } = outcome else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    let mut differ = |key: &str, wanted: &str| {
        let text = format!("expected {wanted}, got {outcome}");
        found.push(Difference { at: join(at, key), text });
    };
    if fails.cause != *cause {
        differ("cause", &format!("the plugin to have {}", fails.cause));
    }
    if let Some(wanted) = fails.code.as_ref().filter(|wanted| Some(*wanted) != code.as_ref()) {
        differ("code", &format!("the code {wanted}"));
    }
    found.extend(contains(&fails.message, text, &join(at, "message_contains"), asked.facts)?);
    if let Some(pattern) = &fails.data {
        found.extend(pattern.differences(data, asked.facts)?);
    }
    Ok(found)
}

/// Every part that a text lacks.
pub(super) fn contains(
    parts: &[String],
    text: &str,
    at: &str,
    facts: &Facts<'_>,
) -> Result<Found, String> {
    let mut found = Vec::new();
    for part in parts {
        let filled = facts.fill(&Value::String(part.clone()))?;
        let part = filled.as_str().map_or_else(|| filled.to_string(), str::to_owned);
        if !text.contains(&part) {
            let text = format!("expected a text with {part:?}, got {text:?}");
            found.push(Difference { at: at.to_owned(), text });
        }
    }
    Ok(found)
}
