//! A linked plugin that only the application could make.

use hookspec_host::{Registry, StartError};
use hookspec_macros::{kind, plugin};
use hookspec_plugin::{CallContext, Fault};

kind!("tests/kinds/greeter/v1.yaml", root = ::hookspec_plugin);

struct Needy {
    _connection: String,
}

#[plugin(root = ::hookspec_plugin, name = "needy")]
impl greeter::Greeter for Needy {
    async fn greet(
        &self,
        _: &CallContext<'_>,
        _: &greeter::Person,
    ) -> Result<greeter::Greeting, Fault> {
        Ok("never".to_owned().into())
    }
}

#[test]
fn it_is_reported_with_what_to_do() {
    let kinds = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kinds");
    let error = Registry::builder().hookspecs(kinds).linked_plugins().build().unwrap_err();
    let StartError::Registration { errors } = &error else { panic!("{error}") };
    assert_eq!((errors.len(), errors[0].code()), (1, "HS-R009"));
    let text = errors[0].to_string();
    for part in ["`needy`", "refused::Needy", "Component", "linked = false"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(Registry::builder().hookspecs(kinds).build().unwrap().snapshot().plugins.is_empty());
}
