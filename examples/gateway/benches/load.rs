//! What the layer costs: the gateway under load by real HTTP clients, over real sockets, beside the
//! same service without the layer.
//!
//! ```sh
//! cargo bench -p gateway --bench load -- --connections 16 --seconds 5
//! ```
//!
//! Client and server share the machine and the process, so that the figures are a lower bound and
//! their ratio is what to read. The services take turns, in slices of a quarter of a second: whatever
//! else the machine does meets all of them.

#![forbid(unsafe_code)]
#![allow(clippy::print_stdout, reason = "a report for people")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use clap::Parser;
use futures::future::join_all;
use gateway::{Gateway, serve};
use hookspec::kinds::lifecycle_listener::LifecycleListenerPlugin;
use hookspec::testing::{Behaviour, Puppet};
use hookspec::{Manifest, Registry, RegistryBuilder};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use metrics_exporter::MetricsExporter;
use tokio::net::{TcpListener, TcpStream};

type Trouble = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
struct Args {
    /// Clients, each on a connection of its own
    #[arg(long, default_value_t = 16)]
    connections: usize,
    /// How long each service is driven for, with each path
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

/// One service under load, and what came of it.
struct Driven {
    name: &'static str,
    clients: Vec<SendRequest<Empty<Bytes>>>,
    took: Vec<Duration>,
    errors: u64,
    busy: Duration,
}

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    let args = Args::parse();
    let quick = registry(|builder| builder).await?;
    let hanging = registry(|builder| {
        let manifest =
            Manifest { timeout_ms: Some(250), ..Manifest::new("hanging", "lifecycle_listener") };
        let hanging = Puppet::new(manifest)
            .on("on_request_started", Behaviour::Hang)
            .on("on_request_finished", Behaviour::Hang);
        builder.plugin(hanging)
    })
    .await?;
    let (own, other) = (gateway(&quick)?, gateway(&hanging)?);
    println!("{} connections, {} s for each row", args.connections, args.seconds);
    println!(
        "{:<10} {:<26} {:>10} {:>7} {:>9} {:>9} {:>7}",
        "path", "service", "requests/s", "ratio", "p50 us", "p99 us", "errors"
    );
    for path in ["/healthz", "/search?q=Cheap++CAR"] {
        let mut driven = Vec::new();
        for (name, router) in [
            ("without the layer (floor)", own.bare()),
            ("with it", own.router()),
            ("with it, a listener hangs", other.router()),
        ] {
            driven.push(Driven::start(name, router, args.connections).await?);
        }
        let slice = Duration::from_millis(250);
        for _ in 0..args.seconds * 4 {
            for one in &mut driven {
                one.drive(path, slice).await;
            }
        }
        let floor = driven[0].rate();
        for one in &mut driven {
            one.show(path, floor);
        }
    }
    println!(
        "events nobody was told of, beside the listener that hangs: {}",
        other.traffic().untold()
    );
    quick.stop().await?;
    hanging.stop().await?;
    Ok(())
}

async fn registry(
    with: impl FnOnce(RegistryBuilder) -> RegistryBuilder,
) -> Result<Registry, Trouble> {
    let builder = Registry::builder()
        .hookspecs(concat!(env!("CARGO_MANIFEST_DIR"), "/../../hookspecs"))
        .plugin(LifecycleListenerPlugin::from(MetricsExporter::default()))
        .plugins(query_rewriters::plugins())
        .plugins(tool_providers::plugins());
    Ok(with(builder).start().await?)
}

fn gateway(registry: &Registry) -> Result<Gateway, Trouble> {
    Ok(Gateway::new(registry, Duration::from_secs(10))?)
}

impl Driven {
    async fn start(
        name: &'static str,
        router: Router,
        connections: usize,
    ) -> Result<Self, Trouble> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        // As long as the process.
        tokio::spawn(serve(listener, router, std::future::pending(), Duration::ZERO));
        let mut clients = Vec::new();
        for _ in 0..connections {
            clients.push(connect(address).await?);
        }
        Ok(Self { name, clients, took: Vec::new(), errors: 0, busy: Duration::ZERO })
    }

    async fn drive(&mut self, path: &str, slice: Duration) {
        let began = Instant::now();
        let driven = self
            .clients
            .drain(..)
            .map(|client| tokio::spawn(ask(client, path.to_owned(), began + slice)));
        let ended = join_all(driven.collect::<Vec<_>>()).await;
        self.busy += began.elapsed();
        for (client, took, errors) in ended.into_iter().flatten() {
            self.clients.push(client);
            self.took.extend(took);
            self.errors += errors;
        }
    }

    fn rate(&self) -> f64 {
        self.took.len() as f64 / self.busy.as_secs_f64()
    }

    fn show(&mut self, path: &str, floor: f64) {
        self.took.sort_unstable();
        let at = |part: f64| {
            let index = (self.took.len() as f64 * part) as usize;
            self.took.get(index).map_or(0.0, |took| took.as_secs_f64() * 1e6)
        };
        let path = path.split('?').next().unwrap_or(path);
        println!(
            "{path:<10} {:<26} {:>10.0} {:>7.2} {:>9.0} {:>9.0} {:>7}",
            self.name,
            self.rate(),
            self.rate() / floor,
            at(0.50),
            at(0.99),
            self.errors
        );
    }
}

async fn connect(address: SocketAddr) -> Result<SendRequest<Empty<Bytes>>, Trouble> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

/// One request after another until it is time; those that fail, and those not answered with 200,
/// are errors.
async fn ask(
    mut client: SendRequest<Empty<Bytes>>,
    path: String,
    until: Instant,
) -> (SendRequest<Empty<Bytes>>, Vec<Duration>, u64) {
    let (mut took, mut errors) = (Vec::new(), 0);
    loop {
        let began = Instant::now();
        if began >= until {
            return (client, took, errors);
        }
        match once(&mut client, &path).await {
            Ok(true) => took.push(began.elapsed()),
            Ok(false) => errors += 1,
            // The connection is gone.
            Err(_) => return (client, took, errors + 1),
        }
    }
}

async fn once(client: &mut SendRequest<Empty<Bytes>>, path: &str) -> Result<bool, Trouble> {
    let request = Request::builder().uri(path).header("host", "gateway").body(Empty::new())?;
    client.ready().await?;
    let response = client.send_request(request).await?;
    let fine = response.status().is_success();
    response.into_body().collect().await?;
    Ok(fine)
}
