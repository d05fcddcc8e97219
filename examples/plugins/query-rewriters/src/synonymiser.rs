//! [`Synonymiser`]: adds words that mean the same. Shows configuration that is read once, in
//! `setup`, and refused there when it is wrong. Absent: synonyms of more than one word.

use std::collections::BTreeMap;

use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::{CallContext, Component, Context, Fault, Flow};
use serde::Deserialize;
use serde_json::Value;

/// Adds the synonyms of the words of the text to the terms.
///
/// Configuration, optional: `{ "synonyms": { "car": ["automobile"] } }` instead of its own table.
/// Words are compared as they are, so it belongs behind the [`Normaliser`](crate::Normaliser).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Synonymiser {
    #[serde(default = "built_in")]
    synonyms: BTreeMap<String, Vec<String>>,
}

#[hookspec::async_trait]
impl Component for Synonymiser {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        match ctx.config() {
            Value::Null => Ok(Self { synonyms: built_in() }),
            config => Self::deserialize(config).map_err(|error| {
                let message = format!("the configuration of synonymiser: {error}");
                Fault::new("config_invalid", message)
            }),
        }
    }
}

#[hookspec::plugin(
    name = "synonymiser",
    version = "0.1.0",
    description = "Adds words that mean the same",
    license = "MIT OR Apache-2.0",
    priority = 50,
    config_schema = {
        type = "object",
        additionalProperties = false,
        properties = {
            synonyms = {
                type = "object",
                additionalProperties = { type = "array", items = { type = "string" } }
            }
        }
    }
)]
impl QueryRewriter for Synonymiser {
    async fn rewrite(&self, _: &CallContext<'_>, query: &Query) -> Result<Flow<Query>, Fault> {
        let mut terms = query.terms.clone();
        let words = query.text.split_whitespace();
        for synonym in words.filter_map(|word| self.synonyms.get(word)).flatten() {
            if !terms.contains(synonym) {
                terms.push(synonym.clone());
            }
        }
        if terms.len() == query.terms.len() {
            return Ok(Flow::Unchanged);
        }
        Ok(Flow::Next(Query { terms, ..query.clone() }))
    }
}

fn built_in() -> BTreeMap<String, Vec<String>> {
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
    use hookspec::kinds::query_rewriter::QueryRewriterPlugin;
    use hookspec::{BlockingRegistry, Caller, Registry};
    use serde_json::json;

    use super::*;
    use crate::testing::{query, rewrite, start};

    fn configured(config: Value) -> BlockingRegistry {
        start(QueryRewriterPlugin::<Synonymiser>::new(), config)
    }

    #[test]
    fn adds_what_is_not_there_yet() {
        let built_in = configured(Value::Null);
        let own = configured(json!({ "synonyms": { "car": ["voiture"] } }));
        for (registry, text, before, after) in [
            (&built_in, "cheap car", "", Some("inexpensive low-cost automobile")),
            (&built_in, "car", "taxi", Some("taxi automobile")),
            (&own, "cheap car", "", Some("voiture")),
            (&own, "car car", "", Some("voiture")),
            (&own, "bicycle", "", None),
            (&own, "car", "voiture", None),
        ] {
            let terms = before.split_whitespace().map(str::to_owned).collect();
            let query = Query { terms, ..query(text) };
            let found = rewrite(registry, &Caller::new(), &query).unwrap();
            assert_eq!(found.map(|query| query.terms.join(" ")).as_deref(), after, "{text}");
        }
    }

    #[test]
    fn refuses_a_wrong_configuration() {
        for wrong in [json!({ "synonym": {} }), json!({ "synonyms": { "car": "taxi" } }), json!(3)]
        {
            // Its schema says so, before anything is set up.
            let refused = Registry::builder()
                .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs"))
                .plugin(QueryRewriterPlugin::<Synonymiser>::new())
                .config("synonymiser", wrong)
                .start_blocking();
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("synonymiser"), "{error}");
        }
    }
}
