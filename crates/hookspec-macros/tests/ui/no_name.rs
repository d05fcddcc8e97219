//! A plugin without a name.

hookspec_macros::kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

struct Own;

#[hookspec_macros::plugin(root = ::hookspec_plugin)]
impl greeter::Greeter for Own {}

fn main() {}
