//! [`Hanging`]: never answers, whatever the hook.
//!
//! Each of its plugins shortens its own calls (`timeout_ms`), as an operator would: otherwise a chain
//! would wait until the deadline of the whole dispatch, and end there.

use std::future::pending;

use hookspec::kinds::file_processor::{File, FileProcessor, FileReport};
use hookspec::kinds::lifecycle_listener::{LifecycleListener, RequestEvent, RequestFailedEvent};
use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::kinds::tool_provider::{Empty, ToolProvider, Tools};
use hookspec::{CallContext, Fault, Flow};

/// Answers with a future that never ends.
#[derive(Debug, Default)]
pub struct Hanging;

#[hookspec::plugin(
    name = "hanging-listener",
    version = "0.1.0",
    description = "Never answers",
    license = "MIT OR Apache-2.0",
    priority = 30,
    timeout_ms = 250
)]
impl LifecycleListener for Hanging {
    async fn on_request_started(&self, _: &CallContext<'_>, _: &RequestEvent) -> Result<(), Fault> {
        pending().await
    }

    async fn on_request_finished(
        &self,
        _: &CallContext<'_>,
        _: &RequestEvent,
    ) -> Result<(), Fault> {
        pending().await
    }

    async fn on_request_failed(
        &self,
        _: &CallContext<'_>,
        _: &RequestFailedEvent,
    ) -> Result<(), Fault> {
        pending().await
    }
}

#[hookspec::plugin(
    name = "hanging-tools",
    version = "0.1.0",
    description = "Never answers",
    license = "MIT OR Apache-2.0",
    priority = 30,
    timeout_ms = 250
)]
impl ToolProvider for Hanging {
    async fn list_tools(&self, _: &CallContext<'_>, _: &Empty) -> Result<Tools, Fault> {
        pending().await
    }
}

#[hookspec::plugin(
    name = "hanging-rewriter",
    version = "0.1.0",
    description = "Never answers",
    license = "MIT OR Apache-2.0",
    priority = 30,
    timeout_ms = 250
)]
impl QueryRewriter for Hanging {
    async fn rewrite(&self, _: &CallContext<'_>, _: &Query) -> Result<Flow<Query>, Fault> {
        pending().await
    }
}

#[hookspec::plugin(
    name = "hanging-files",
    version = "0.1.0",
    description = "Never answers",
    license = "MIT OR Apache-2.0",
    priority = 30,
    timeout_ms = 250,
    supports_extensions = ["hang"]
)]
impl FileProcessor for Hanging {
    async fn process(&self, _: &CallContext<'_>, _: &File) -> Result<FileReport, Fault> {
        pending().await
    }
}
