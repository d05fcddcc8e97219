//! What stands behind the standard resources.

mod blob_folder;
mod blob_memory;
mod clock;
#[cfg(feature = "http")]
mod http;
mod rng;
mod tmpdir;

use std::sync::Arc;

use hookspec_plugin::resources::{BlobStore, Clock, Rng};
use hookspec_plugin::{Fault, Resource, check_key};

pub use self::blob_folder::FsBlobStore;
pub use self::blob_memory::MemoryBlobStore;
pub use self::clock::SystemClock;
#[cfg(feature = "http")]
pub use self::http::{HttpLimits, UreqClient};
pub use self::rng::SystemRng;
pub(crate) use self::tmpdir::PluginTmpDir;
use crate::files::LONGEST;

/// The resource that every plugin has one of its own of.
pub(crate) const TMPDIR: &str = "tmpdir";

/// The standard resources that all plugins share.
pub(crate) fn standard() -> [(&'static str, Resource); 3] {
    [
        ("clock", Resource::new::<dyn Clock>(Arc::new(SystemClock::new()))),
        ("rng", Resource::new::<dyn Rng>(Arc::new(SystemRng))),
        ("blob_store", Resource::new::<dyn BlobStore>(Arc::new(MemoryBlobStore::new()))),
    ]
}

/// Longer than a plugin's own key may be: a decorator may put something before it.
fn blob_key(key: &str) -> Result<(), Fault> {
    check_key(key, LONGEST).map_err(|reason| Fault::new("blob_key", reason))
}
