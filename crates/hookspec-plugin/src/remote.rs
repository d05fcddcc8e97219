//! [`RemoteResource`]: a resource of the host that is asked by JSON.

use std::fmt;

use serde_json::Value;

use crate::fault::Fault;
use crate::reply::BoxFuture;

/// A resource for plugins that do not share its type: in shared libraries, in other processes.
///
/// Lent like any other: registered with the host under a name, seen by the plugins that declare it.
/// What a request looks like, the resource says; the standard ones take an object whose `op` names
/// what is to be done.
///
/// ```
/// use hookspec_plugin::{BoxFuture, Fault, RemoteResource};
/// use serde_json::{Value, json};
///
/// struct Greeting;
///
/// impl RemoteResource for Greeting {
///     fn ask<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Fault>> {
///         Box::pin(async move {
///             match request["op"].as_str() {
///                 Some("greet") => Ok(json!("Hello")),
///                 _ => Err(Fault::new("resource_request", "`op` is not `greet`")),
///             }
///         })
///     }
/// }
/// ```
pub trait RemoteResource: Send + Sync + 'static {
    /// Answers one request. Called concurrently; the future may be dropped at any point, and must
    /// not block its thread.
    ///
    /// # Errors
    /// Whatever the resource says. From the plugin's end also what the way to it adds: `no_call`,
    /// `resource_missing`, `resource_busy`, `resource_request`, `resource_panicked`,
    /// `resource_answer`, `cancelled`, `torn_down`.
    fn ask<'a>(&'a self, request: &'a Value) -> BoxFuture<'a, Result<Value, Fault>>;
}

impl fmt::Debug for dyn RemoteResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RemoteResource")
    }
}
