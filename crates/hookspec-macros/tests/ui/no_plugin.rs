//! A type that is no plugin of the kind.

use hookspec_macros::kind;

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

#[derive(Default)]
struct Own;

fn adapted() -> greeter::GreeterPlugin<Own> {
    greeter::GreeterPlugin::from(Own)
}

fn main() {}
