//! From a document whose references all point into it to a compiled [`Schema`].

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use hookspec_plugin::guard;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value, json};

use super::cycles::{self, Endless};
use super::{Compiled, Schema, mask, walk};
use crate::codes;
use crate::diagnostic::{Diagnostic, Diagnostics};

/// How large the automaton of one pattern may become, in bytes.
const MOST_PATTERN: usize = 2 * 1024 * 1024;
/// How many schemas, references and patterns one schema may hold: compiling costs more than
/// reading.
const MOST_SCHEMAS: usize = 20_000;
const MOST_REFERENCES: usize = 2_000;
const MOST_PATTERNS: usize = 500;
/// How many alternatives they may have together when every choice is multiplied out.
const MOST_BRANCHES: usize = 4_096;
/// How many schemas two schemas that are compared may hold each: comparing may cost a product.
const MOST_COMPARED: usize = 500;
/// The stack of a comparison, in bytes; what is not touched is not taken.
const COMPARISON_STACK: usize = 128 * 1024 * 1024;
/// How many mistakes are reported of one schema.
const MOST_MISTAKES: usize = 200;
/// The dialect that is spoken, and the only one that `$schema` may name.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A mistake in a schema: where, and what.
#[derive(Debug)]
pub(super) struct Mistake {
    pub(super) code: &'static str,
    pub(super) pointer: String,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl Mistake {
    pub(super) fn new(code: &'static str, pointer: &str, message: impl Into<String>) -> Self {
        Self { code, pointer: pointer.to_owned(), message: message.into(), hint: None }
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

pub(super) fn standalone(document: Value) -> Result<Schema, Diagnostics> {
    let mut mistakes = keywords(&document);
    let (anchors, schemas) = (walk::anchors(&document), walk::schemas(&document));
    walk::visit(&document, |pointer, schema| {
        for keyword in ["$ref", "$dynamicRef"] {
            let Some(reference) = schema.get(keyword).and_then(Value::as_str) else { continue };
            let at = format!("{pointer}/{keyword}");
            let shown = crate::document::shorten(reference);
            if !reference.starts_with('#') {
                let message = format!("`{shown}` leaves the document");
                let hint = "copy what it refers to into `$defs`";
                mistakes.push(Mistake::new(codes::REMOTE_REF, &at, message).hint(hint));
                continue;
            }
            let target = walk::resolve(&document, &anchors, reference);
            if let Some((what, hint)) = unfit(target, &schemas) {
                let message = format!("`{shown}` refers to {what}");
                mistakes.push(Mistake::new(codes::BAD_REF, &at, message).hint(hint));
            }
        }
    });
    if mistakes.is_empty() {
        match bundled(document, None) {
            Ok(schema) => return Ok(schema),
            Err(found) => mistakes = found,
        }
    }
    let found = mistakes.into_iter().map(|mistake| Diagnostic {
        pointer: mistake.pointer,
        hint: mistake.hint,
        ..Diagnostic::error(mistake.code, mistake.message)
    });
    match Diagnostics::split(found.collect()) {
        Err(diagnostics) => Err(diagnostics),
        Ok(_) => Err(Diagnostic::error(codes::BAD_SCHEMA, "the schema cannot be compiled").into()),
    }
}

/// Why a reference cannot be followed: what it refers to, and what to do. Beyond the places where
/// schemas stand nothing is looked at: no pattern, no cycle, and no mark of a secret.
pub(super) fn unfit(
    target: Option<&Value>,
    schemas: &HashSet<usize>,
) -> Option<(&'static str, &'static str)> {
    match target {
        None => Some(("nothing", "correct it, or add what it names")),
        Some(target) if schemas.contains(&std::ptr::from_ref(target).addr()) => None,
        Some(_) => Some(("a place where no schema stands", "move the schema into `$defs`")),
    }
}

/// What is wrong with the keywords of one document, references aside.
pub(super) fn keywords(document: &Value) -> Vec<Mistake> {
    let mut mistakes: Vec<Mistake> = Vec::new();
    if let Some(dialect) = document.get("$schema").and_then(Value::as_str)
        && dialect.trim_end_matches('#') != DIALECT
    {
        let message = format!("the dialect `{dialect}` is not spoken");
        let hint = format!("write \"{DIALECT}\", or remove the line");
        mistakes.push(Mistake::new(codes::BAD_SCHEMA, "/$schema", message).hint(hint));
        return mistakes;
    }
    let meta = jsonschema::draft202012::meta::validator();
    for error in meta.iter_errors(document) {
        if mistakes.len() >= MOST_MISTAKES {
            break;
        }
        let pointer = error.instance_path().as_str();
        // A pattern is checked below, with the engine that will match it.
        let is_format = error.kind().keyword() == "format";
        if !is_format && mistakes.iter().all(|known| known.pointer != pointer) {
            mistakes.push(keyword(pointer, &error));
        }
    }
    walk::visit(document, |place, schema| {
        if !place.is_empty() && schema.get("$id").is_some() && mistakes.len() < MOST_MISTAKES {
            let message = "an `$id` below the top of a document is not supported";
            mistakes.push(Mistake::new(codes::BAD_SCHEMA, &format!("{place}/$id"), message));
        }
        let keys = schema.get("patternProperties").and_then(Value::as_object);
        let keys = keys.into_iter().flat_map(|keys| keys.keys()).map(|key| {
            (key.as_str(), format!("{place}/patternProperties/{}", crate::document::escape(key)))
        });
        let own = schema.get("pattern").and_then(Value::as_str);
        for (text, at) in own.map(|text| (text, format!("{place}/pattern"))).into_iter().chain(keys)
        {
            if mistakes.len() < MOST_MISTAKES && pattern(text).is_err() {
                let message = format!(
                    "`{}` is no pattern, or cannot be matched without backtracking",
                    crate::document::shorten(text)
                );
                let hint = "write it without look-around and back-references";
                mistakes.push(Mistake::new(codes::BAD_PATTERN, &at, message).hint(hint));
            }
        }
    });
    mistakes
}

fn keyword(pointer: &str, error: &jsonschema::ValidationError<'_>) -> Mistake {
    const TYPES: [&str; 7] = ["null", "boolean", "object", "array", "number", "integer", "string"];
    if let (Some("type"), Some(text)) = (pointer.rsplit('/').next(), error.instance().as_str()) {
        let message = format!("`{}` is no type", crate::document::shorten(text));
        let hint = match crate::reader::nearest(text, &TYPES) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", TYPES.join(", ")),
        };
        return Mistake::new(codes::BAD_SCHEMA, pointer, message).hint(hint);
    }
    let message = mask::message(error, &mask::Secrets::none());
    Mistake::new(codes::BAD_SCHEMA, pointer, format!("this is no JSON Schema: {message}"))
}

/// A validator of one pattern alone.
pub(super) fn pattern(text: &str) -> Result<Validator, String> {
    build(&json!({ "pattern": text }))
}

fn build(document: &Value) -> Result<Validator, String> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .with_pattern_options(
            PatternOptions::regex().size_limit(MOST_PATTERN).dfa_size_limit(MOST_PATTERN),
        )
        .offline();
    // The document is input; a defect in the compiler must not take the host along.
    match guard::catch(|| options.build(document).map_err(|error| error.to_string())) {
        Ok(built) => built,
        Err(panic) => Err(format!("the schema compiler failed: {panic}")),
    }
}

/// Compiles a document whose references all resolve inside it.
pub(super) fn bundled(document: Value, source: Option<PathBuf>) -> Result<Schema, Vec<Mistake>> {
    if let Some(message) = too_much(&document) {
        return Err(vec![Mistake::new(codes::TOO_LARGE, "", message)]);
    }
    let twice = walk::ambiguous_anchors(&document);
    if !twice.is_empty() {
        let mistakes = twice.into_iter().map(|(at, name)| {
            let message = format!(
                "the anchor `{}` is there twice in the files of this schema",
                crate::document::shorten(&name)
            );
            let hint = "rename one of the two, or refer by a JSON pointer";
            Mistake::new(codes::BAD_REF, &at, message).hint(hint)
        });
        return Err(mistakes.collect());
    }
    let endless = cycles::find(&document, &walk::anchors(&document));
    if !endless.is_empty() {
        let mistakes = endless.into_iter().map(|each| match each {
            Endless::Cycle(at) => {
                let message = "the schema refers to itself without looking into the value: checking would never end";
                Mistake::new(codes::REF_CYCLE, &at, message)
                    .hint("break the cycle, or put a property or items between")
            }
            Endless::TooLong(at) => {
                Mistake::new(codes::REF_CYCLE, &at, "too many schemas apply to one value one through the other")
                    .hint("refer to less, or to it less often")
            }
        });
        return Err(mistakes.collect());
    }
    let validator = match accepts_anything(&document) {
        true => None,
        false => Some(
            build(&document).map_err(|error| vec![Mistake::new(codes::BAD_SCHEMA, "", error)])?,
        ),
    };
    let sensitive = mask::any(&document);
    Ok(Schema(Arc::new(Compiled { document, source, validator, sensitive, id: super::next_id() })))
}

fn too_much(document: &Value) -> Option<String> {
    let (mut schemas, mut references, mut patterns) = (0, 0, 0);
    walk::visit(document, |_, schema| {
        schemas += 1;
        references += usize::from(schema.get("$ref").is_some());
        references += usize::from(schema.get("$dynamicRef").is_some());
        patterns += usize::from(schema.get("pattern").is_some());
        let keyed = schema.get("patternProperties").and_then(Value::as_object);
        patterns += keyed.map_or(0, Map::len);
    });
    let (most, of) = match () {
        () if schemas > MOST_SCHEMAS => (MOST_SCHEMAS, "schemas"),
        () if references > MOST_REFERENCES => (MOST_REFERENCES, "references"),
        () if patterns > MOST_PATTERNS => (MOST_PATTERNS, "patterns"),
        () => return None,
    };
    Some(format!("the schema holds more than {most} {of}"))
}

/// Whether a schema holds nothing but descriptions.
fn accepts_anything(document: &Value) -> bool {
    const DESCRIBES: [&str; 8] =
        ["$schema", "$id", "$comment", "title", "description", "default", "examples", "deprecated"];
    match document {
        Value::Bool(accepts) => *accepts,
        Value::Object(fields) => fields.keys().all(|key| DESCRIBES.contains(&key.as_str())),
        _ => false,
    }
}

/// Whether one schema accepts only what another accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Containment {
    Yes,
    No,
    Undecided,
}

/// Whether everything that `inner` accepts is accepted by `outer`.
pub(crate) fn contained(inner: &Schema, outer: &Schema) -> Containment {
    let same = || without_descriptions(inner.document()) == without_descriptions(outer.document());
    if outer.accepts_anything() || same() {
        return Containment::Yes;
    }
    let size = |schema: &Schema| {
        let mut count = 0;
        walk::visit(schema.document(), |_, _| count += 1);
        count
    };
    let whole = size(inner).max(size(outer)) <= MOST_COMPARED;
    if !whole || branches(inner).saturating_mul(branches(outer)) > MOST_BRANCHES {
        return Containment::Undecided;
    }
    let canonical = |schema: &Schema| {
        jsonschema::canonical::options()
            .with_draft(Draft::Draft202012)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex().size_limit(MOST_PATTERN))
            .offline()
            .canonicalize(schema.document())
            .ok()
    };
    // The comparison is young code over arbitrary documents: when it fails, nothing is proved. It
    // recurses as deep as references lead, so that it gets a stack for all that is let in here.
    let compared = || guard::catch(|| canonical(outer)?.covers(&canonical(inner)?).ok());
    let answer = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(COMPARISON_STACK);
        let compared = thread.spawn_scoped(scope, compared).ok()?;
        compared.join().ok()?.ok().flatten()
    });
    match answer {
        Some(jsonschema::canonical::Containment::Yes) => Containment::Yes,
        Some(jsonschema::canonical::Containment::No) => Containment::No,
        _ => Containment::Undecided,
    }
}

/// The product of all choices in a schema, which comparing it may have to write out.
fn branches(schema: &Schema) -> usize {
    let mut product = 1_usize;
    walk::visit(schema.document(), |_, schema| {
        for keyword in ["anyOf", "oneOf"] {
            let choices = schema.get(keyword).and_then(Value::as_array).map_or(1, Vec::len);
            product = product.saturating_mul(choices.max(1));
        }
        let conditions = usize::from(schema.get("if").is_some())
            + schema.get("dependentSchemas").and_then(Value::as_object).map_or(0, Map::len);
        product = product
            .saturating_mul(2_usize.saturating_pow(conditions.try_into().unwrap_or(u32::MAX)));
    });
    product
}

/// A document without what two files with the same content may differ in.
fn without_descriptions(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(fields) = document.as_object_mut() {
        for key in ["$schema", "$id", "$comment", "title", "description"] {
            fields.shift_remove(key);
        }
    }
    document
}
