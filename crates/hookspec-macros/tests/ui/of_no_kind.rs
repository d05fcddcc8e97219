//! Plugins that only receive events, or only wrap calls, and do not say of which kind they are; and
//! ones that do nothing.

use hookspec_macros::plugin;
use hookspec_plugin::{CallContext, Concluded, Event, Fault, Middleware, Subscriber};

#[derive(Default)]
struct Own;

#[plugin(root = ::hookspec_plugin, name = "own")]
impl Subscriber for Own {
    #[on("deploy.*")]
    async fn told(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }
}

#[plugin(root = ::hookspec_plugin, name = "wraps")]
impl Middleware for Own {
    async fn after(&self, _: &CallContext<'_>, _: &Concluded) -> Result<(), Fault> {
        Ok(())
    }
}

#[derive(Default)]
struct Idle;

#[plugin(root = ::hookspec_plugin, name = "idle", kind = "greeter")]
impl Subscriber for Idle {}

fn main() {}
