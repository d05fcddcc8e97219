//! [`run`]: the whole life of a gateway, from the first plugin's setup to the last one's teardown.
//!
//! The address is taken first, so that nothing is set up for a port that somebody else has;
//! connections are accepted when every plugin is ready. A signal during the start does not break it
//! off: setups end, each within its own limit, and what they set up is torn down.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use hookspec::{CancellationToken, Registry, RegistryBuilder};
use hookspec_cli::cancel_on_signal;
use metrics_exporter::MetricsExporter;
use tokio::net::TcpSocket;
use tokio::runtime::Builder;

use crate::routes::Gateway;
use crate::serve::serve;
use crate::traffic::Traffic;

/// What of a gateway an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where it listens; with port 0 the system chooses one.
    pub listen: SocketAddr,
    /// The longest a request may take, whatever it asks for.
    pub most: Duration,
    /// How long requests may go on after it was asked to stop.
    pub patience: Duration,
    /// A plugin whose counters are part of `/metrics`.
    pub exporter: Option<MetricsExporter>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            most: Duration::from_secs(10),
            patience: Duration::from_secs(10),
            exporter: None,
        }
    }
}

/// Starts, serves until SIGTERM or Ctrl-C, and stops.
///
/// The exit code is 0 when every request whose client waited for it was answered and every plugin torn
/// down, 1 when not, and 2 when it did not get to serve at all.
pub fn run(builder: RegistryBuilder, settings: &Settings) -> ExitCode {
    let runtime = match Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return could_not(format_args!("there is no async runtime: {error}")),
    };
    let code = runtime.block_on(live(builder, settings));
    // Not awaited: what a plugin left running must not keep the process.
    runtime.shutdown_timeout(Duration::from_millis(100));
    code
}

async fn live(builder: RegistryBuilder, settings: &Settings) -> ExitCode {
    let stop = CancellationToken::new();
    if let Err(error) = cancel_on_signal(&stop, || say("stopping; a second signal ends it at once"))
    {
        return could_not(format_args!("signals cannot be waited for: {error}"));
    }
    let socket = match bind(settings.listen) {
        Ok(socket) => socket,
        Err(error) => {
            return could_not(format_args!(
                "{} cannot be had: {error}; choose another with --listen",
                settings.listen
            ));
        }
    };
    let registry = match builder.start().await {
        Ok(registry) => registry,
        Err(error) => return could_not(error),
    };
    let served = match stop.is_cancelled() {
        true => Ok(None),
        false => attend(socket, &registry, settings, &stop).await.map(Some),
    };
    let torn = registry.stop().await;
    // Now, that what was still being asked has been answered, or has no one left to answer it.
    let served = served.map(|served| served.is_none_or(|(all, traffic)| told(&traffic) || all));
    if let Err(errors) = &torn {
        say(errors);
    }
    match (served, torn) {
        (Err(error), _) => could_not(error),
        (Ok(true), Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

/// Taken, and not listened on: whoever connects before plugins are ready is refused, not kept.
fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // So that a gateway can take the place of one that has just ended.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

/// Serves until it is asked to stop; answers whether its patience was enough, and what came.
async fn attend(
    socket: TcpSocket,
    registry: &Registry,
    settings: &Settings,
    stop: &CancellationToken,
) -> Result<(bool, Traffic), Box<dyn std::error::Error>> {
    /// Connections that the system keeps until they are accepted.
    const BACKLOG: u32 = 1024;
    let gateway = Gateway::new(registry, settings.most)?;
    let gateway = match &settings.exporter {
        Some(exporter) => gateway.exporter(exporter.clone()),
        None => gateway,
    };
    let listener = socket.listen(BACKLOG)?;
    announce(format_args!("listening on http://{}", listener.local_addr()?));
    let stopped = stop.cancelled();
    let all = serve(listener, gateway.router(), stopped, settings.patience).await?;
    Ok((all, gateway.traffic().clone()))
}

/// Says what came of all requests; answers whether none is left.
fn told(traffic: &Traffic) -> bool {
    let (answered, left, untold) = (traffic.answered(), traffic.in_flight(), traffic.untold());
    announce(format_args!(
        "answered {answered} requests; {left} are cut off, {} had no one to answer, \
         listeners missed {untold} events",
        traffic.failed()
    ));
    left == 0
}

fn could_not(error: impl Display) -> ExitCode {
    say(format_args!("error: {error}"));
    ExitCode::from(2)
}

/// On standard output, for whoever started it: that nobody reads it is no reason to panic.
fn announce(text: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// On standard error, for people.
pub(crate) fn say(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
