//! [`kind!`], [`macro@plugin`] and [`macro@on`]: a hookspec as a Rust module, the implementation of
//! its trait as a plugin, and a method of it that receives events.
//!
//! This crate is a shell: what a kind becomes is decided by `hookspec-codegen`, what a manifest may
//! say by `hookspec-spec`, and what is the same for every plugin stands in `hookspec-plugin`.
//!
//! | where | what |
//! |---|---|
//! | `kind` | `kind!` |
//! | `plugin` | `#[plugin]`: its arguments, its manifest, what it writes |
//! | `plugin/on` | `#[on]`: the methods that receive events |
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
/// Methods with [`#[on]`](macro@on) receive events. A plugin that does nothing else, or that stands
/// before and after the calls of others, implements `Subscriber` or `Middleware` in place of a kind's
/// trait. Such a plugin is of any kind, so its manifest says of which:
///
/// ```text
/// #[hookspec::plugin(name = "notifier", kind = "tool")]
/// impl Subscriber for Notifier {
///     #[on("deploy.*")]
///     async fn tell(&self, ctx: &CallContext<'_>, event: &Event) -> Result<(), Fault> {
///         Ok(())
///     }
/// }
/// ```
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

/// Has a method of a plugin called with the events that match a pattern. Within an `impl` that has
/// [`#[plugin]`](macro@plugin) above it, whichever trait that is of.
///
/// ```text
/// #[hookspec::plugin(name = "web")]
/// impl Deployer for Web {
///     async fn deploy(&self, ctx: &CallContext<'_>, input: &Deploy) -> Result<Deployed, Fault> { .. }
///
///     #[on("workflow.completed")]
///     async fn finished(&self, ctx: &CallContext<'_>, event: &Event) -> Result<(), Fault> { .. }
///
///     #[on("deploy.*", "release.**", queue = 64, overflow = "drop_oldest")]
///     async fn noted(
///         &self,
///         ctx: &CallContext<'_>,
///         event: &Event,
///         data: &Rollout,
///     ) -> Result<Handled, Fault> { .. }
/// }
/// ```
///
/// **What it takes**: the event, and if there is a further parameter, the event's data as that type.
/// It is read from the JSON once for everybody who asks for the type, and not at all where it is the
/// type that was published. Data which does not fit is the fault `event_data`, which names the plugin
/// and the event, and the method is not called.
///
/// **What it answers**: a `Result` of anything that is `Into<Handled>`: `()`, an `EventDraft` or a
/// `Vec` of them, to be published in turn, or a `Handled`, which may also cancel a dispatch and answer
/// a request. `async` or not.
///
/// **How it is called**: each method is one subscription, under the method's name, with its own
/// queue. An event that two methods want is delivered twice, and each delivery calls its own method
/// alone. An event that is delivered without such a name, as for a subscription of the manifest, goes
/// to every method whose patterns match, in source order: what they answer is joined (the events of
/// all, the first cancellation, the first reply), and the first fault ends it. If there is no such
/// method, the fault is `event_unwanted`. A subscription of the manifest with `name = "noted"` goes
/// to the method `noted`, and replaces what stands there of its delivery; patterns alone, which the
/// method has too, change nothing.
///
/// The method becomes one of the type itself, so that a test can call it.
///
/// After the patterns may stand what a subscription of a manifest says:
///
/// | option | meaning | unless said |
/// |---|---|---|
/// | `priority = 10` | the higher, the earlier in a dispatch that is awaited | 0 |
/// | `queue = 64` | how many events wait at most | 256 |
/// | `overflow = "drop_oldest"` | what gives way in a full queue: `drop_newest`, `drop_oldest`, `block`, `coalesce` | `drop_newest` |
/// | `key = "/data/id"` | events with equal values there keep their order, and replace each other under `coalesce` | none |
/// | `concurrency = 4` | how many are handled at once | 1 |
/// | `timeout_ms = 1000` | how long one may take | 5000 |
/// | `retries = 3` | how often one that failed is tried again | 0 |
/// | `backoff_ms = 50` | before the first of these; doubled each time | 1000 |
/// | `filter = { pointer = "/data/env", equals = "prod" }` | only events of which this holds | none |
/// | `sources = ["ci"]` | only events of these | of all |
/// | `permission = "deploys"` | only events whose source holds it | none |
/// | `tenant = "acme"` | only events on behalf of it | of all |
/// | `observe = true` | told of a cancelled event too, and cancels none itself | `false` |
///
/// # Errors
/// A malformed pattern, one that stands there twice, an option that is unknown or has a wrong value,
/// and a method that takes something else are compile errors at their place.
#[proc_macro_attribute]
pub fn on(_: TokenStream, item: TokenStream) -> TokenStream {
    // Within an `impl` that has `#[plugin]` the attribute is gone before anybody calls this.
    let message = "#[on] belongs to a method in an `impl` with #[plugin] above it: \
                   `#[plugin(name = \"...\")] impl KindsTrait for YourType`";
    let mut refused: TokenStream =
        syn::Error::new(proc_macro2::Span::call_site(), message).into_compile_error().into();
    refused.extend(item);
    refused
}

/// The file that the macro is used in.
fn source_file() -> Option<std::path::PathBuf> {
    Span::call_site().local_file()
}
