//! [`Session`]: a started registry for as long as one command takes, and why there is none.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use hookspec_host::{Registry, RegistryBuilder, StartError};
use tokio::runtime::{Builder, Runtime};

use crate::app::Status;
use crate::text::complain;

/// A started registry, and the runtime it lives in.
pub(crate) struct Session {
    runtime: Runtime,
    pub(crate) registry: Registry,
}

impl Session {
    /// Starts a registry. An error was reported already and is the command's status.
    pub(crate) fn start(
        builder: RegistryBuilder,
        hookspecs: &[PathBuf],
        plugins: &[PathBuf],
    ) -> Result<Self, Status> {
        let builder = joined(builder, hookspecs, plugins);
        let runtime = Builder::new_multi_thread().enable_all().build().map_err(|error| {
            complain(&format!("error: there is no async runtime: {error}"));
            Status::CouldNotRun
        })?;
        let registry = runtime.block_on(builder.start()).map_err(|error| {
            complain(&format!("error: {error}"));
            status(&error)
        })?;
        Ok(Self { runtime, registry })
    }

    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.runtime.block_on(future)
    }

    /// Stops the registry; a plugin that does not let go makes a good status a bad one.
    pub(crate) fn stop(self, status: Status) -> Status {
        let stopped = self.runtime.block_on(self.registry.stop());
        // Not awaited: what a plugin left running must not keep the process.
        self.runtime.shutdown_timeout(Duration::from_millis(100));
        match stopped {
            Ok(()) => status,
            Err(error) => {
                complain(&format!("error: {error}"));
                if status == Status::Fine { Status::Failed } else { status }
            }
        }
    }
}

/// A builder with the folders of the command line.
pub(crate) fn joined(
    builder: RegistryBuilder,
    hookspecs: &[PathBuf],
    plugins: &[PathBuf],
) -> RegistryBuilder {
    let builder = hookspecs.iter().fold(builder, RegistryBuilder::hookspecs);
    plugins.iter().fold(builder, RegistryBuilder::plugin_folder)
}

fn status(error: &StartError) -> Status {
    match error {
        // A plugin is at fault.
        StartError::Registration { .. }
        | StartError::PluginFolder { .. }
        | StartError::Configuration { .. }
        | StartError::DependencyCycle { .. }
        | StartError::AmbiguousPlugin { .. } => Status::Failed,
        // The host is, or what it was given to read.
        _ => Status::CouldNotRun,
    }
}
