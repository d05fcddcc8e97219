//! Ctrl-C: the first ends the scan with what there is so far, the second ends the process.

use hookspec::CancellationToken;

/// Cancels the token at the first Ctrl-C, and ends the process at the second. Heard from here on.
pub(crate) fn cancels(token: &CancellationToken) {
    // Without a handler the system ends the process, as ever.
    let Ok(mut presses) = Presses::listen() else { return };
    let token = token.clone();
    tokio::spawn(async move {
        presses.next().await;
        token.cancel();
        presses.next().await;
        // As a shell reports a process that such a signal ended.
        std::process::exit(130);
    });
}

#[cfg(unix)]
struct Presses(tokio::signal::unix::Signal);

#[cfg(unix)]
impl Presses {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        signal(SignalKind::interrupt()).map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}

#[cfg(not(unix))]
struct Presses;

#[cfg(not(unix))]
impl Presses {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
