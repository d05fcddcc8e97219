//! The cost of a plugin in a shared library, beside the same work in this process.
//!
//! `cargo bench -p hookspec-bridge --features dylib --bench dylib [-- --json FILE]`
//!
//! The library is the Rust puppet, which answers its input, built in release mode when this runs.
//! "The same work": what crosses is JSON in both directions, so that the floor, a linked plugin of
//! the same host, reads the input from bytes and writes its answer into bytes as well. Floor and
//! ours run in one process, in many short rounds, and what counts is the median of the rounds'
//! ratios.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a benchmark prints its table")]
#![forbid(unsafe_code)]

#[allow(dead_code, reason = "the other benchmark uses the rest of it")]
#[path = "../../hookspec-host/benches/dispatch/harness.rs"]
mod harness;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::mpsc;
use std::{env, fs, thread};

use harness::{Budget, Pair, Row, measure, table, to_json};
use hookspec_bridge::dylib::Dylib;
use hookspec_host::Registry;
use hookspec_plugin::{
    Call, Caller, HookFuture, HookName, Isolation, LoadEnv, Manifest, Payload, Plugin, PluginName,
    Reply, Runtime, RuntimeName,
};
use hookspec_spec::Catalog;
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime as Tokio};
use tokio::sync::oneshot;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().collect();
    let json = arguments.iter().position(|each| each == "--json");
    let json = json.and_then(|at| arguments.get(at + 1));
    let folder = match library() {
        Ok(folder) => folder,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    let within = Budget::Ratio(1.5);
    let rows = vec![
        measure("dylib singleton, inline", within, singleton(folder.path())),
        measure("dylib collect N=10, inline", within, collect(folder.path())),
        measure("dylib singleton, on its own thread", within, threaded(folder.path())),
    ];
    println!("{}", table(&rows));
    if let Some(path) = json
        && let Err(error) = fs::write(path, to_json(&rows))
    {
        eprintln!("{path}: {error}");
        return ExitCode::from(2);
    }
    if rows.iter().all(Row::kept) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The folder of the plugin, with the library in it.
fn library() -> Result<tempfile::TempDir, String> {
    let own = env::current_exe().map_err(|error| error.to_string())?;
    let target = own.ancestors().nth(3).ok_or("this program is not in a target folder")?;
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--release", "--package", "puppet", "--target-dir"])
        .arg(target)
        .current_dir(root())
        .status();
    if !built.is_ok_and(|status| status.success()) {
        return Err("the puppet does not build: cargo build --release --package puppet".into());
    }
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::copy(target.join("release/libpuppet.so"), folder.path().join("library.so"))
        .map_err(|error| format!("{}: {error}", target.display()))?;
    Ok(folder)
}

fn catalog() -> Catalog {
    let kinds = root().join("contract-tests/subjects/hookspecs");
    Catalog::load([kinds]).expect("the kind of the puppet is valid")
}

fn open(folder: &Path, isolation: Isolation) -> Arc<dyn Plugin> {
    let env = LoadEnv { kinds: catalog().known_kinds(), ..LoadEnv::default() };
    let manifest = Manifest {
        runtime: RuntimeName::Dylib,
        entry_point: Some("library.so".into()),
        isolation: Some(isolation),
        ..Manifest::new("puppet", "puppet")
    };
    let opened = futures::executor::block_on(Dylib::new().open(&manifest, folder, &env));
    opened.expect("the puppet is a plugin").remove(0)
}

/// The same work in this process: JSON from bytes, and into bytes.
fn work(input: &Payload) -> Result<Vec<u8>, hookspec_plugin::Fault> {
    let value: Value = serde_json::from_slice(input.bytes()?)?;
    Ok(serde_json::to_vec(&value)?)
}

/// A plugin under a name, so that ten of them fit into one registry.
struct Named {
    manifest: Manifest,
    /// What it does; without it, the floor's work.
    inner: Option<Arc<dyn Plugin>>,
}

const HOOKS: &[HookName] = &[HookName::from_static("ask"), HookName::from_static("pick")];

impl Plugin for Named {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn hooks(&self) -> &[HookName] {
        HOOKS
    }

    fn setup<'a>(
        &'a self,
        context: &'a hookspec_plugin::Context,
    ) -> hookspec_plugin::BoxFuture<'a, Result<(), hookspec_plugin::Fault>> {
        match &self.inner {
            Some(inner) => inner.setup(context),
            None => Box::pin(std::future::ready(Ok(()))),
        }
    }

    fn call<'a>(&'a self, call: Call<'a>) -> HookFuture<'a> {
        match &self.inner {
            Some(inner) => inner.call(call),
            None => HookFuture::Ready(work(call.input).map(Payload::from_bytes).map(Reply::Value)),
        }
    }
}

fn registry(count: usize, open: &dyn Fn() -> Option<Arc<dyn Plugin>>, tokio: &Tokio) -> Registry {
    let plugins = (0..count).map(|index| {
        let inner = open();
        let isolation = inner.as_ref().and_then(|inner| inner.manifest().isolation);
        let name = PluginName::new(format!("plugin-{index}"));
        let manifest = Manifest { isolation, ..Manifest::new(name, "puppet") };
        Arc::new(Named { manifest, inner }) as Arc<dyn Plugin>
    });
    let builder = Registry::builder().catalog(catalog()).plugins(plugins.collect::<Vec<_>>());
    tokio.block_on(builder.start()).expect("the plugins are admitted")
}

fn event() -> Value {
    json!({ "request_id": "7f1c2a90", "path": "/search/articles", "actor": "user-81723" })
}

fn tokio() -> Tokio {
    Builder::new_current_thread().enable_all().build().expect("a runtime can be made")
}

macro_rules! side {
    ($registry:expr, $tokio:expr, $dispatcher:ident, $hook:literal) => {{
        let (registry, tokio) = ($registry, $tokio);
        let hook = registry.$dispatcher::<Value, Value>("puppet", $hook);
        let hook = hook.expect("the hook is declared");
        let (caller, event) = (Caller::new(), event());
        Box::new(move |count: u32| {
            let _keep = &registry;
            tokio.block_on(async {
                for _ in 0..count {
                    let outcome = hook.dispatch(&caller, event.clone()).await;
                    black_box(outcome.expect("the dispatch works"));
                }
            });
        })
    }};
}

fn singleton(folder: &Path) -> Pair {
    let (left, right) = (tokio(), tokio());
    let floor = registry(1, &|| None, &left);
    let ours = registry(1, &|| Some(open(folder, Isolation::Inline)), &right);
    Pair {
        floor: side!(floor, left, singleton, "pick"),
        ours: side!(ours, right, singleton, "pick"),
    }
}

fn collect(folder: &Path) -> Pair {
    let (left, right) = (tokio(), tokio());
    let floor = registry(10, &|| None, &left);
    let ours = registry(10, &|| Some(open(folder, Isolation::Inline)), &right);
    Pair {
        floor: side!(floor, left, broadcast_collect, "ask"),
        ours: side!(ours, right, broadcast_collect, "ask"),
    }
}

type Job = (Payload, oneshot::Sender<Vec<u8>>);

/// The floor is a channel to a thread, the work there, and the wake back.
fn threaded(folder: &Path) -> Pair {
    let (left, right) = (tokio(), tokio());
    let ours = registry(1, &|| Some(open(folder, Isolation::Thread)), &right);
    let (jobs, waiting) = mpsc::sync_channel::<Job>(64);
    thread::spawn(move || {
        for (input, answer) in waiting {
            // The benchmark sends what it can parse itself.
            let _ = answer.send(work(&input).unwrap_or_default());
        }
    });
    let own = event();
    let floor = Box::new(move |count: u32| {
        left.block_on(async {
            for _ in 0..count {
                let (answer, answered) = oneshot::channel();
                let job = (Payload::from_json(own.clone()), answer);
                jobs.send(job).expect("the thread waits");
                let bytes = answered.await.expect("the thread answers");
                let value: Value = serde_json::from_slice(&bytes).expect("it is JSON");
                black_box(value);
            }
        });
    });
    Pair { floor, ours: side!(ours, right, singleton, "pick") }
}
