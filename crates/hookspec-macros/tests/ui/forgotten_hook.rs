//! A hook that the kind requires is not there.

use hookspec_macros::{kind, plugin};
use hookspec_plugin::{CallContext, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeter, Person};

#[derive(Default)]
struct Own;

#[plugin(root = ::hookspec_plugin, name = "own")]
impl Greeter for Own {
    fn hush(&self, _: &CallContext<'_>, _: &Person) -> Result<(), Fault> {
        Ok(())
    }
}

fn main() {}
