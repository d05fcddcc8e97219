//! Brings versions to a folder: the one plugin with a hook of the kind.

use std::path::PathBuf;

use hookspec::{CallContext, Component, Context, Fault};
use serde_json::json;

use crate::pipeline::{Pipeline, Place, Version};

/// Writes one file per workflow and environment, which says the version that is deployed.
#[derive(Debug)]
pub(crate) struct Releases {
    folder: PathBuf,
}

#[hookspec::async_trait]
impl Component for Releases {
    async fn setup(ctx: &Context) -> Result<Self, Fault> {
        Ok(Self { folder: ctx.config()["folder"].as_str().unwrap_or_default().into() })
    }
}

#[hookspec::plugin(
    name = "releases",
    version = "0.1.0",
    description = "Brings versions to a folder",
    execution_model = "thread_cpu_bound",
    config_schema = {
        type = "object",
        required = ["folder"],
        properties = { folder = { type = "string", minLength = 1 } }
    }
)]
impl Pipeline for Releases {
    async fn deploy(&self, _: &CallContext<'_>, input: &Version) -> Result<Place, Fault> {
        // Both are plain names: the schema of the input says so.
        let folder = self.folder.join(&input.environment);
        std::fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{}.json", input.workflow));
        let text = json!({ "workflow": input.workflow, "version": input.version });
        // Nobody ever reads half of it.
        let aside = path.with_extension("new");
        std::fs::write(&aside, format!("{text:#}\n"))?;
        std::fs::rename(&aside, &path)?;
        Ok(Place { place: path.display().to_string() })
    }
}
