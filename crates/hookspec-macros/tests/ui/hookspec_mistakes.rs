//! A hookspec with mistakes: each with file, line and column of the YAML.

hookspec_macros::kind!("tests/broken/greeter/v1.yaml", root = ::hookspec_plugin);

fn main() {}
