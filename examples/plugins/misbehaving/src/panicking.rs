//! [`Panicking`]: panics in every hook. One type, four plugins: each kind that it implements has a
//! name of its own.

use hookspec::kinds::file_processor::{File, FileProcessor, FileReport};
use hookspec::kinds::lifecycle_listener::{LifecycleListener, RequestEvent, RequestFailedEvent};
use hookspec::kinds::query_rewriter::{Query, QueryRewriter};
use hookspec::kinds::tool_provider::{Empty, ToolProvider, Tools};
use hookspec::{CallContext, Fault, Flow};

/// Panics when called.
#[derive(Debug, Default)]
pub struct Panicking;

#[hookspec::plugin(
    name = "panicking-listener",
    version = "0.1.0",
    description = "Panics when called",
    license = "MIT OR Apache-2.0",
    priority = 30
)]
impl LifecycleListener for Panicking {
    async fn on_request_started(
        &self,
        ctx: &CallContext<'_>,
        _: &RequestEvent,
    ) -> Result<(), Fault> {
        panics(ctx)
    }

    async fn on_request_finished(
        &self,
        ctx: &CallContext<'_>,
        _: &RequestEvent,
    ) -> Result<(), Fault> {
        panics(ctx)
    }

    async fn on_request_failed(
        &self,
        ctx: &CallContext<'_>,
        _: &RequestFailedEvent,
    ) -> Result<(), Fault> {
        panics(ctx)
    }
}

#[hookspec::plugin(
    name = "panicking-tools",
    version = "0.1.0",
    description = "Panics when called",
    license = "MIT OR Apache-2.0",
    priority = 30
)]
impl ToolProvider for Panicking {
    async fn list_tools(&self, ctx: &CallContext<'_>, _: &Empty) -> Result<Tools, Fault> {
        panics(ctx)
    }
}

#[hookspec::plugin(
    name = "panicking-rewriter",
    version = "0.1.0",
    description = "Panics when called",
    license = "MIT OR Apache-2.0",
    priority = 30
)]
impl QueryRewriter for Panicking {
    async fn rewrite(&self, ctx: &CallContext<'_>, _: &Query) -> Result<Flow<Query>, Fault> {
        panics(ctx)
    }
}

#[hookspec::plugin(
    name = "panicking-files",
    version = "0.1.0",
    description = "Panics when called",
    license = "MIT OR Apache-2.0",
    priority = 30,
    supports_extensions = ["panic"]
)]
impl FileProcessor for Panicking {
    async fn process(&self, ctx: &CallContext<'_>, _: &File) -> Result<FileReport, Fault> {
        panics(ctx)
    }
}

fn panics(ctx: &CallContext<'_>) -> ! {
    panic!("{} cannot cope with {}", ctx.plugin().plugin(), ctx.hook())
}
