//! One hook of a hookspec file.

use std::path::Path;
use std::time::Duration;

use hookspec_plugin::HookName;
use serde_json::Value;

use super::{digest, name};
use crate::class::{DispatchClass, ErrorPolicy, Mode};
use crate::codes;
use crate::events::pattern;
use crate::model::{Example, Hook};
use crate::reader::{Object, Report, is_pointer, object, whole};
use crate::schema::{Containment, Loader, Schema, contained};

const KEYS: [&str; 17] = [
    "name",
    "dispatch",
    "description",
    "input_schema",
    "output_schema",
    "mcp_exposed",
    "mcp_tool_name_template",
    "event",
    "error_policy",
    "mode",
    "timeout_ms",
    "required",
    "since",
    "deprecated",
    "idempotent",
    "writable",
    "examples",
];

const TEMPLATE: &str = "{kind}.{plugin}.{hook}";
const PLACEHOLDERS: [&str; 4] = ["kind", "plugin", "hook", "function"];

/// Reads one hook; every mistake is reported, so that what is returned may be incomplete.
pub(super) fn read(
    fields: &Object<'_>,
    path: &Path,
    loader: &mut Loader<'_>,
    report: &mut Report<'_>,
) -> Option<Hook> {
    fields.only(report, &KEYS);
    let name = name(fields, report, "name", "add `name: on_something`");
    if fields.get("dispatch").is_none() {
        let hint = "add `dispatch:` and one of singleton, broadcast_collect, broadcast_notify, chain, capability";
        fields.missing(report, "dispatch", hint);
    }
    let classes: Vec<_> = DispatchClass::ALL.iter().map(|class| (class.as_str(), *class)).collect();
    let class = fields.choice(report, "dispatch", &classes);
    let input = schema(fields, "input_schema", path, loader, report);
    let output = schema(fields, "output_schema", path, loader, report);
    let modes = [("async", Mode::Async), ("sync", Mode::Sync)];
    let policies = [("fail_fast", ErrorPolicy::FailFast), ("best_effort", ErrorPolicy::BestEffort)];
    let mode = fields.choice(report, "mode", &modes).unwrap_or_default();
    let policy = fields.choice(report, "error_policy", &policies);
    let exposed = fields.flag(report, "mcp_exposed");
    if let Some(class) = class {
        class_rules(fields, class, exposed, report);
    }
    let event = fields.text(report, "event");
    let event =
        event.and_then(|text| pattern::read(report, codes::BAD_EVENT, &fields.at("event"), text));
    let writable = writable(fields, report);
    let text = |report: &mut Report<'_>, key| fields.text(report, key).map(str::to_owned);
    let (description, since) = (text(report, "description"), text(report, "since"));
    let deprecated = text(report, "deprecated");
    let required = fields.flag(report, "required").unwrap_or_default();
    let idempotent = fields.flag(report, "idempotent").unwrap_or_default();
    let (timeout, template) = (timeout(fields, report), template(fields, report));
    // From here on a schema is needed: what does not need one is checked by now.
    let (input, output) = both(fields, class, input?, output?, report);
    let examples = examples(fields, &input, &output, class, report);
    Some(Hook {
        description,
        timeout,
        required,
        idempotent,
        since,
        deprecated,
        mcp_tool_name_template: template,
        digest: digest::of(class?, mode, &input, &output),
        name: HookName::from(name?),
        dispatch: class?,
        input,
        output,
        event,
        error_policy: policy.unwrap_or_default(),
        mode,
        writable,
        examples,
        mcp_exposed: exposed.unwrap_or(true),
    })
}

/// `None`: there is a mistake, which is reported.
fn schema(
    fields: &Object<'_>,
    key: &str,
    path: &Path,
    loader: &mut Loader<'_>,
    report: &mut Report<'_>,
) -> Option<Schema> {
    if fields.get(key).is_none() {
        return Some(Schema::anything());
    }
    let given = fields.text(report, key)?;
    match loader.find(path, given) {
        Ok(file) => loader.schema(&file),
        Err((code, message, hint)) => {
            report.error_with(code, &fields.at(key), message, hint);
            None
        }
    }
}

/// What a class forbids.
fn class_rules(
    fields: &Object<'_>,
    class: DispatchClass,
    exposed: Option<bool>,
    report: &mut Report<'_>,
) {
    use DispatchClass::{BroadcastCollect, BroadcastNotify, Chain};
    let mut forbid = |key: &str, allowed: &str, hint: &str| {
        if fields.get(key).is_some() {
            let message = format!("`{key}` means nothing for {class}; {allowed}");
            report.error_at_key(codes::NOT_FOR_CLASS, &fields.at(key), message, hint);
        }
    };
    if class == BroadcastNotify {
        forbid(
            "output_schema",
            "nothing comes back from a notification",
            "remove it, or choose broadcast_collect",
        );
    }
    if !matches!(class, BroadcastCollect | Chain) {
        forbid("error_policy", "it is for broadcast_collect and chain", "remove it");
    }
    if class != BroadcastNotify {
        let hint = "remove it, or choose broadcast_notify";
        forbid("event", "only a notification is called for events", hint);
    }
    if class != Chain {
        forbid("writable", "it is for chain", "remove it");
    }
    if class == Chain && exposed == Some(false) {
        let hint = "remove the line";
        let message = "a chain must not say `mcp_exposed: false`: every link must be reachable";
        report.error_with(codes::CHAIN_EXPOSED, &fields.at("mcp_exposed"), message, hint);
    }
}

/// Both schemas as the class reads them: a chain has one for its value (CHAIN-1).
fn both(
    fields: &Object<'_>,
    class: Option<DispatchClass>,
    input: Schema,
    output: Schema,
    report: &mut Report<'_>,
) -> (Schema, Schema) {
    if class != Some(DispatchClass::Chain) || fields.get("output_schema").is_none() {
        let output = if class == Some(DispatchClass::Chain) { input.clone() } else { output };
        return (input, output);
    }
    if input.source() == output.source() && input.source().is_some() {
        return (input, output);
    }
    let (message, hint) = match contained(&output, &input) {
        Containment::Yes => return (input, output),
        Containment::No => (
            "output_schema accepts values that input_schema does not: the next link could not take them",
            "a chain has one value schema: remove output_schema",
        ),
        Containment::Undecided => (
            "it is undecided whether every value that output_schema accepts is accepted by input_schema",
            "remove output_schema, or name the same document in both",
        ),
    };
    report.error_with(codes::CHAIN_SCHEMAS, &fields.at("output_schema"), message, hint);
    (input, output)
}

fn timeout(fields: &Object<'_>, report: &mut Report<'_>) -> Option<Duration> {
    let value = fields.get("timeout_ms")?;
    let at = fields.at("timeout_ms");
    match whole(value) {
        None => report.wrong_type(&at, "a whole number", value),
        Some(Ok(milliseconds @ 1..)) => return Some(Duration::from_millis(milliseconds)),
        Some(_) => report.out_of_range(&at, "a whole number above 0", value),
    }
    None
}

fn writable(fields: &Object<'_>, report: &mut Report<'_>) -> Option<Vec<String>> {
    let items = fields.list(report, "writable")?;
    let mut pointers = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = format!("{}/{index}", fields.at("writable"));
        match item {
            Value::String(text) if is_pointer(text) => pointers.push(text.clone()),
            Value::String(text) => {
                let message = format!("`{}` is no JSON pointer", crate::document::shorten(text));
                let hint = format!(
                    "did you mean `/{}`?",
                    crate::document::shorten(text.trim_start_matches(['/', '$', '.']))
                        .replace('.', "/")
                );
                report.error_with(codes::BAD_WRITABLE, &at, message, hint);
            }
            other => report.wrong_type(&at, "a JSON pointer", other),
        }
    }
    Some(pointers)
}

fn template(fields: &Object<'_>, report: &mut Report<'_>) -> String {
    const KEY: &str = "mcp_tool_name_template";
    let Some(text) = fields.text(report, KEY) else { return TEMPLATE.to_owned() };
    let at = fields.at(KEY);
    let wrong = |report: &mut Report<'_>, message: String| {
        let hint = "the placeholders are {kind}, {plugin}, {hook} and {function}";
        report.error_with(codes::BAD_TEMPLATE, &at, message, hint);
    };
    if text.trim().is_empty() {
        wrong(report, "the template is empty".into());
    }
    let mut rest = text;
    while let Some(start) = rest.find(['{', '}']) {
        let after = &rest[start + 1..];
        let Some((name, next)) = after.split_once('}').filter(|_| rest[start..].starts_with('{'))
        else {
            wrong(report, "a brace of the template has no partner".into());
            break;
        };
        if !PLACEHOLDERS.contains(&name) {
            let name = crate::document::shorten(name);
            wrong(report, format!("unknown placeholder `{{{name}}}`"));
        }
        rest = next;
    }
    text.to_owned()
}

fn examples(
    fields: &Object<'_>,
    input: &Schema,
    output: &Schema,
    class: Option<DispatchClass>,
    report: &mut Report<'_>,
) -> Vec<Example> {
    let mut examples = Vec::new();
    for (index, value) in fields.list(report, "examples").into_iter().flatten().enumerate() {
        let at = format!("{}/{index}", fields.at("examples"));
        let Some(example) = object(report, value, at) else { continue };
        example.only(report, &["input", "output"]);
        let Some(given) = example.get("input") else {
            example.missing(report, "input", "add `input:`; null is a value too");
            continue;
        };
        satisfies(report, &example.at("input"), given, input, "input_schema");
        let answer = example.get("output");
        match (answer, class) {
            (Some(_), Some(DispatchClass::BroadcastNotify)) => {
                let message = "nothing comes back from a notification";
                report.error_at_key(
                    codes::NOT_FOR_CLASS,
                    &example.at("output"),
                    message,
                    "remove it",
                );
            }
            (Some(answer), _) => {
                satisfies(report, &example.at("output"), answer, output, "output_schema");
            }
            (None, _) => {}
        }
        examples.push(Example { input: given.clone(), output: answer.cloned() });
    }
    examples
}

fn satisfies(report: &mut Report<'_>, at: &str, value: &Value, schema: &Schema, name: &str) {
    let Err(violations) = schema.validate(value) else { return };
    for violation in &violations {
        let message = format!("the example does not satisfy {name}: {violation}");
        let at = format!("{at}{}", violation.instance);
        // A secret may stand on the same line as what is wrong.
        match schema.is_sensitive() {
            true => report.error_unseen(codes::BAD_EXAMPLE, &at, message),
            false => report.error(codes::BAD_EXAMPLE, &at, message),
        }
    }
}
