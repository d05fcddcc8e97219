//! Answers that the host refuses: [`AnotherLanguage`] changes what a kind forbids to change, and
//! [`Nonsense`] answers something that is no answer.

use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::{
    Call, CallContext, Fault, Flow, HookFuture, HookName, Manifest, Payload, Plugin, Reply,
};
use serde_json::{Value, json};

/// Changes the language of a query, which is not writable.
#[derive(Debug, Default)]
pub struct AnotherLanguage;

#[hookspec::plugin(
    name = "nonsense-rewriter",
    version = "0.1.0",
    description = "Answers nonsense",
    license = "MIT OR Apache-2.0",
    priority = 30
)]
impl QueryRewriter for AnotherLanguage {
    async fn rewrite(&self, _: &CallContext<'_>, query: &Query) -> Result<Flow<Query>, Fault> {
        Ok(Flow::Next(Query { language: Some("tlh".into()), ..query.clone() }))
    }
}

/// Answers any JSON, whatever the kind says.
///
/// With the kind's trait that does not compile, so this is a [`Plugin`] written by hand: what a
/// plugin in another process may answer at any time.
#[derive(Debug)]
pub struct Nonsense {
    manifest: Manifest,
    hooks: [HookName; 1],
    answer: Payload,
}

impl Nonsense {
    /// A `tool_provider` that answers an object, where a list belongs.
    pub fn tools() -> Self {
        let manifest = Manifest::new("nonsense-tools", "tool_provider");
        Self::new(manifest, "list_tools", json!({ "tools": "plenty" }))
    }

    /// A `file_processor` that answers a number.
    pub fn files() -> Self {
        let manifest = Manifest {
            supports_extensions: vec!["nonsense".into()],
            ..Manifest::new("nonsense-files", "file_processor")
        };
        Self::new(manifest, "process", json!(42))
    }

    /// A plugin with one hook and one answer.
    pub fn new(manifest: Manifest, hook: &'static str, answer: Value) -> Self {
        let manifest = Manifest {
            version: Some("0.1.0".into()),
            description: Some("Answers nonsense".into()),
            license: Some("MIT OR Apache-2.0".into()),
            priority: 30,
            ..manifest
        };
        Self { manifest, hooks: [HookName::from_static(hook)], answer: Payload::from_json(answer) }
    }
}

impl Plugin for Nonsense {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        &self.hooks
    }

    fn call<'a>(&'a self, _: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(Ok(Reply::Value(self.answer.clone())))
    }
}
