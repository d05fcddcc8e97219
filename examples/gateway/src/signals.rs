//! Ctrl-C and SIGTERM: the first asks the gateway to stop, the second ends it.

use std::io;

use hookspec::CancellationToken;

use crate::life::say;

/// Cancels the token when the process is asked to end, and ends it when it is asked again.
///
/// # Errors
/// The system does not tell of signals.
pub(crate) fn cancel(token: &CancellationToken) -> io::Result<()> {
    let mut signals = Signals::listen()?;
    let token = token.clone();
    tokio::spawn(async move {
        signals.next().await;
        say("stopping; a second signal ends it at once");
        token.cancel();
        signals.next().await;
        // As a shell reports a process that such a signal ended.
        std::process::exit(130);
    });
    Ok(())
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
