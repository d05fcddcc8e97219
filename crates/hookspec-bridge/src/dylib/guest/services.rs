//! What a plugin in a shared library may use of its host.

use hookspec_plugin::{Level, Resource, Services};
use serde_json::{Map, Value};

use super::link::Link;
use super::trace;

/// The plugin's side of its context. Resources do not cross: a host keeps a plugin that requires
/// one unavailable.
pub(super) struct GuestServices {
    link: Link,
    config: Value,
}

impl GuestServices {
    pub(super) fn new(link: Link) -> Self {
        Self { config: link.config(), link }
    }
}

impl Services for GuestServices {
    fn config(&self) -> &Value {
        &self.config
    }

    fn resource(&self, _: &str) -> Option<&Resource> {
        None
    }

    fn resource_names(&self) -> Vec<&str> {
        Vec::new()
    }

    fn log(&self, level: Level, message: &str, fields: &Map<String, Value>) {
        self.link.log(trace::current_call(), level, message, fields);
    }
}
