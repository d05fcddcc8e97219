//! [`Files`]: a runtime that takes the place of shared libraries: a plugin is what its file says.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use hookspec_plugin::{
    BoxFuture, Call, Context, Fault, HookFuture, HookName, LoadEnv, LoadError, Manifest, Plugin,
    Reply, Runtime, RuntimeName, Teardown,
};
use serde_json::{Map, Value, json};

/// Opens `entry_point` as text. `broken` is refused, `unready` fails in setup, anything else is what
/// the plugin answers to `say`.
pub(crate) struct Files;

impl Runtime for Files {
    fn name(&self) -> RuntimeName {
        RuntimeName::Dylib
    }

    fn open<'a>(
        &'a self,
        manifest: &'a Manifest,
        folder: &'a Path,
        _: &'a LoadEnv,
    ) -> BoxFuture<'a, Result<Vec<Arc<dyn Plugin>>, LoadError>> {
        let file = folder.join(manifest.entry_point.as_deref().unwrap_or_default());
        let text = fs::read_to_string(&file)
            .map_err(|error| LoadError::new(format!("{}: {error}", file.display())));
        Box::pin(std::future::ready(text.and_then(|text| {
            if text.starts_with("broken") {
                return Err(LoadError::new(format!("the file says: {text}")));
            }
            let facts = json!({ "file": file.to_string_lossy(), "sha256": "0123456789abcdef" });
            let facts = facts.as_object().cloned().unwrap_or_default();
            let said = Said { manifest: manifest.clone(), text, facts };
            Ok(vec![Arc::new(said) as Arc<dyn Plugin>])
        })))
    }
}

/// Says one text. Where `PUPPETS_JOURNAL` names a file, its life is written there.
struct Said {
    manifest: Manifest,
    text: String,
    facts: Map<String, Value>,
}

impl Said {
    fn happened(&self, what: &str) -> Result<(), Fault> {
        let Some(path) = std::env::var_os("PUPPETS_JOURNAL") else { return Ok(()) };
        let mut journal = fs::OpenOptions::new().create(true).append(true).open(path)?;
        let line = format!("{} {} {what}\n", self.manifest.name, self.text);
        Ok(journal.write_all(line.as_bytes())?)
    }
}

impl Plugin for Said {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        const HOOKS: &[HookName] = &[HookName::from_static("say")];
        HOOKS
    }

    fn setup<'a>(&'a self, _: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async {
            match self.text.as_str() {
                "unready" => Err(Fault::new("unready", "it has no licence")),
                _ => self.happened("set up"),
            }
        })
    }

    fn call<'a>(&'a self, _: Call<'a>) -> HookFuture<'a> {
        HookFuture::Ready(Ok(Reply::value(self.text.clone())))
    }

    fn facts(&self) -> Map<String, Value> {
        self.facts.clone()
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        Box::pin(async { self.happened("torn down").map(|()| Teardown::Clean) })
    }
}
