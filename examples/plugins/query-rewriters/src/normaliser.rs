//! [`Normaliser`]: brings the text of a query into one form. Comes first, so that those after it
//! need not care how somebody typed. Absent: stemming, and anything that depends on the language.

use hookspec_plugin::{Call, Fault, Flow, HookFuture, HookName, Manifest, Plugin, Reply};

use crate::{HOOKS, Query, manifest, unknown_hook};

/// Trims the text, makes it lower case and leaves one space between words.
#[derive(Debug)]
pub struct Normaliser(Manifest);

impl Normaliser {
    /// A normaliser; it needs no setup.
    pub fn new() -> Self {
        Self(manifest("normaliser", "Trims, lower-cases and collapses spaces", 100))
    }

    fn rewrite(query: &Query) -> Flow<Query> {
        let words: Vec<&str> = query.text.split_whitespace().collect();
        let text = words.join(" ").to_lowercase();
        if text == query.text {
            return Flow::Unchanged;
        }
        Flow::Next(Query { text, ..query.clone() })
    }

    fn answer(call: &Call<'_>) -> Result<Flow<Query>, Fault> {
        match call.hook().as_str() {
            "rewrite" => Ok(Self::rewrite(&*call.input.typed::<Query>()?)),
            _ => unknown_hook(call.hook()),
        }
    }
}

impl Default for Normaliser {
    fn default() -> Self {
        Self::new()
    }
}

impl Plugin for Normaliser {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn hooks(&self) -> &[HookName] {
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(Self::answer(&call).map(Reply::from))
    }
}

#[cfg(test)]
mod tests {
    use hookspec_plugin::Caller;
    use serde_json::json;

    use super::*;
    use crate::testing::rewrite;

    #[test]
    fn one_form_for_every_way_of_typing() {
        for (typed, expected) in [
            ("  Cheap \t CAR\n", Some("cheap car")),
            ("ÄRGER", Some("ärger")),
            ("   ", Some("")),
            ("cheap car", None),
            ("", None),
        ] {
            let query = json!({ "text": typed, "terms": ["Keep"], "filters": { "Year": 1 } });
            let after = rewrite(&Normaliser::new(), &Caller::new(), query.clone()).unwrap();
            let expected = expected.map(|text| {
                let mut query = query;
                query["text"] = text.into();
                query
            });
            assert_eq!(after, expected, "{typed:?}");
        }
    }

    #[test]
    fn a_value_that_is_no_query_is_a_fault() {
        let fault = rewrite(&Normaliser::new(), &Caller::new(), json!("cheap car")).unwrap_err();
        assert_eq!(fault.code(), "payload_mismatch");
    }
}
