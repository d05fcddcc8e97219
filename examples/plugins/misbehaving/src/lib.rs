//! Plugins that misbehave: they panic, hang, answer nonsense or fail to start.
//!
//! They exist to be present in the tour, beside plugins that work, so that one can see that the
//! others answer all the same and the caller learns who failed and how. Nobody should copy them.
//!
//! | plugin | kind | what it does |
//! |---|---|---|
//! | `panicking-listener` | lifecycle_listener | panics on every event |
//! | `hanging-listener` | lifecycle_listener | never answers |
//! | `panicking-tools` | tool_provider | panics |
//! | `hanging-tools` | tool_provider | never answers |
//! | `nonsense-tools` | tool_provider | answers an object, where a list belongs |
//! | `unready-tools` | tool_provider | fails in setup, and is never called |
//! | `panicking-rewriter` | query_rewriter | panics between two that work |
//! | `hanging-rewriter` | query_rewriter | never answers |
//! | `nonsense-rewriter` | query_rewriter | changes the language, which the kind forbids |
//! | `panicking-files` | file_processor | supports `panic` files, and panics |
//! | `hanging-files` | file_processor | supports `hang` files, and never answers |
//! | `nonsense-files` | file_processor | supports `nonsense` files, and answers a number |
//!
//! All have priority 30: in the middle, so that plugins that work come before and after them.
//!
//! Absent on purpose: what cannot be survived inside one process (`abort`, a stack overflow, memory
//! that is overwritten), and blocking the thread, which the executor `thread` is for (ISO-1).

#![forbid(unsafe_code)]

mod hanging;
mod nonsense;
mod panicking;
mod unready;

use std::sync::Arc;

use hookspec::Plugin;
use hookspec::kinds::file_processor::FileProcessorPlugin;
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use hookspec::kinds::query_rewriter::QueryRewriterPlugin;
use hookspec::kinds::tool_provider::ToolProviderPlugin;

pub use hanging::Hanging;
pub use nonsense::{AnotherLanguage, Nonsense};
pub use panicking::Panicking;
pub use unready::Unready;

/// All of them.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![
        Arc::new(LifecycleListenerPlugin::from(Panicking)),
        Arc::new(LifecycleListenerPlugin::from(Hanging)),
        Arc::new(ToolProviderPlugin::from(Panicking)),
        Arc::new(ToolProviderPlugin::from(Hanging)),
        Arc::new(Nonsense::tools()),
        Arc::new(ToolProviderPlugin::<Unready>::new()),
        Arc::new(QueryRewriterPlugin::from(Panicking)),
        Arc::new(QueryRewriterPlugin::from(Hanging)),
        Arc::new(QueryRewriterPlugin::from(AnotherLanguage)),
        Arc::new(FileProcessorPlugin::from(Panicking)),
        Arc::new(FileProcessorPlugin::from(Hanging)),
        Arc::new(Nonsense::files()),
    ]
}

#[cfg(test)]
mod tests;
