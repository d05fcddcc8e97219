//! Four `file_processor` plugins, one file each: [`rust`], [`markdown`], [`json`] and, for all other
//! files, the [`fallback`].
//!
//! They differ in what their manifests support and in one function each, from bytes to a
//! [`Report`]; [`FileProcessor`] is the plugin around that function. Reading a file blocks, so all
//! of them say `thread_cpu_bound`.
//!
//! Absent on purpose: parsing in earnest. Each scan says in its file what it does not see.

#![forbid(unsafe_code)]

pub mod fallback;
pub mod json;
pub mod markdown;
pub mod rust;

mod file;
mod report;

use std::sync::Arc;

use hookspec_plugin::{Call, ExecutionModel, Fault, HookFuture, HookName, Manifest, Plugin, Reply};

pub use file::File;
pub use report::{Item, Report};

/// All four.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![
        Arc::new(rust::plugin()),
        Arc::new(markdown::plugin()),
        Arc::new(json::plugin()),
        Arc::new(fallback::plugin()),
    ]
}

/// A plugin around one way to look at the bytes of a file.
#[derive(Debug)]
pub struct FileProcessor {
    manifest: Manifest,
    scan: Scan,
}

/// One way to look at the bytes of a file.
pub type Scan = fn(&File, &[u8]) -> Result<Report, Fault>;

impl FileProcessor {
    fn new(manifest: Manifest, scan: Scan) -> Self {
        let manifest = Manifest {
            version: Some(env!("CARGO_PKG_VERSION").into()),
            license: Some("MIT OR Apache-2.0".into()),
            execution_model: ExecutionModel::ThreadCpuBound,
            ..manifest
        };
        Self { manifest, scan }
    }

    fn process(&self, call: &Call<'_>) -> Result<Reply, Fault> {
        match call.hook().as_str() {
            "process" => {
                let file = call.input.typed::<File>()?;
                let report = (self.scan)(&file, &file.read()?)?;
                Ok(Reply::value(report))
            }
            other => Err(Fault::new("unknown_hook", format!("no hook `{other}` here"))),
        }
    }
}

impl Plugin for FileProcessor {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("process")];
        HOOKS
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(self.process(&call))
    }
}

#[cfg(test)]
mod tests;
