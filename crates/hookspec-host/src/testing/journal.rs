//! [`Journal`]: what happened to puppets, in order.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hookspec_plugin::{HookName, PluginName};
use serde_json::Value;

/// What happened to puppets, in order. Clones are the same journal, so that several puppets can
/// write into one.
#[derive(Clone, Debug, Default)]
pub struct Journal(Arc<Mutex<Vec<Happening>>>);

/// Something that happened to a puppet.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// Its setup ended well.
    SetUp(PluginName),
    /// Its setup failed.
    SetUpFailed(PluginName),
    /// A hook of it was called; recorded before it does anything else.
    Called {
        /// The puppet.
        plugin: PluginName,
        /// The hook.
        hook: HookName,
        /// What it was called with.
        input: Value,
    },
    /// A hook computed something that its class drops.
    Observed {
        /// The puppet.
        plugin: PluginName,
        /// What it computed.
        value: Value,
    },
    /// The future of a hook was dropped before it had answered.
    Dropped(PluginName),
    /// Its teardown ended well.
    TornDown(PluginName),
    /// Its teardown failed.
    TearDownFailed(PluginName),
}

impl Journal {
    /// An empty journal.
    pub fn new() -> Self {
        Self::default()
    }

    /// Everything so far.
    pub fn entries(&self) -> Vec<Happening> {
        self.lock().clone()
    }

    /// The names of the puppets whose hooks were called, in the order the calls began.
    pub fn calls(&self) -> Vec<String> {
        let entries = self.lock();
        let called = entries.iter().filter_map(|entry| match entry {
            Happening::Called { plugin, .. } => Some(plugin.to_string()),
            _ => None,
        });
        called.collect()
    }

    /// Whether something happened.
    pub fn has(&self, happening: &Happening) -> bool {
        self.lock().contains(happening)
    }

    pub(crate) fn write(&self, happening: Happening) {
        self.lock().push(happening);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Happening>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
