//! [`BlockingRegistry`]: a registry for applications without an async runtime.

use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use tokio::runtime::{Builder, Handle, Runtime};

use super::{Registry, RegistryBuilder};
use crate::error::{StartError, TeardownErrors};

/// A registry that owns its runtime. Reads as a [`Registry`]; dropping it stops it.
#[derive(Debug)]
pub struct BlockingRegistry {
    registry: Registry,
    // Taken only by `drop`.
    runtime: Option<Runtime>,
}

impl BlockingRegistry {
    pub(crate) fn start(builder: RegistryBuilder) -> Result<Self, StartError> {
        if Handle::try_current().is_ok() {
            let how = "`start_blocking` would block the async runtime it is called in: use `start`";
            return Err(StartError::Runtime { reason: how.into() });
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("hookspec")
            .enable_all()
            .build()
            .map_err(|error| StartError::Runtime { reason: format!("no runtime: {error}") })?;
        let registry = runtime.block_on(builder.start())?;
        Ok(Self { registry, runtime: Some(runtime) })
    }

    /// Waits for a future on the registry's runtime, such as a dispatch.
    ///
    /// # Panics
    /// Inside an async runtime, whose work it would block; await the future there instead.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.runtime {
            Some(runtime) => runtime.block_on(future),
            None => unreachable!("the runtime is taken only by drop"),
        }
    }

    /// Stops the registry.
    ///
    /// # Panics
    /// As [`block_on`](Self::block_on).
    ///
    /// # Errors
    /// As [`Registry::stop`].
    pub fn stop(&self) -> Result<(), TeardownErrors> {
        self.block_on(self.registry.stop())
    }
}

impl Deref for BlockingRegistry {
    type Target = Registry;

    fn deref(&self) -> &Registry {
        &self.registry
    }
}

impl Drop for BlockingRegistry {
    fn drop(&mut self) {
        let Some(runtime) = self.runtime.take() else { return };
        if Handle::try_current().is_ok() {
            // Inside another runtime blocking is not possible: nothing is torn down in order.
            tracing::warn!(
                "a blocking registry is dropped inside a runtime: no plugin is torn down"
            );
            runtime.shutdown_background();
            return;
        }
        // Errors were logged plugin by plugin.
        let _ = runtime.block_on(self.registry.stop());
        runtime.shutdown_timeout(Duration::from_millis(100));
    }
}
