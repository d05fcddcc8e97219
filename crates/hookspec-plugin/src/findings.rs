//! [`Findings`]: what a host has found out about a payload and need not find out again.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// What a host has found out about a payload.
///
/// A payload is immutable, so what was found stays true: a plugin that answers the same payload
/// every time has it measured and validated once. A lost update costs that work again, nothing more.
#[derive(Debug, Default)]
pub struct Findings {
    // One more than the bytes; zero: not measured.
    size: AtomicUsize,
    // Zero: by none.
    accepted_by: AtomicU64,
}

impl Findings {
    /// The bytes of its JSON, and that it is nested no deeper than can be read back; `None`: not
    /// measured yet.
    #[inline]
    pub fn size(&self) -> Option<usize> {
        self.size.load(Relaxed).checked_sub(1)
    }

    /// Remembers the bytes of its JSON.
    #[inline]
    pub fn measured(&self, bytes: usize) {
        self.size.store(bytes.saturating_add(1), Relaxed);
    }

    /// Whether the schema with this identity accepted it last.
    #[inline]
    pub fn is_accepted_by(&self, schema: u64) -> bool {
        schema != 0 && self.accepted_by.load(Relaxed) == schema
    }

    /// Remembers the schema that accepts it.
    #[inline]
    pub fn accepted(&self, schema: u64) {
        self.accepted_by.store(schema, Relaxed);
    }
}
