//! What the host lends to one plugin: its configuration, the resources it declared, its log.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use hookspec_plugin::{Level, Peers, PluginName, Resource, Services};
use serde_json::{Map, Value};

use crate::registry::Home;

/// The host's side of a plugin's [`Context`](hookspec_plugin::Context).
pub(crate) struct HostServices {
    pub(crate) plugin: PluginName,
    pub(crate) config: Changing,
    /// The way to the other plugins.
    pub(crate) home: Home,
    /// Calls of the plugin that somebody awaits.
    pub(crate) in_flight: Arc<AtomicUsize>,
    /// Only what the manifest declares and the host has.
    pub(crate) resources: BTreeMap<String, Resource>,
}

impl Services for HostServices {
    fn config(&self) -> &Value {
        self.config.now()
    }

    fn peers(&self) -> Option<&dyn Peers> {
        Some(&self.home)
    }

    fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Acquire)
    }

    fn resource(&self, name: &str) -> Option<&Resource> {
        self.resources.get(name)
    }

    fn resource_names(&self) -> Vec<&str> {
        self.resources.keys().map(String::as_str).collect()
    }

    fn log(&self, level: Level, message: &str, fields: &Map<String, Value>) {
        let plugin = self.plugin.as_str();
        // The level of a tracing event is part of the program text; the plugin's is data.
        macro_rules! event {
            ($level:ident) => {
                if fields.is_empty() {
                    tracing::$level!(target: "hookspec::plugin", plugin, "{message}")
                } else {
                    let fields = Value::Object(fields.clone());
                    tracing::$level!(target: "hookspec::plugin", plugin, %fields, "{message}")
                }
            };
        }
        match level {
            Level::Error => event!(error),
            Level::Warn => event!(warn),
            Level::Info => event!(info),
            Level::Debug => event!(debug),
        }
    }
}

/// A value that may be followed by another while it is read. Those before stay as long as the
/// plugin's instance does: somebody may look at them.
pub(crate) struct Changing {
    value: Value,
    next: OnceLock<Box<Changing>>,
}

impl Changing {
    pub(crate) fn new(value: Value) -> Self {
        Self { value, next: OnceLock::new() }
    }

    fn last(&self) -> &Self {
        let mut last = self;
        while let Some(next) = last.next.get() {
            last = next;
        }
        last
    }

    fn now(&self) -> &Value {
        &self.last().value
    }

    /// Only one change of a registry is made at a time.
    pub(crate) fn follow(&self, value: Value) {
        let _ = self.last().next.set(Box::new(Self::new(value)));
    }
}
