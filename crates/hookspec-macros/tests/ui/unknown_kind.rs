//! The trait of no kind.

use hookspec_macros::{kind, plugin};
use hookspec_plugin::{CallContext, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeting, Person};

#[derive(Default)]
struct Own;

#[plugin(root = ::hookspec_plugin, name = "own")]
impl Greter for Own {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok(String::new().into())
    }
}

fn main() {}
