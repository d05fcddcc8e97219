//! What a plugin is called with: samples of its hooks' schemas, so made that the plugin is the one who
//! is chosen.

use hookspec_plugin::Manifest;
use hookspec_spec::{DispatchClass, Hook};
use serde_json::{Map, Value, json};

use crate::generate::{Generator, Nothing, Sort};

/// Small contents: one of them is what a plugin of any common format can read.
pub(crate) const CONTENTS: [&str; 16] = [
    "",
    "one\ntwo\n",
    "{}",
    "{\"a\": [1]}\n",
    "[]",
    "a = 1\n",
    "[a]\nb = 1\n",
    "a: 1\n",
    "# A\n\ntext\n",
    "<a/>\n",
    "<!doctype html><title>a</title><p>b</p>\n",
    "a,b\n1,2\n",
    "fn main() {}\n",
    "def f():\n    pass\n",
    "int main(void) { return 0; }\n",
    "{\"a\": 1}\n{\"a\": 2}\n",
];

/// Inputs of one sort for one hook of a plugin.
///
/// # Errors
/// Why there are none.
pub(crate) fn inputs(
    manifest: &Manifest,
    hook: &Hook,
    sort: Sort,
    seed: u64,
    at_most: usize,
) -> Result<Vec<Value>, Nothing> {
    // A megabyte says as much as ten.
    let at_most = if sort == Sort::Large { at_most.min(4) } else { at_most };
    let samples = samples(hook, sort, seed, at_most)?;
    let mut found: Vec<Value> = Vec::new();
    for sample in samples {
        let sample = routed(manifest, hook, sample);
        if !found.contains(&sample) {
            found.push(sample);
        }
    }
    if sort == Sort::Valid && hook.dispatch == DispatchClass::Capability {
        found.extend(with_contents(manifest, hook, found.first()));
    }
    Ok(found)
}

/// An input with contents that somebody may be able to read, where the hook takes a `content`.
fn with_contents(manifest: &Manifest, hook: &Hook, base: Option<&Value>) -> Vec<Value> {
    let Some(Value::Object(fields)) = base else { return Vec::new() };
    let with = |content: &&str| {
        let mut fields = fields.clone();
        fields.insert("content".into(), (*content).into());
        routed(manifest, hook, Value::Object(fields))
    };
    CONTENTS.iter().map(with).filter(|input| hook.input.is_valid(input)).collect()
}

/// What hooks are called with when any input will do: the examples, then others.
pub(crate) fn ordinary(manifest: &Manifest, hook: &Hook, seed: u64, at_most: usize) -> Vec<Value> {
    let mut found = examples(hook);
    found.extend(samples(hook, Sort::Valid, seed, at_most).unwrap_or_default());
    let mut routed_ones: Vec<Value> = Vec::new();
    for input in found {
        let input = routed(manifest, hook, input);
        if !routed_ones.contains(&input) {
            routed_ones.push(input);
        }
    }
    routed_ones.truncate(at_most.max(1));
    routed_ones
}

/// Inputs that the hook's schema refuses.
pub(crate) fn refused(hook: &Hook, seed: u64, at_most: usize) -> Vec<Value> {
    Generator::new(&hook.input, &examples(hook), seed).invalid(at_most)
}

fn samples(hook: &Hook, sort: Sort, seed: u64, at_most: usize) -> Result<Vec<Value>, Nothing> {
    Generator::new(&hook.input, &examples(hook), seed).samples(sort, at_most)
}

fn examples(hook: &Hook) -> Vec<Value> {
    hook.examples.iter().map(|each| each.input.clone()).collect()
}

/// An input that is changed so that a capability hook chooses this plugin for it: what it declares is
/// what is asked for. An input that the schema no longer accepts stays as it was.
pub(crate) fn routed(manifest: &Manifest, hook: &Hook, input: Value) -> Value {
    if hook.dispatch != DispatchClass::Capability {
        return input;
    }
    let Value::Object(fields) = &input else { return input };
    let mut changed = fields.clone();
    if manifest.fallback {
        for field in ["extension", "language", "mime_type"] {
            changed.shift_remove(field);
        }
        changed.shift_remove("capabilities");
    } else {
        declare(&mut changed, "extension", &manifest.supports_extensions);
        declare(&mut changed, "language", &manifest.supports_languages);
        declare(&mut changed, "mime_type", &manifest.supports_mime_types);
        if changed.contains_key("capabilities") {
            changed.insert("capabilities".into(), json!({ "required": manifest.capabilities }));
        }
    }
    let changed = Value::Object(changed);
    if hook.input.is_valid(&changed) { changed } else { input }
}

/// A field that routes says what the plugin declares; one that it declares nothing for is left out.
fn declare(fields: &mut Map<String, Value>, field: &str, declared: &[String]) {
    match (declared.first(), fields.get(field).and_then(Value::as_str)) {
        (Some(_), Some(own)) if declared.iter().any(|each| each.eq_ignore_ascii_case(own)) => {}
        (Some(first), _) => {
            fields.insert(field.into(), first.clone().into());
        }
        (None, _) => {
            fields.shift_remove(field);
        }
    }
}
