//! A plugin that is many types.

use hookspec_macros::{kind, plugin};
use hookspec_plugin::{CallContext, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeter, Greeting, Person};

#[derive(Default)]
struct Own;

struct Wrapped<T>(T);

#[plugin(root = ::hookspec_plugin, name = "own")]
impl<T> Greeter for Wrapped<T> {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok(String::new().into())
    }
}

fn main() {}
