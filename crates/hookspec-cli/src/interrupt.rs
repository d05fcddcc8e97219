//! Ctrl-C: asks the work to end; a second one ends the process.

use hookspec_plugin::CancellationToken;

/// Cancels the token when the process is asked to end, and ends it when it is asked again. From
/// here on the system no longer does so by itself, so this goes on as long as the async runtime.
pub(crate) fn cancels(token: &CancellationToken) {
    // Without a handler the system ends the process, as ever.
    let Ok(mut signals) = Signals::listen() else { return };
    let token = token.clone();
    tokio::spawn(async move {
        signals.next().await;
        token.cancel();
        signals.next().await;
        // As a shell reports a process that such a signal ended.
        std::process::exit(130);
    });
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
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
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
