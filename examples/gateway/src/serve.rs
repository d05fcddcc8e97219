//! [`serve`]: accepts until it is asked to stop, then answers what it accepted.

use std::future::{Future, IntoFuture};
use std::io;
use std::time::Duration;

use axum::Router;
use hookspec::CancellationToken;
use tokio::net::TcpListener;

/// Serves until `stop` has ended, and then until every request that came before is answered, for
/// at most `patience`. Answers whether that was enough.
///
/// # Errors
/// The socket cannot be served.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
) -> io::Result<bool> {
    let stopping = CancellationToken::new();
    let began = stopping.clone();
    let served = axum::serve(listener, router).with_graceful_shutdown(async move {
        stop.await;
        began.cancel();
    });
    let too_long = async {
        stopping.cancelled().await;
        // A client that never reads, or sends half a request, must not keep the gateway.
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        ended = served.into_future() => ended.map(|()| true),
        () = too_long => Ok(false),
    }
}
