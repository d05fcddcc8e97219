//! Methods whose data cannot be read, and whose answer is none.

use hookspec_macros::{kind, plugin};
use hookspec_plugin::{CallContext, Event, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeter, Greeting, Person};

#[derive(Default)]
struct Own;

struct Unreadable;

#[plugin(root = ::hookspec_plugin, name = "own")]
impl Greeter for Own {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok(String::new().into())
    }

    #[on("deploy.*")]
    async fn data(&self, _: &CallContext<'_>, _: &Event, _: &Unreadable) -> Result<(), Fault> {
        Ok(())
    }

    #[on("deploy.*")]
    async fn answer(&self, _: &CallContext<'_>, _: &Event) -> Result<u32, Fault> {
        Ok(1)
    }
}

fn main() {}
