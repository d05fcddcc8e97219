//! One file of events, read into a namespace and its declarations.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use hookspec_plugin::{EventType, SecurityLevel};
use serde_json::Value;

use super::{EventDeclaration, EventNamespace, Place};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::document::{Document, shorten};
use crate::hookspec::semver;
use crate::reader::{Codes, Object, Report, object, read_yaml};
use crate::schema::{Loader, Schema};

const CODES: Codes = Codes {
    unknown_key: codes::EVENTS_UNKNOWN_KEY,
    missing: codes::EVENTS_MISSING_KEY,
    wrong_type: codes::EVENTS_WRONG_TYPE,
    unknown_value: codes::EVENTS_UNKNOWN_VALUE,
    // A file of events has no numbers.
    out_of_range: codes::EVENTS_WRONG_TYPE,
};

const KEYS: [&str; 5] = ["namespace", "version", "description", "open", "events"];

const EVENT_KEYS: [&str; 7] =
    ["type", "description", "data_schema", "since", "deprecated", "metadata", "security_level"];

const SEGMENTS: &str = "write segments of letters, digits, `_` and `-`, with dots between them";

/// What one file declares.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) namespace: EventNamespace,
    pub(crate) declarations: Vec<EventDeclaration>,
}

/// Reads one file and the schemas it names. It declares something when nothing in it is an error.
pub(crate) fn read(path: &Path, loader: &mut Loader<'_>) -> (Option<File>, Vec<Diagnostic>) {
    read_yaml(path, loader, &CODES, file)
}

fn file(document: &Document, loader: &mut Loader<'_>, report: &mut Report<'_>) -> Option<File> {
    let Value::Object(fields) = document.value() else {
        let hint = "write `namespace:`, `version:` and `events:`";
        report.error_with(codes::EVENTS_NOT_OBJECT, "", "a file of events is an object", hint);
        return None;
    };
    let top = Object { fields, pointer: String::new() };
    top.only(report, &KEYS);
    let name = namespace(&top, document.path(), report);
    let version = semver(&top, report, "version", codes::EVENTS_BAD_VERSION);
    let description = top.text(report, "description").map(str::to_owned);
    let open = top.flag(report, "open").unwrap_or_default();
    if top.get("events").is_none() {
        top.missing(report, "events", "add `events:` and a list; an empty one is `events: []`");
    }
    let mut declarations = Vec::new();
    let mut types: HashMap<&str, usize> = HashMap::new();
    for (index, value) in top.list(report, "events").into_iter().flatten().enumerate() {
        let Some(fields) = object(report, value, format!("/events/{index}")) else { continue };
        if let Some(event_type) = fields.get("type").and_then(Value::as_str) {
            if let Some(first) = types.get(event_type) {
                let shown = shorten(event_type);
                let message = format!("`{shown}` is there already, as number {}", first + 1);
                let (code, hint) = (codes::EVENTS_DUPLICATE_TYPE, "remove one of the two");
                report.error_with(code, &fields.at("type"), message, hint);
            } else {
                types.insert(event_type, index);
            }
        }
        declarations.extend(declaration(&fields, name, document, loader, report));
    }
    let namespace = EventNamespace {
        name: name?.to_owned(),
        version: version?,
        description,
        open,
        file: document.path().to_owned(),
        place: Place::of(document, "/namespace".into()),
    };
    Some(File { namespace, declarations })
}

fn namespace<'a>(top: &Object<'a>, path: &Path, report: &mut Report<'_>) -> Option<&'a str> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if top.get("namespace").is_none() {
        let known = if is_name(stem) { stem } else { "my_namespace" };
        top.missing(report, "namespace", &format!("add `namespace: {known}`"));
    }
    let name = top.text(report, "namespace")?;
    let at = top.at("namespace");
    if !is_name(name) {
        let message = format!("`{}` is no namespace", shorten(name));
        report.error_with(codes::EVENTS_BAD_NAMESPACE, &at, message, better(name));
        return None;
    }
    if name != stem {
        let name = shorten(name);
        let message =
            format!("the file is named {}.yaml, and its namespace `{name}`", shorten(stem));
        let hint = format!("rename the file to {name}.yaml, or correct `namespace`");
        report.error_with(codes::EVENTS_FILE_NAME, &at, message, hint);
    }
    Some(name)
}

/// Reads one declaration; every mistake is reported, so that what is returned may be incomplete.
fn declaration(
    fields: &Object<'_>,
    namespace: Option<&str>,
    document: &Document,
    loader: &mut Loader<'_>,
    report: &mut Report<'_>,
) -> Option<EventDeclaration> {
    fields.only(report, &EVENT_KEYS);
    let event_type = event_type(fields, namespace, report);
    let has_schema = fields.get("data_schema").is_some();
    let schema = schema(fields, document.path(), loader, report);
    let text = |report: &mut Report<'_>, key| fields.text(report, key).map(str::to_owned);
    let (description, since) = (text(report, "description"), text(report, "since"));
    let deprecated = text(report, "deprecated");
    let metadata = metadata(fields, report);
    let levels = [("normal", SecurityLevel::Normal), ("high", SecurityLevel::High)];
    let security_level = fields.choice(report, "security_level", &levels).unwrap_or_default();
    Some(EventDeclaration {
        event_type: event_type?,
        description,
        schema: schema?,
        has_schema,
        since,
        deprecated,
        metadata,
        security_level,
        file: document.path().to_owned(),
        place: Place::of(document, fields.at("type")),
    })
}

fn event_type(
    fields: &Object<'_>,
    namespace: Option<&str>,
    report: &mut Report<'_>,
) -> Option<EventType> {
    let own = namespace.unwrap_or("my_namespace");
    if fields.get("type").is_none() {
        fields.missing(report, "type", &format!("add `type: {own}.something`"));
    }
    let text = fields.text(report, "type")?;
    let at = fields.at("type");
    let Ok(event_type) = EventType::parse(text) else {
        let message = format!("`{}` is no event type", shorten(text));
        report.error_with(codes::EVENTS_BAD_TYPE, &at, message, better(text));
        return None;
    };
    // Without a namespace, that is what is wrong.
    if namespace.is_some_and(|own| text == own || !event_type.is_below(own)) {
        let shown = shorten(text);
        let message = format!("`{shown}` does not lie below the namespace `{own}`");
        let hint = match text.contains('.') {
            true => "move it into the file of its namespace, or correct it".to_owned(),
            false => format!("did you mean `{own}.{shown}`?"),
        };
        report.error_with(codes::EVENTS_STRAY_TYPE, &at, message, hint);
        return None;
    }
    Some(event_type)
}

/// `None`: there is a mistake, which is reported.
fn schema(
    fields: &Object<'_>,
    path: &Path,
    loader: &mut Loader<'_>,
    report: &mut Report<'_>,
) -> Option<Schema> {
    let Some(value) = fields.get("data_schema") else { return Some(Schema::anything()) };
    let at = fields.at("data_schema");
    match value {
        Value::String(given) => match loader.find(path, given) {
            Ok(file) => loader.schema(&file),
            Err((code, message, hint)) => {
                report.error_with(code, &at, message, hint);
                None
            }
        },
        Value::Object(_) => match Schema::compile(value.clone()) {
            Ok(schema) => Some(schema),
            Err(found) => {
                for each in &found {
                    let at = format!("{at}{}", each.pointer);
                    match &each.hint {
                        Some(hint) => report.error_with(each.code, &at, &each.message, hint),
                        None => report.error(each.code, &at, &each.message),
                    }
                }
                None
            }
        },
        other => {
            report.wrong_type(&at, "a JSON Schema or a path to one", other);
            None
        }
    }
}

fn metadata(fields: &Object<'_>, report: &mut Report<'_>) -> BTreeMap<String, String> {
    let Some(keys) = fields.object(report, "metadata") else { return BTreeMap::new() };
    let described = keys.fields.keys().filter_map(|key| {
        let text = keys.text(report, key)?;
        Some((key.clone(), text.to_owned()))
    });
    described.collect()
}

/// What to write instead of a text that is no type.
fn better(text: &str) -> String {
    match super::pattern::better(text).filter(|better| is_name(better)) {
        Some(better) => format!("did you mean `{better}`?"),
        None => SEGMENTS.to_owned(),
    }
}

/// Namespaces are made of the segments that types are made of.
fn is_name(text: &str) -> bool {
    EventType::parse(text).is_ok()
}
