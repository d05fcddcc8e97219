//! Building libraries, and opening them as a host does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use contract_tests::{library, listen};
use hookspec::manifest::RuntimeName;
use hookspec::spec::Catalog;
use hookspec::{
    BoxFuture, Call, Context, Dylib, Fault, HookFuture, HookName, Limits, LoadEnv, LoadError,
    Manifest, Plugin, PluginName, Registry, Runtime, Teardown,
};
use tempfile::TempDir;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Builds a library out of a C file, with macros defined; it lies in a folder of its own.
pub(crate) fn c_library(source: &str, defines: &[&str]) -> Folder {
    let folder = Folder::new();
    let target = format!("{}-unknown-linux-gnu", env::consts::ARCH);
    let tool = cc::Build::new()
        .target(&target)
        .host(&target)
        .opt_level(1)
        .cargo_metadata(false)
        .warnings(true)
        .get_compiler();
    let built = tool
        .to_command()
        // Lazy, as where a system does not say otherwise: symbols are looked for when they are used.
        .args(["-shared", "-fPIC", "-pthread", "-Wl,-z,lazy"])
        .arg("-I")
        .arg(root().join("include"))
        .args(defines.iter().map(|define| format!("-D{define}")))
        .arg("-o")
        .arg(folder.path().join("library.so"))
        .arg(root().join(source))
        .status()
        .expect("a C compiler is there");
    assert!(built.success(), "{source} with {defines:?}");
    folder
}

/// The puppet in C.
pub(crate) fn c_puppet(defines: &[&str]) -> Folder {
    c_library("contract-tests/subjects/puppet-c/puppet.c", defines)
}

/// The puppet in Rust, in a folder of its own.
pub(crate) fn rust_puppet() -> Folder {
    static BUILT: OnceLock<Vec<u8>> = OnceLock::new();
    Folder::with(BUILT.get_or_init(|| library::build("puppet").expect("it builds")))
}

/// The metrics exporter as a library.
pub(crate) fn rust_metrics() -> Folder {
    Folder::with(&library::build("metrics-exporter-dylib").expect("it builds"))
}

/// The folder of a plugin, with `library.so` in it.
pub(crate) struct Folder(TempDir);

impl Folder {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().expect("there is room"))
    }

    pub(crate) fn with(bytes: &[u8]) -> Self {
        let folder = Self::new();
        fs::write(folder.path().join("library.so"), bytes).expect("there is room");
        folder
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn library(&self) -> PathBuf {
        self.path().join("library.so")
    }

    /// Opens the plugin of a manifest.
    pub(crate) fn open(&self, manifest: &Manifest) -> Result<Arc<dyn Plugin>, LoadError> {
        self.open_in(manifest, &environment())
    }

    pub(crate) fn open_in(
        &self,
        manifest: &Manifest,
        env: &LoadEnv,
    ) -> Result<Arc<dyn Plugin>, LoadError> {
        let opened = futures::executor::block_on(Dylib::new().open(manifest, self.path(), env));
        opened.map(|mut plugins| plugins.remove(0))
    }

    /// Opens a plugin, and has it appear under another name: a registry knows each name once.
    pub(crate) fn open_as(
        &self,
        manifest: &Manifest,
        name: &str,
    ) -> Result<Arc<dyn Plugin>, LoadError> {
        let manifest_here = Manifest { name: PluginName::new(name), ..manifest.clone() };
        let plugin = self.open(manifest)?;
        Ok(Arc::new(Renamed { plugin, manifest: manifest_here }))
    }

    /// Why the plugin of a manifest cannot be opened.
    pub(crate) fn refusal(&self, manifest: &Manifest) -> String {
        match self.open(manifest) {
            Ok(_) => panic!("it was opened"),
            Err(error) => error.to_string(),
        }
    }
}

/// The manifest of a library in its folder.
pub(crate) fn manifest(name: &str, kind: &str) -> Manifest {
    Manifest {
        runtime: RuntimeName::Dylib,
        entry_point: Some("library.so".into()),
        ..Manifest::new(name.to_owned(), kind.to_owned())
    }
}

pub(crate) fn puppet_c() -> Manifest {
    manifest("puppet-c", "puppet")
}

pub(crate) fn puppet() -> Manifest {
    manifest("puppet", "puppet")
}

pub(crate) fn catalog() -> Catalog {
    let kinds = [root().join("hookspecs"), root().join("contract-tests/subjects/hookspecs")];
    Catalog::load(&kinds).expect("the kinds are valid")
}

/// What a host says of itself.
pub(crate) fn environment() -> LoadEnv {
    LoadEnv { kinds: catalog().known_kinds(), ..LoadEnv::default() }
}

/// Patience that tests have, and production has not.
pub(crate) fn impatient() -> Limits {
    Limits {
        startup_timeout: Some(Duration::from_millis(500)),
        teardown_timeout: Some(Duration::from_millis(500)),
        ..Limits::default()
    }
}

/// A runtime with threads, so that blocking one blocks not all.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime can be made")
}

/// A registry of these plugins.
pub(crate) async fn registry(plugins: impl IntoIterator<Item = Arc<dyn Plugin>>) -> Registry {
    let builder = Registry::builder().catalog(catalog()).limits(impatient()).plugins(plugins);
    builder.start().await.expect("the plugins are admitted")
}

/// Waits until something holds, and not for ever.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(10);
    while !holds() {
        assert!(Instant::now() < end, "not within ten seconds: {what}");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A plugin under another name.
struct Renamed {
    plugin: Arc<dyn Plugin>,
    manifest: Manifest,
}

impl Plugin for Renamed {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        self.plugin.hooks()
    }

    fn setup<'a>(&'a self, context: &'a Context) -> BoxFuture<'a, Result<(), Fault>> {
        self.plugin.setup(context)
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        self.plugin.call(call)
    }

    fn teardown(&self) -> BoxFuture<'_, Result<Teardown, Fault>> {
        self.plugin.teardown()
    }
}

/// What this thread logs, captured.
pub(crate) struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    _guard: tracing::subscriber::DefaultGuard,
}

impl Log {
    pub(crate) fn capture() -> Self {
        let text = Arc::new(Mutex::new(Vec::new()));
        let writer = Sink(Arc::clone(&text));
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        Self { text, _guard: listen(subscriber) }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.text.lock().expect("nobody panicked")).into_owned()
    }
}

#[derive(Clone)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("nobody panicked").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
