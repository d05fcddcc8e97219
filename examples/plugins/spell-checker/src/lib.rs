//! A `query_rewriter` in a shared library that answers later, from a thread of its own: it adds the
//! known word that a misspelt one was meant to be.
//!
//! The dictionary belongs to one thread, as a connection to a database would. A hook sends it a
//! question and awaits the answer; whichever side the host gives up on first, nothing is left over.
//! Absent: a dictionary worth having.

#![forbid(unsafe_code)]

use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use futures::channel::oneshot;
use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::{CallContext, Component, Context, Fault, Flow, Teardown};

hookspec::export!(SpellChecker);

/// Adds known words to the terms of a query.
#[derive(Debug)]
pub struct SpellChecker {
    questions: SyncSender<Question>,
}

#[derive(Debug)]
struct Question {
    text: String,
    answer: oneshot::Sender<Vec<String>>,
}

const WORDS: &[&str] = &["automobile", "documentation", "extension", "plugin", "registry"];

/// Questions that may wait: beyond that the host is told rather than kept waiting.
const WAITING: usize = 256;

/// Words that are less alike than this were not meant.
const ALIKE: f64 = 0.8;

#[hookspec::async_trait]
impl Component for SpellChecker {
    async fn setup(_: &Context) -> Result<Self, Fault> {
        let (questions, asked) = sync_channel::<Question>(WAITING);
        let answer = move || {
            // Ends when the plugin, and with it the sender, is gone.
            for Question { text, answer } in asked {
                // Whoever gave up does not listen any more.
                let _ = answer.send(meant(&text));
            }
        };
        thread::Builder::new().name("spell-checker".into()).spawn(answer)?;
        tracing::info!(words = WORDS.len(), "the dictionary is open");
        Ok(Self { questions })
    }

    async fn teardown(&self) -> Result<Teardown, Fault> {
        tracing::info!("the dictionary is closed");
        Ok(Teardown::Clean)
    }
}

#[hookspec::plugin(manifest = "plugin.toml")]
impl QueryRewriter for SpellChecker {
    async fn rewrite(&self, _: &CallContext<'_>, query: &Query) -> Result<Flow<Query>, Fault> {
        let (answer, answered) = oneshot::channel();
        let question = Question { text: query.text.clone(), answer };
        self.questions.try_send(question).map_err(|error| Fault::from(error).retryable())?;
        let mut terms = query.terms.clone();
        for word in answered.await? {
            if !terms.contains(&word) {
                terms.push(word);
            }
        }
        if terms.len() == query.terms.len() {
            return Ok(Flow::Unchanged);
        }
        Ok(Flow::Next(Query { terms, ..query.clone() }))
    }
}

/// The known words that the words of a text were meant to be.
fn meant(text: &str) -> Vec<String> {
    let known = |word: &str| {
        let likely = |known: &&&str| strsim::jaro_winkler(word, known) >= ALIKE;
        let by_likeness = |one: &&&str, other: &&&str| {
            strsim::jaro_winkler(word, one).total_cmp(&strsim::jaro_winkler(word, other))
        };
        WORDS.iter().filter(likely).max_by(by_likeness).map(|known| (*known).to_owned())
    };
    let words = text.split_whitespace().map(str::to_lowercase);
    words.filter(|word| !WORDS.contains(&word.as_str())).filter_map(|word| known(&word)).collect()
}

#[cfg(test)]
mod tests {
    use hookspec::kinds::query_rewriter::{QueryRewriterCalls, QueryRewriterPlugin};
    use hookspec::{Caller, Registry};

    use super::*;

    const HOOKSPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../hookspecs");

    #[test]
    fn a_misspelt_word_is_found_and_a_known_one_left_alone() {
        let plugin = QueryRewriterPlugin::<SpellChecker>::new();
        let builder = Registry::builder().hookspecs(HOOKSPECS).plugin(plugin);
        let registry = builder.start_blocking().unwrap();
        let calls = QueryRewriterCalls::new(&registry).unwrap();
        for (text, terms) in [
            ("regsitry of Plugni", &["registry", "plugin"][..]),
            ("plugin registry", &[]),
            ("entirely other", &[]),
            ("", &[]),
        ] {
            let query = Query {
                text: text.into(),
                language: None,
                terms: Vec::new(),
                filters: Default::default(),
                tenant_id: None,
            };
            let chained = registry.block_on(calls.rewrite(&Caller::new(), query)).unwrap();
            assert_eq!(chained.value.terms, terms, "{text}");
        }
        registry.stop().unwrap();
    }
}
