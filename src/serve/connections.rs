//! Sockets: accepting, limits, and the orderly end.
//!
//! `axum::serve` has no limits to set, so each connection is driven by hyper here, under a head of
//! bounded size that must come in bounded time, for a bounded life, and only so many at once (S19). They
//! all run inside the future that [`serve`] returns: nothing is spawned, and dropping it ends them. One
//! task is enough, as an answer is a look into a table; what waits is the sockets.

use super::answer::answer;
use super::{Shelf, Vitals};
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::serve::Listener;
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// Connections at once; beyond, clients wait in the kernel's queue. Well below the 1,024 descriptors
/// that a process may have by default, of which polling needs its share.
const MAX_CONNECTIONS: usize = 512;

/// Bytes of a request line and its fields. S19's bound; a browser's head with cookies is a quarter of it.
const MAX_HEAD_BYTES: usize = 16 * 1024;

/// How long a head may take to come, and a connection that is kept alive may be silent (S19).
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// After this long a connection is finished, however it fares: who reads a document this slowly does not
/// read. A reverse proxy opens a new one.
const MAX_LIFE: Duration = Duration::from_mins(2);

/// How long a response on its way may take when the connection is to end. Less than the second and a half
/// for which the daemon waits for us as it stops (R13), so that connections end here and are not cut off.
const GRACE: Duration = Duration::from_secs(1);

/// Takes an address to serve at; port 0 is any that is free.
///
/// # Errors
///
/// When the address is in use, or is not this machine's.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Serves the documents of `shelf`, and `/healthz` by `vitals`, to all who connect to `listener`, until
/// `stop` resolves.
///
/// Then no connection is accepted any more, responses on their way have a second to finish, and the future
/// resolves.
///
/// # Errors
///
/// None at present: a failed accept is tried again, a failed connection is the client's loss.
pub async fn serve(
    listener: TcpListener,
    shelf: Arc<Shelf>,
    vitals: Arc<Vitals>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let mut listener = listener;
    let router = router(shelf, vitals);
    let stop = stop.boxed().shared();
    let mut stopped = stop.clone();
    let mut open = FuturesUnordered::new();
    loop {
        tokio::select! {
            (socket, _) = Listener::accept(&mut listener), if open.len() < MAX_CONNECTIONS => {
                open.push(tend(socket, router.clone(), stop.clone()));
            }
            Some(()) = open.next() => {}
            () = &mut stopped => break,
        }
    }
    drop(listener);
    while open.next().await.is_some() {}
    Ok(())
}

/// Every path goes to [`answer`]: the shelf is the path table.
fn router(shelf: Arc<Shelf>, vitals: Arc<Vitals>) -> Router {
    Router::new().fallback(move |request: Request| {
        let response: Response<Body> = answer(&request, &shelf, &vitals);
        std::future::ready(response)
    })
}

/// Drives one connection to its end.
async fn tend(socket: TcpStream, router: Router, stop: impl Future<Output = ()>) {
    // Responses leave at once instead of waiting for more; failing costs only time.
    socket.set_nodelay(true).ok();
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD_BYTES)
            .serve_connection(TokioIo::new(socket), TowerToHyperService::new(router))
    );
    let ending = timeout(MAX_LIFE, stop);
    tokio::select! {
        // What became of it is the client's affair: a log of every reset would only hide ours.
        _ = connection.as_mut() => return,
        _ = ending => {}
    }
    connection.as_mut().graceful_shutdown();
    timeout(GRACE, connection).await.ok();
}
