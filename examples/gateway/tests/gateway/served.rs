//! [`Served`]: a gateway in this process, on a socket that the system chose.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway::{Gateway, Traffic, serve};
use hookspec::testing::{Behaviour, Puppet};
use hookspec::{CancellationToken, Manifest, Registry, RegistryBuilder, Reply};
use metrics_exporter::MetricsExporter;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) const HOOKSPECS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../hookspecs");

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) registry: Registry,
    pub(crate) traffic: Traffic,
    stop: CancellationToken,
    task: JoinHandle<bool>,
}

impl Served {
    /// The example plugins and others, behind a gateway that gives a request five seconds.
    pub(crate) async fn start(with: impl FnOnce(RegistryBuilder) -> RegistryBuilder) -> Self {
        Self::start_with(Path::new(HOOKSPECS), with).await
    }

    /// The same over other hookspecs.
    pub(crate) async fn start_with(
        hookspecs: &Path,
        with: impl FnOnce(RegistryBuilder) -> RegistryBuilder,
    ) -> Self {
        hookspec::install_panic_hook();
        let builder = Registry::builder()
            .hookspecs(hookspecs)
            .environment(|_| None)
            .plugins(query_rewriters::plugins())
            .plugins(tool_providers::plugins());
        let registry = with(builder).start().await.unwrap();
        let gateway = Gateway::new(&registry, Duration::from_secs(5)).unwrap();
        let gateway = gateway.exporter(MetricsExporter::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, stop) = (listener.local_addr().unwrap(), CancellationToken::new());
        let (traffic, router) = (gateway.traffic().clone(), gateway.router());
        let stopped = stop.cancelled();
        let task = tokio::spawn(async move {
            serve(listener, router, stopped, Duration::from_secs(5)).await.unwrap()
        });
        Self { address, registry, traffic, stop, task }
    }

    /// Stops as the process does; answers whether every request was answered.
    pub(crate) async fn stop(self) -> bool {
        self.stop.cancel();
        let all = self.task.await.unwrap();
        self.registry.stop().await.unwrap();
        all
    }
}

/// What a listener was told: hook, event and the caller's metadata.
pub(crate) type Heard = Arc<Mutex<Vec<Value>>>;

/// A listener that keeps what it hears.
pub(crate) fn listener() -> (Puppet, Heard) {
    let heard = Heard::default();
    let mut puppet = Puppet::new(Manifest::new("ear", "lifecycle_listener"));
    for hook in ["on_request_started", "on_request_finished", "on_request_failed"] {
        let heard = Arc::clone(&heard);
        puppet = puppet.on(
            hook,
            Behaviour::compute(move |call| {
                let metadata = Value::Object(call.context.caller().metadata().clone());
                let input = call.input.json()?.clone();
                let said = json!({ "hook": hook, "event": input, "metadata": metadata });
                heard.lock().unwrap().push(said);
                Ok(Reply::value(Value::Null))
            }),
        );
    }
    (puppet, heard)
}

/// Waits until something holds.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waited)
        .await
        .unwrap_or_else(|_| panic!("never came about: {what}"));
}
