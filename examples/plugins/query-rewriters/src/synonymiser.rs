//! [`Synonymiser`]: adds words that mean the same. Shows configuration that is read once, in
//! `setup`, and refused there when it is wrong. Absent: synonyms of more than one word.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, Flow, HookFuture, HookName, Manifest, Plugin, Reply,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{HOOKS, Query, manifest, unknown_hook};

type Table = BTreeMap<String, Vec<String>>;

/// Adds the synonyms of the words of the text to the terms.
///
/// Configuration, optional: `{ "synonyms": { "car": ["automobile"] } }` instead of its own table.
/// Words are compared as they are, so it belongs behind the [`Normaliser`](crate::Normaliser).
#[derive(Debug)]
pub struct Synonymiser {
    manifest: Manifest,
    table: OnceLock<Table>,
}

impl Synonymiser {
    /// A synonymiser that has not read its configuration yet.
    pub fn new() -> Self {
        let manifest = Manifest {
            config_schema: Some(json!({
                "type": "object",
                "additionalProperties": false,
                "required": ["synonyms"],
                "properties": {
                    "synonyms": {
                        "type": "object",
                        "additionalProperties": { "type": "array", "items": { "type": "string" } }
                    }
                }
            })),
            ..manifest("synonymiser", "Adds words that mean the same", 50)
        };
        Self { manifest, table: OnceLock::new() }
    }

    fn configure(&self, config: &Value) -> Result<(), Fault> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Config {
            synonyms: Table,
        }
        let table = match config {
            Value::Null => built_in(),
            config => {
                Config::deserialize(config)
                    .map_err(|error| {
                        let message = format!("the configuration of synonymiser: {error}");
                        Fault::new("config_invalid", message)
                    })?
                    .synonyms
            }
        };
        self.table
            .set(table)
            .map_err(|_| Fault::new("already_set_up", "synonymiser is set up once"))
    }

    fn rewrite(&self, query: &Query) -> Result<Flow<Query>, Fault> {
        let table = self
            .table
            .get()
            .ok_or_else(|| Fault::new("not_set_up", "synonymiser was called before its setup"))?;
        let mut terms = query.terms.clone();
        let words = query.text.split_whitespace();
        for synonym in words.filter_map(|word| table.get(word)).flatten() {
            if !terms.contains(synonym) {
                terms.push(synonym.clone());
            }
        }
        if terms.len() == query.terms.len() {
            return Ok(Flow::Unchanged);
        }
        Ok(Flow::Next(Query { terms, ..query.clone() }))
    }

    fn answer(&self, call: &Call<'_>) -> Result<Flow<Query>, Fault> {
        match call.hook().as_str() {
            "rewrite" => self.rewrite(&*call.input.typed::<Query>()?),
            _ => unknown_hook(call.hook()),
        }
    }
}

impl Default for Synonymiser {
    fn default() -> Self {
        Self::new()
    }
}

impl Plugin for Synonymiser {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        HOOKS
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { self.configure(context.config()) })
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(self.answer(&call).map(Reply::from))
    }
}

fn built_in() -> Table {
    [
        ("bug", &["defect", "fault"][..]),
        ("car", &["automobile"]),
        ("cheap", &["inexpensive", "low-cost"]),
        ("docs", &["documentation"]),
        ("fast", &["quick", "rapid"]),
        ("plugin", &["extension", "add-on"]),
    ]
    .into_iter()
    .map(|(word, synonyms)| (word.to_owned(), synonyms.iter().map(|&s| s.to_owned()).collect()))
    .collect()
}

#[cfg(test)]
mod tests {
    use hookspec_plugin::Caller;

    use super::*;
    use crate::testing::{rewrite, setup};

    fn terms(config: Value, text: &str, before: Value) -> Option<Value> {
        let plugin = Synonymiser::new();
        setup(&plugin, config).unwrap();
        let query = json!({ "text": text, "terms": before, "filters": {} });
        let after = rewrite(&plugin, &Caller::new(), query).unwrap();
        after.map(|query| query["terms"].clone())
    }

    #[test]
    fn adds_what_is_not_there_yet() {
        let own = json!({ "synonyms": { "car": ["voiture"] } });
        for (config, text, before, after) in [
            (Value::Null, "cheap car", json!([]), json!(["inexpensive", "low-cost", "automobile"])),
            (Value::Null, "car", json!(["taxi"]), json!(["taxi", "automobile"])),
            (own.clone(), "cheap car", json!([]), json!(["voiture"])),
            (own.clone(), "car car", json!([]), json!(["voiture"])),
        ] {
            assert_eq!(terms(config, text, before), Some(after), "{text}");
        }
        assert_eq!(terms(own.clone(), "bicycle", json!([])), None);
        assert_eq!(terms(own, "car", json!(["voiture"])), None);
    }

    #[test]
    fn refuses_a_wrong_configuration_and_a_second_setup() {
        for wrong in [json!({ "synonym": {} }), json!({ "synonyms": { "car": "taxi" } }), json!(3)]
        {
            let fault = setup(&Synonymiser::new(), wrong).unwrap_err();
            assert_eq!(fault.code(), "config_invalid", "{fault}");
        }
        let plugin = Synonymiser::new();
        setup(&plugin, Value::Null).unwrap();
        assert_eq!(setup(&plugin, Value::Null).unwrap_err().code(), "already_set_up");
    }

    #[test]
    fn a_call_before_setup_is_a_fault() {
        let query = json!({ "text": "car", "terms": [], "filters": {} });
        let fault = rewrite(&Synonymiser::new(), &Caller::new(), query).unwrap_err();
        assert_eq!(fault.code(), "not_set_up");
    }
}
