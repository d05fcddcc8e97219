//! [`kind!`] and [`macro@plugin`]: a hookspec as a Rust module, and the implementation of its
//! trait as a plugin.
//!
//! This crate is a shell: what a kind becomes is decided by `hookspec-codegen`, what a manifest may
//! say by `hookspec-spec`, and what is the same for every plugin stands in `hookspec-plugin`.
//!
//! | where | what |
//! |---|---|
//! | `kind` | `kind!` |
//! | `plugin` | `#[plugin]`: its arguments, its manifest, what it writes |
//! | `files` | where paths in macros lead |
//! | `root` | which crate the written code names |
//!
//! **Absent on purpose**: code that runs in a plugin or a host, and any warning: a macro can
//! refuse, or be silent (`hookspec check` warns).

#![forbid(unsafe_code)]

mod files;
mod kind;
mod plugin;
mod root;

use proc_macro::{Span, TokenStream};

/// Makes a module of a hookspec: its payload types, the trait that a plugin's author implements,
/// its adapter, and typed callers.
///
/// ```text
/// hookspec::kind!("hookspecs/greeter/v1.yaml");   // pub mod greeter { ... }
/// ```
///
/// The path is looked up in the folder of the crate's `Cargo.toml`, then in each folder above it
/// up to the workspace; then, for source that lies elsewhere, from the folder of the source file
/// upwards. The nearest one wins. Schemas are looked up beside the hookspec and in its folder's
/// parent, as `hookspec check FILE` does. The crate is built anew when any of these files changes.
///
/// After the path may stand, separated by commas:
///
/// | option | meaning |
/// |---|---|
/// | `root = ::hookspec_plugin` | the crate that the module names; `::hookspec` unless said |
/// | `calls = true` | typed callers; on unless said where the root is `::hookspec` and its feature `host` is on. With another root they name `::hookspec_host` |
///
/// # Errors
/// Every mistake in the hookspec and its schemas becomes a compile error with file, line and
/// column of the YAML.
#[proc_macro]
pub fn kind(input: TokenStream) -> TokenStream {
    kind::expand(input.into(), source_file()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Makes a plugin of the implementation of a kind's trait.
///
/// ```text
/// #[hookspec::plugin(name = "metrics", version = "1.2.0", priority = 50)]
/// impl LifecycleListener for Metrics {
///     async fn on_request_started(&self, ctx: &CallContext<'_>, input: &RequestEvent) -> Result<(), Fault> {
///         Ok(())
///     }
/// }
/// ```
///
/// Only the hooks that are written are called. The manifest is written in place, field by field as
/// in `plugin.toml` (`capabilities = ["fast"]`, `resources = { required = ["db"] }`), or named:
/// `#[plugin(manifest = "plugin.toml")]`, which is looked up as a path of [`kind!`] is. Of what is
/// written in place only `name` is required: `kind` and `kind_api_version` are those of the trait,
/// an absent `core_version` accepts every host, and `entry_point` is `module::path:Type`.
///
/// The type then is a plugin in three ways: `LifecycleListenerPlugin::from(Metrics::new())`;
/// `LifecycleListenerPlugin::<Metrics>::new()` where it is a `Component`; and, if it is a
/// `Component` or has a default, by its entry point, in every program that its crate is linked
/// into (`RegistryBuilder::linked_plugins`, `register_manifest`). A type that implements several
/// kinds gets one `#[plugin]` each, under different names.
///
/// | option | meaning |
/// |---|---|
/// | `root = ::hookspec_plugin` | the crate that the written code names; `::hookspec` unless said |
/// | `linked = false` | not found by its entry point |
///
/// # Errors
/// Every mistake in the manifest becomes a compile error, at the field or with the place in the
/// file; so does a manifest of another kind. A required hook that is missing, a method that is no
/// hook and a wrong payload type are the compiler's own errors about the trait.
#[proc_macro_attribute]
pub fn plugin(arguments: TokenStream, item: TokenStream) -> TokenStream {
    plugin::expand(arguments.into(), item.into(), source_file())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// The file that the macro is used in.
fn source_file() -> Option<std::path::PathBuf> {
    Span::call_site().local_file()
}
