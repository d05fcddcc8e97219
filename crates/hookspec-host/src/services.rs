//! What the host lends to one plugin: its configuration, the resources it declared, its log.

use std::collections::BTreeMap;

use hookspec_plugin::{Level, PluginName, Resource, Services};
use serde_json::{Map, Value};

/// The host's side of a plugin's [`Context`](hookspec_plugin::Context).
pub(crate) struct HostServices {
    pub(crate) plugin: PluginName,
    pub(crate) config: Value,
    /// Only what the manifest declares and the host has.
    pub(crate) resources: BTreeMap<String, Resource>,
}

impl Services for HostServices {
    fn config(&self) -> &Value {
        &self.config
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
