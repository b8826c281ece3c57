//! Sockets: accepting, limits, and the orderly end.
//!
//! `axum::serve` has no limits to set, so each connection is driven by hyper here, under a head of
//! bounded size that must come in bounded time, for a bounded life, and only so many at once (S19). They
//! all run inside the future that [`serve`] returns: nothing is spawned, and dropping it ends them. One
//! task is enough, as an answer is a look into a table; what waits is the sockets, and who reads an archive.

use super::answer::respond;
use super::archive;
use super::crowd::{Crowd, Seat, Seated};
use super::limits::Limits;
use super::{Shelf, Vitals};
use axum::http::Request;
use axum::serve::Listener;
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::borrow::Cow;
use std::convert::Infallible;
use std::future::{Future, pending};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, timeout};

/// Takes an address to serve at; port 0 is any that is free.
///
/// # Errors
///
/// When the address is in use, or is not this machine's.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Takes over a listener that somebody else made.
///
/// # Errors
///
/// When it does not become one of the runtime's.
pub fn adopt(listener: std::net::TcpListener) -> io::Result<TcpListener> {
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
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
    serve_within(Limits::DEFAULT, listener, Desk { shelf, vitals }, stop).await;
    Ok(())
}

/// What requests are answered from.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) shelf: Arc<Shelf>,
    pub(super) vitals: Arc<Vitals>,
}

impl Desk {
    /// Counts an answer, under the name of what was asked for where it has one that may be told.
    fn count<B>(&self, request: &Request<B>, status: u16, took: Duration) {
        let path = request.uri().path();
        let name = match self.shelf.get(path) {
            Some(resource) if resource.is_protected() => Cow::default(),
            Some(resource) => resource.terms.counted_as.unwrap_or(path).into(),
            None => archive::counted_as(path, &self.shelf).map_or(Cow::default(), Cow::from),
        };
        self.vitals.traffic().note(&name, status, took);
    }
}

/// Serves within the limits that it is given.
pub(super) async fn serve_within(
    limits: Limits,
    mut listener: TcpListener,
    desk: Desk,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let stop = stop.boxed().shared();
    let mut stopped = stop.clone();
    let mut crowd = Crowd::default();
    let idle = crowd.idle();
    let mut open = FuturesUnordered::new();
    // Accepted, and without a place yet; others wait in the kernel's queue.
    let mut next: Option<(TcpStream, IpAddr)> = None;
    loop {
        let now = Instant::now();
        let wait = crowd.wait(&limits, now);
        if let Some(socket) = next.take_if(|_| wait.is_zero()) {
            let seat = crowd.enter(&limits, now);
            open.push(tend(socket, seat, limits, desk.clone(), stop.clone()));
        }
        tokio::select! {
            (socket, from) = Listener::accept(&mut listener), if next.is_none() => {
                next = Some((socket, from.ip()));
            }
            Some(number) = open.next() => crowd.leave(number),
            () = pass(wait), if next.is_some() => {}
            // Who keeps its place for ten seconds may be done in a moment.
            () = idle.notified(), if next.is_some() => {}
            () = desk.vitals.beat() => {}
            () = &mut stopped => break,
        }
    }
    // Accepted is accepted.
    if let Some(socket) = next {
        let seat = crowd.enter(&limits, Instant::now());
        open.push(tend(socket, seat, limits, desk.clone(), stop.clone()));
    }
    drop(listener);
    while open.next().await.is_some() {}
}

/// Lets time pass.
async fn pass(span: Duration) {
    timeout(span, pending::<()>()).await.ok();
}

/// Drives one connection to its end; returns the number of its seat.
async fn tend(
    (socket, client): (TcpStream, IpAddr),
    seat: Arc<Seat>,
    limits: Limits,
    desk: Desk,
    stop: impl Future<Output = ()>,
) -> u64 {
    // Responses leave at once instead of waiting for more; failing costs only time.
    socket.set_nodelay(true).ok();
    let io = TokioIo::new(Seated::new(socket, Arc::clone(&seat)));
    // Every path goes to [`respond`]: the shelf is the path table.
    let (desk, seated) = (&desk, &seat);
    let service = service_fn(|request: Request<_>| async move {
        let began = Instant::now();
        seated.ask();
        let response = respond(&request, client, &desk.shelf, &desk.vitals).await;
        desk.count(&request, response.status().as_u16(), began.elapsed());
        Ok::<_, Infallible>(response.map(|body| seated.answer(body)))
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head_time)
            .max_buf_size(limits.head_bytes)
            .serve_connection(io, service)
    );
    let ending = timeout(limits.life, stop);
    tokio::select! {
        // Who has to leave is not heard again: what would be begun would be cut off.
        biased;
        () = seat.asked_to_leave() => return seat.number(),
        // What has come is answered before anything is ended. What became of it is the client's affair: a log of every
        // reset would only hide ours.
        _ = connection.as_mut() => return seat.number(),
        _ = ending => {}
    }
    // Whoever has just connected is about to ask: no request is lost as we end.
    if !seat.was_answered()
        && timeout(limits.first_word, connection.as_mut())
            .await
            .is_ok()
    {
        return seat.number();
    }
    connection.as_mut().graceful_shutdown();
    timeout(limits.grace, connection).await.ok();
    seat.number()
}
