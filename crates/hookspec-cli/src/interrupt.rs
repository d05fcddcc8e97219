//! Ctrl-C and SIGTERM: the first asks the work to end, the second ends the process.

use std::io;

use hookspec_plugin::CancellationToken;

/// Cancels the token when the process is asked to end, and ends it when it is asked again; `told` is
/// called at the first. From here on the system no longer ends it by itself, so this goes on as long
/// as the async runtime that it has to be called in.
///
/// # Errors
/// The system does not tell of signals; it ends the process at the first one, as ever.
pub fn cancel_on_signal(
    token: &CancellationToken,
    told: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let mut signals = Signals::listen()?;
    let token = token.clone();
    tokio::spawn(async move {
        signals.next().await;
        told();
        token.cancel();
        signals.next().await;
        // As a shell reports a process that such a signal ended.
        std::process::exit(130);
    });
    Ok(())
}

/// As [`cancel_on_signal`], saying nothing; where the system tells of no signals it ends the process.
pub(crate) fn cancels(token: &CancellationToken) {
    let _ = cancel_on_signal(token, || {});
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
