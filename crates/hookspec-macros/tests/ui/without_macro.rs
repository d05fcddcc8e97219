//! The implementation lacks the macro.

use hookspec_macros::kind;
use hookspec_plugin::{CallContext, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

use greeter::{Greeter, Greeting, Person};

#[derive(Default)]
struct Own;

impl Greeter for Own {
    async fn greet(&self, _: &CallContext<'_>, _: &Person) -> Result<Greeting, Fault> {
        Ok(String::new().into())
    }
}

fn main() {}
