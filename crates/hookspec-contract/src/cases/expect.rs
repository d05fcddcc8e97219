//! Reads what a case expects: of a call, and afterwards.

use hookspec_host::{CauseClass, State};
use hookspec_spec::{DispatchClass, Hook, Schema};
use serde_json::Value;

use super::mistake::{Fields, Report, join, wrong};
use super::model::{After, Check, Expect, Fails, FileCheck, Wanted};
use super::pattern::Pattern;
use super::placeholder;

/// The outcomes; `equals`, `matches` and `schema` may stand together.
const OUTCOMES: [&str; 9] = [
    "equals",
    "matches",
    "schema",
    "unchanged",
    "stopped",
    "delivered",
    "fails",
    "refused",
    "any_of",
];

/// What a dispatch can be refused with, before any plugin is called.
pub(super) const REFUSALS: [&str; 3] = ["invalid_input", "no_capable_handler", "ambiguous_plugin"];

pub(super) fn read(
    report: &mut Report<'_>,
    value: &Value,
    at: &str,
    hook: &Hook,
) -> Option<Expect> {
    let known = [OUTCOMES.as_slice(), &["by", "within_ms", "alike"]].concat();
    let fields = Fields::of(report, value, at, &known)?;
    let wanted = wanted(report, &fields, hook);
    let by = fields.text(report, "by").map(str::to_owned);
    let within = fields.milliseconds(report, "within_ms");
    let alike = fields.flag(report, "alike");
    Some(Expect { at: at.to_owned(), wanted: wanted?, by, within, alike })
}

fn wanted(report: &mut Report<'_>, fields: &Fields<'_>, hook: &Hook) -> Option<Wanted> {
    let of_answers = ["equals", "matches", "schema"];
    let mut there: Vec<&str> = OUTCOMES.into_iter().filter(|key| fields.has(key)).collect();
    let first = there.first().copied();
    if of_answers.iter().any(|key| fields.has(key)) {
        there.retain(|key| !of_answers.contains(key));
        there.push("an answer");
    }
    if there.len() != 1 {
        let (count, all) = (there.len(), OUTCOMES.join(", "));
        let message = format!("{count} outcomes are expected; say exactly one of: {all}");
        report.add(&fields.at, message);
        return None;
    }
    let key = first?;
    let class = hook.dispatch;
    let fits = match key {
        "unchanged" | "stopped" => class == DispatchClass::Chain,
        "delivered" => class == DispatchClass::BroadcastNotify,
        "equals" | "matches" | "schema" => class != DispatchClass::BroadcastNotify,
        _ => true,
    };
    if !fits {
        let message =
            format!("a {class} hook such as `{}` never has the outcome `{key}`", hook.name);
        report.add(&fields.at(key), message);
    }
    match key {
        "unchanged" => fields.flag(report, key).then_some(Wanted::Unchanged),
        "stopped" => fields.flag(report, key).then_some(Wanted::Stopped),
        "delivered" => fields.flag(report, key).then_some(Wanted::Delivered),
        "fails" => fails(report, fields),
        "refused" => refused(report, fields),
        "any_of" => any_of(report, fields, hook),
        _ => answer(report, fields),
    }
}

fn answer(report: &mut Report<'_>, fields: &Fields<'_>) -> Option<Wanted> {
    let mut checks = Vec::new();
    if let Some(value) = fields.get("equals") {
        let at = fields.at("equals");
        placeholder::check(report, value, &at);
        checks.push(Check::Equals(value.clone(), at));
    }
    if let Some(value) = fields.get("matches") {
        checks.extend(Pattern::read(report, value, &fields.at("matches")).map(Check::Matches));
    }
    let at = fields.at("schema");
    match fields.get("schema") {
        None => {}
        Some(Value::String(word)) if word == "output" => checks.push(Check::OutputSchema(at)),
        Some(value @ (Value::Object(_) | Value::Bool(_))) => match Schema::compile(value.clone()) {
            Ok(schema) => checks.push(Check::Schema(schema, at)),
            Err(found) => report.add(&at, format!("not a JSON Schema: {found}")),
        },
        Some(other) => wrong(report, &at, "`output` or a JSON Schema", other),
    }
    (!checks.is_empty()).then_some(Wanted::Answer(checks))
}

fn fails(report: &mut Report<'_>, fields: &Fields<'_>) -> Option<Wanted> {
    let known = ["cause", "code", "message_contains", "data"];
    let fields = Fields::of(report, fields.get("fails")?, fields.at("fails"), &known)?;
    fields.required(report, "cause");
    let cause = fields.text(report, "cause").and_then(|word| {
        let cause = CauseClass::ALL.into_iter().find(|cause| cause.as_str() == word);
        if cause.is_none() {
            let all = CauseClass::ALL.map(CauseClass::as_str).join(", ");
            report
                .add(&fields.at("cause"), format!("no cause is called `{word}`; there are: {all}"));
        }
        cause
    });
    for key in ["code", "data"].into_iter().filter(|key| fields.has(key)) {
        if cause.is_some_and(|cause| cause != CauseClass::Faulted) {
            report.add(&fields.at(key), format!("only a plugin that `faulted` says a `{key}`"));
        }
    }
    let code = fields.text(report, "code").map(str::to_owned);
    let message = texts(report, &fields, "message_contains");
    let data = match fields.get("data") {
        Some(value) => Some(Pattern::read(report, value, &fields.at("data"))?),
        None => None,
    };
    Some(Wanted::Fails(Fails { cause: cause?, code, message, data }))
}

fn refused(report: &mut Report<'_>, fields: &Fields<'_>) -> Option<Wanted> {
    let known = ["error", "message_contains"];
    let fields = Fields::of(report, fields.get("refused")?, fields.at("refused"), &known)?;
    fields.required(report, "error");
    let error = fields.text(report, "error")?;
    if !REFUSALS.contains(&error) {
        let message =
            format!("nothing is refused as `{error}`; there are: {}", REFUSALS.join(", "));
        report.add(&fields.at("error"), message);
    }
    let message = texts(report, &fields, "message_contains");
    Some(Wanted::Refused { error: error.to_owned(), message })
}

fn any_of(report: &mut Report<'_>, fields: &Fields<'_>, hook: &Hook) -> Option<Wanted> {
    let at = fields.at("any_of");
    let value = fields.get("any_of")?;
    let Some(several) = value.as_array().filter(|several| several.len() > 1) else {
        wrong(report, &at, "a list of at least two outcomes", value);
        return None;
    };
    // Who answers, and how fast, is said once for all of them.
    let read = |(index, each)| {
        let at = format!("{at}/{index}");
        let fields = Fields::of(report, each, at.clone(), &OUTCOMES)?;
        Some((at, wanted(report, &fields, hook)?))
    };
    let several: Vec<Option<_>> = several.iter().enumerate().map(read).collect();
    several.into_iter().collect::<Option<_>>().map(Wanted::AnyOf)
}

/// What holds when the calls are over.
pub(super) fn after(report: &mut Report<'_>, value: &Value, at: &str) -> Option<After> {
    let fields = Fields::of(report, value, at, &["state", "reason_contains", "files"])?;
    let states = [State::Ready, State::Degraded, State::Unavailable];
    let state = fields.text(report, "state").and_then(|word| {
        let state = states.into_iter().find(|state| state.as_str() == word);
        if state.is_none() {
            let all = states.map(State::as_str).join(", ");
            report.add(&fields.at("state"), format!("`state` must be one of: {all}"));
        }
        state
    });
    let reason = texts(report, &fields, "reason_contains");
    let mut files = Vec::new();
    for (name, check) in fields.object(report, "files").into_iter().flatten() {
        let at = join(&fields.at("files"), name);
        file_name(report, name, &at);
        files.extend(file(report, check, &at).map(|check| (name.clone(), check)));
    }
    if fields.map.is_empty() {
        report.add(at, "`after` checks nothing; leave it out");
    }
    Some(After { state, reason, files })
}

fn file(report: &mut Report<'_>, value: &Value, at: &str) -> Option<FileCheck> {
    let fields = Fields::of(report, value, at, &["absent", "text", "json_lines"])?;
    if fields.map.len() != 1 {
        report.add(at, "say one of: absent, text, json_lines");
        return None;
    }
    if fields.flag(report, "absent") {
        return Some(FileCheck::Absent(at.to_owned()));
    }
    let (key, value) = fields.map.iter().next()?;
    let pattern = Pattern::read(report, value, &join(at, key))?;
    match key.as_str() {
        "text" => Some(FileCheck::Text(pattern)),
        "json_lines" => Some(FileCheck::JsonLines(pattern)),
        _ => None,
    }
}

/// Files of a case stay in its folder.
pub(super) fn file_name(report: &mut Report<'_>, name: &str, at: &str) {
    let plain = |part: &str| !part.is_empty() && part != "." && part != "..";
    if !name.split('/').all(plain) || name.contains('\\') {
        report.add(at, format!("`{name}` is no name of a file in the case's folder"));
    }
}

pub(super) fn texts(report: &mut Report<'_>, fields: &Fields<'_>, key: &str) -> Vec<String> {
    let texts = fields.texts(report, key);
    for (at, text) in &texts {
        placeholder::check(report, &Value::String((*text).to_owned()), at);
    }
    texts.into_iter().map(|(_, text)| text.to_owned()).collect()
}
