//! What every scenario with a registry can say of its host: version, environment, runtimes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookspec_host::RegistryBuilder;
use hookspec_plugin::{BoxFuture, LoadEnv, LoadError, Manifest, Plugin, Runtime, RuntimeName};
use hookspec_spec::Found;
use serde_json::{Map, Value};

use crate::unserved::{Served, text, texts, unserved};

/// The runtimes that the specification has.
pub(super) const RUNTIMES: [RuntimeName; 3] =
    [RuntimeName::InProcess, RuntimeName::McpStdio, RuntimeName::McpHttp];

/// Gives a host the version in `installed`, else 0.2.0, and the environment in `env`. That of the
/// process has no say in a scenario.
pub(super) fn host(
    builder: RegistryBuilder,
    fields: &Map<String, Value>,
) -> Served<RegistryBuilder> {
    let installed =
        fields.get("installed").map(|version| text(version, "installed")).transpose()?;
    let variables = match fields.get("env") {
        None => Map::new(),
        Some(Value::Object(variables)) => variables.clone(),
        Some(other) => return unserved(format!("env is no object: {other}")),
    };
    for (name, value) in &variables {
        text(value, name)?;
    }
    let lookup = move |name: &str| variables.get(name).and_then(Value::as_str).map(str::to_owned);
    Ok(builder.core_version(installed.unwrap_or("0.2.0")).environment(lookup))
}

/// Gives a host a loader for each runtime in `supported_runtimes`, or for all of them.
pub(super) fn loaders(
    builder: RegistryBuilder,
    fields: &Map<String, Value>,
    make: &Make,
) -> Served<RegistryBuilder> {
    let supported = match fields.get("supported_runtimes") {
        None => RUNTIMES.to_vec(),
        Some(names) => {
            let names = texts(names, "supported_runtimes")?;
            names.into_iter().map(runtime).collect::<Served<_>>()?
        }
    };
    let add =
        |builder: RegistryBuilder, name| builder.runtime(Loader { name, make: Arc::clone(make) });
    Ok(supported.into_iter().fold(builder, add))
}

fn runtime(name: String) -> Served<RuntimeName> {
    serde_json::from_value(Value::from(name.as_str()))
        .or_else(|_| unserved(format!("unknown runtime `{name}`")))
}

/// What a loader opens for a manifest.
pub(super) type Make = Arc<dyn Fn(&Manifest) -> Arc<dyn Plugin> + Send + Sync>;

struct Loader {
    name: RuntimeName,
    make: Make,
}

impl Runtime for Loader {
    fn name(&self) -> RuntimeName {
        self.name
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        _: &'a Path,
        _: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        Box::pin(async { Ok(vec![(self.make)(manifest)]) })
    }
}

/// A manifest as if a file had held it.
pub(super) fn found(manifest: Manifest) -> Found {
    let path = PathBuf::from(format!("{}/plugin.toml", manifest.name));
    Found { path, manifest, warnings: Vec::new() }
}
