//! [`Normaliser`]: brings the text of a query into one form. Comes first, so that those after it
//! need not care how somebody typed. Absent: stemming, and anything that depends on the language.

use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::{CallContext, Fault, Flow};

/// Trims the text, makes it lower case and leaves one space between words.
#[derive(Debug, Default)]
pub struct Normaliser;

#[hookspec::plugin(
    name = "normaliser",
    version = "0.1.0",
    description = "Trims, lower-cases and collapses spaces",
    license = "MIT OR Apache-2.0",
    priority = 100
)]
impl QueryRewriter for Normaliser {
    async fn rewrite(&self, _: &CallContext<'_>, query: &Query) -> Result<Flow<Query>, Fault> {
        let words: Vec<&str> = query.text.split_whitespace().collect();
        let text = words.join(" ").to_lowercase();
        if text == query.text {
            return Ok(Flow::Unchanged);
        }
        Ok(Flow::Next(Query { text, ..query.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use hookspec::Caller;
    use hookspec::kinds::query_rewriter::QueryRewriterPlugin;
    use serde_json::{Map, Value};

    use super::*;
    use crate::testing::{query, rewrite, start};

    #[test]
    fn one_form_for_every_way_of_typing() {
        let registry = start(QueryRewriterPlugin::from(Normaliser), Value::Null);
        for (typed, expected) in [
            ("  Cheap \t CAR\n", Some("cheap car")),
            ("ÄRGER", Some("ärger")),
            ("   ", Some("")),
            ("cheap car", None),
            ("", None),
        ] {
            let filters = Map::from_iter([("Year".to_owned(), 1.into())]);
            let query = Query { terms: vec!["Keep".into()], filters, ..query(typed) };
            let after = rewrite(&registry, &Caller::new(), &query).unwrap();
            let expected = expected.map(|text| Query { text: text.into(), ..query });
            assert_eq!(after, expected, "{typed:?}");
        }
    }
}
