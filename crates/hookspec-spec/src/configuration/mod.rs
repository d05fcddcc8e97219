//! `hookspec.toml`: what the host decides about plugins, and what they are configured with.
//!
//! | where | what |
//! |---|---|
//! | [`HostConfiguration`] | the file, read, with a place for everything in it |
//! | [`Overrides`] | what the host decides about one plugin, whatever its manifest says |
//! | [`configure`] | one plugin's configuration: from code, file and environment, checked |
//! | [`variables`], [`idle_variables`], [`shared_variables`] | the environment variables that configure plugins |
//! | [`set_disabled`] | switches one plugin on or off in the file, and keeps the rest as it is |
//!
//! Values that a `config_schema` marks `writeOnly` or `x-sensitive` are in no message and no `Debug`.

mod configure;
mod edit;
mod environment;
mod file;
mod overrides;
mod schema;
mod unseen;

pub use configure::{ConfigSource, Configured, Given, configure, overlaid};
pub use edit::{Edited, set_disabled};
pub use environment::{Lookup, idle_variables, shared_variables, variables};
pub use file::{HostConfiguration, Partial};
pub use overrides::Overrides;

/// The name of the file where nobody names another.
pub const FILE_NAME: &str = "hookspec.toml";

/// A key of TOML, in quotes where it needs them.
pub(crate) fn toml_key(key: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    match !key.is_empty() && key.bytes().all(plain) {
        true => key.to_owned(),
        // JSON writes a text as TOML does.
        false => serde_json::Value::from(key).to_string(),
    }
}
