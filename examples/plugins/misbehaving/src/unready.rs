//! [`Unready`]: fails in setup, so that nobody ever calls it.

use hookspec::kinds::tool_provider::{Empty, ToolProvider, Tools};
use hookspec::{CallContext, Component, Context, Fault};

/// What setup never makes: there is no value of this type.
#[derive(Debug)]
pub enum Unready {}

#[hookspec::async_trait]
impl Component for Unready {
    async fn setup(_: &Context) -> Result<Self, Fault> {
        Err(Fault::new("no_backend", "the service that lists the tools does not answer"))
    }
}

#[hookspec::plugin(
    name = "unready-tools",
    version = "0.1.0",
    description = "Fails to start",
    license = "MIT OR Apache-2.0",
    priority = 30
)]
impl ToolProvider for Unready {
    async fn list_tools(&self, _: &CallContext<'_>, _: &Empty) -> Result<Tools, Fault> {
        // The compiler knows as well that this is not reached.
        match *self {}
    }
}
