//! A kind as the emitters see it: its hooks with the names they get in Rust, and its documents.

use std::path::Path;

use hookspec_spec::{DispatchClass, Hook, Kind, Schema};

use crate::model::translate::Document;
use crate::names::{self, Scope};

/// A kind with the names it gets in Rust.
pub(crate) struct KindView<'a> {
    pub(crate) kind: &'a Kind,
    /// The author's trait.
    pub(crate) author: String,
    /// The adapter from the trait to a plugin.
    pub(crate) plugin: String,
    /// The typed callers.
    pub(crate) calls: String,
    pub(crate) hooks: Vec<HookView<'a>>,
}

/// A hook with the names it gets in Rust.
pub(crate) struct HookView<'a> {
    pub(crate) hook: &'a Hook,
    /// Which documents it speaks; for a chain twice the same.
    pub(crate) input: usize,
    pub(crate) output: usize,
    /// The author's method.
    pub(crate) method: String,
    /// The author's method that narrows a capability.
    pub(crate) matches: Option<String>,
    /// The typed callers' methods.
    pub(crate) call: CallNames,
}

/// What the methods of one hook are called on the typed callers.
pub(crate) struct CallNames {
    pub(crate) plain: String,
    pub(crate) with: String,
    pub(crate) sync: String,
    pub(crate) sync_with: String,
    pub(crate) detached: String,
    pub(crate) has: String,
}

impl KindView<'_> {
    /// Names that no payload type may have.
    pub(crate) fn reserved(&self) -> [&str; 3] {
        [&self.author, &self.plugin, &self.calls]
    }
}

/// Reads a kind: its view, and every document its hooks speak, each once.
pub(crate) fn view(kind: &Kind) -> (KindView<'_>, Vec<Document>) {
    let mut documents: Vec<Document> = Vec::new();
    let mut methods = Scope::default();
    let mut calls = Scope::with(&["new"]);
    let named: Vec<(String, String)> = kind
        .hooks
        .iter()
        .map(|hook| {
            let name = names::value(hook.name.as_str());
            // A hook has its own name wherever it can: what is derived makes way.
            (methods.take(name.clone(), "_"), calls.take(name, "_"))
        })
        .collect();
    let mut hooks = Vec::new();
    for (hook, (method, plain)) in kind.hooks.iter().zip(named) {
        let chain = hook.dispatch == DispatchClass::Chain;
        let capability = hook.dispatch == DispatchClass::Capability;
        let part = |part: &str| format!("{} {part}", hook.name);
        let input_name = part(if chain { "value" } else { "input" });
        let input = document(&mut documents, kind, &hook.input, &input_name, chain, capability);
        let output = match hook.dispatch {
            // One value goes in and out, and what comes out of a notification nobody reads.
            DispatchClass::Chain | DispatchClass::BroadcastNotify => input,
            _ => document(&mut documents, kind, &hook.output, &part("output"), false, false),
        };
        let matches = capability.then(|| {
            let name =
                if methods.has("matches") { format!("matches_{method}") } else { "matches".into() };
            methods.take(name, "_")
        });
        let mut derived = |text: String| calls.take(text, "_");
        let call = CallNames {
            with: derived(format!("{plain}_with")),
            sync: derived(format!("{plain}_sync")),
            sync_with: derived(format!("{plain}_sync_with")),
            detached: derived(format!("{plain}_detached")),
            has: derived(format!("has_{plain}")),
            plain,
        };
        hooks.push(HookView { hook, input, output, method, matches, call });
    }
    let author = names::type_name(kind.name.as_str());
    let view = KindView {
        kind,
        plugin: format!("{author}Plugin"),
        calls: format!("{author}Calls"),
        author,
        hooks,
    };
    (view, documents)
}

fn document(
    documents: &mut Vec<Document>,
    kind: &Kind,
    schema: &Schema,
    hook_part: &str,
    faithful: bool,
    routed: bool,
) -> usize {
    let fingerprint = schema.fingerprint();
    if let Some(index) = documents.iter().position(|known| known.fingerprint == fingerprint) {
        documents[index].faithful |= faithful;
        documents[index].routed |= routed;
        return index;
    }
    let (label, name) = match schema.source() {
        Some(path) => (relative(path, &kind.source), stem(path)),
        None => (hook_part.to_owned(), hook_part.to_owned()),
    };
    let value = schema.document().clone();
    documents.push(Document { value, fingerprint, label, name, faithful, routed });
    documents.len() - 1
}

/// A schema's path as one says it beside the hookspec: the same on every machine.
fn relative(schema: &Path, hookspec: &Path) -> String {
    let mut up = String::new();
    for folder in hookspec.ancestors().skip(1) {
        if let Ok(rest) = schema.strip_prefix(folder) {
            return format!("{up}{}", slashes(rest));
        }
        up.push_str("../");
    }
    schema.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn stem(path: &Path) -> String {
    path.file_stem().map_or_else(|| "payload".into(), |stem| stem.to_string_lossy().into_owned())
}
