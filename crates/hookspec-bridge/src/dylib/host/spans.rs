//! Log records and spans of a plugin, as records and spans of this process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use slotmap::{DefaultKey, Key, KeyData, SlotMap};
use tracing::Span;

use crate::dylib::abi::HOOKSPEC_LOG_WARN;
use crate::dylib::abi::{HOOKSPEC_LOG_DEBUG, HOOKSPEC_LOG_ERROR, HOOKSPEC_LOG_INFO};

/// The spans that an instance has open.
#[derive(Debug, Default)]
pub(super) struct Spans(Mutex<SlotMap<DefaultKey, Span>>);

/// A plugin that opens spans and never closes them gets no more than this.
const MOST: usize = 4096;

impl Spans {
    /// Opens a span; 0 where nobody listens, or the plugin has too many.
    pub(super) fn open(
        &self,
        parent: Option<&Span>,
        level: i32,
        plugin: &str,
        name: &str,
        fields: &str,
    ) -> u64 {
        let parent = parent.and_then(Span::id);
        // Level and name of a span are part of the program text; the plugin's are data.
        macro_rules! span {
            ($level:ident) => {
                tracing::$level!(
                    target: "hookspec::plugin",
                    parent: parent,
                    "plugin_span",
                    plugin,
                    name,
                    fields
                )
            };
        }
        let span = match level {
            HOOKSPEC_LOG_ERROR => span!(error_span),
            HOOKSPEC_LOG_WARN => span!(warn_span),
            HOOKSPEC_LOG_INFO => span!(info_span),
            HOOKSPEC_LOG_DEBUG => span!(debug_span),
            _ => return 0,
        };
        let mut spans = self.lock();
        if span.is_disabled() || spans.len() >= MOST {
            return 0;
        }
        spans.insert(span).data().as_ffi()
    }

    pub(super) fn get(&self, id: u64) -> Option<Span> {
        self.lock().get(KeyData::from_ffi(id).into()).cloned()
    }

    pub(super) fn close(&self, id: u64) -> bool {
        let closed = self.lock().remove(KeyData::from_ffi(id).into());
        // Dropped outside the lock: a subscriber runs.
        closed.is_some()
    }

    fn lock(&self) -> MutexGuard<'_, SlotMap<DefaultKey, Span>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes a record; `false` where the level is none.
pub(super) fn log(
    span: Option<&Span>,
    level: i32,
    plugin: &str,
    target: &str,
    message: &str,
    fields: &str,
) -> bool {
    let none = Span::none();
    let _entered = span.unwrap_or(&none).enter();
    let (part, fields) = (some(target), some(fields));
    macro_rules! event {
        ($level:ident) => {
            tracing::$level!(target: "hookspec::plugin", plugin, part, fields, "{message}")
        };
    }
    match level {
        HOOKSPEC_LOG_ERROR => event!(error),
        HOOKSPEC_LOG_WARN => event!(warn),
        HOOKSPEC_LOG_INFO => event!(info),
        HOOKSPEC_LOG_DEBUG => event!(debug),
        _ => return false,
    }
    true
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
