//! Attributes that are no subscriptions, and methods that cannot be called with an event.

use hookspec_macros::{kind, plugin};
use hookspec_plugin::{CallContext, Event, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeter, Greeting, Person};

#[derive(Default)]
struct Own;

#[plugin(root = ::hookspec_plugin, name = "own")]
impl Greeter for Own {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok(String::new().into())
    }

    #[on("deploy.", "deploy.**.done", "deploy.sta*")]
    async fn malformed(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*", "deploy.*")]
    async fn twice(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*", quque = 1, overflow = "drop_all")]
    async fn unknown(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*", overflow = "coalesce", concurrency = 0)]
    async fn keyless(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on]
    async fn patternless(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    #[on("release.*")]
    async fn again(&self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    async fn contextless(&self, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    async fn eventless(&self, _: &CallContext<'_>, _: &Person) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    async fn owning(&self, _: &CallContext<'_>, _: &Event, _: Person) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    async fn changing(&mut self, _: &CallContext<'_>, _: &Event) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    async fn silent(&self, _: &CallContext<'_>, _: &Event) {}
}

fn main() {}
