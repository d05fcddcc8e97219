//! The standard resources of a host, in the form that a library can ask.
//!
//! A resource that is registered as one of the standard traits needs no `RemoteResource` beside it:
//! it is wrapped here.

use std::sync::Arc;

use hookspec_plugin::{Context, RemoteResource};

/// The resource of a name, if it is a standard one.
pub(super) fn standard(_context: &Context, _name: &str) -> Option<Arc<dyn RemoteResource>> {
    None
}
