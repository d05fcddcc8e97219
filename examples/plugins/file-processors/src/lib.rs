//! Four `file_processor` plugins, one file each: [`rust`], [`markdown`], [`json`] and, for all other
//! files, the [`fallback`].
//!
//! They differ in what their manifests support and in one function each, `scan`, from bytes to a
//! report. Reading a file blocks, so all of them say `thread_cpu_bound`.
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

use hookspec::Plugin;
use hookspec::kinds::file_processor::FileProcessorPlugin;

/// All four.
pub fn plugins() -> Vec<Arc<dyn Plugin>> {
    vec![
        Arc::new(FileProcessorPlugin::from(rust::RustFiles)),
        Arc::new(FileProcessorPlugin::from(markdown::MarkdownFiles)),
        Arc::new(FileProcessorPlugin::from(json::JsonFiles)),
        Arc::new(FileProcessorPlugin::from(fallback::AnyFile)),
    ]
}

#[cfg(test)]
mod tests;
