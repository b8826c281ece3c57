//! Who is connected, and who gives way when there is no room left (S19).
//!
//! Connections cost nobody anything to hold open, so a few machines can hold all that there are. When they
//! do, whoever comes takes the place of the connection that has been idle for longest: kept alive and not
//! used, or slow to say what it wants; not who has come just now, whose request may be on its way. Where all are being answered, of one that has been for long: who
//! reads so slowly gets a page later, or not at all, rather than that nobody else gets any. A limit for each
//! address was rejected: behind a reverse proxy all readers have one.

use super::limits::Limits;
use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::{fmt, io};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

/// A connection, as far as its claim to its place goes.
#[derive(Debug)]
pub(super) struct Seat {
    number: u64,
    /// Whether it is being answered, and since when it is so.
    state: Mutex<(bool, Instant)>,
    /// Whether any request of it was answered.
    was_answered: AtomicBool,
    /// Whether there is more of the response than was written.
    has_more: AtomicBool,
    /// Rings when it has to leave.
    bell: Notify,
    /// Rings when any is idle from now on: whoever waits for a place may have its.
    idle: Arc<Notify>,
}

impl Seat {
    fn new(number: u64, now: Instant, idle: Arc<Notify>) -> Self {
        Self {
            number,
            idle,
            state: Mutex::new((false, now)),
            was_answered: AtomicBool::new(false),
            has_more: AtomicBool::new(false),
            bell: Notify::new(),
        }
    }

    /// Returns what it is called in its [`Crowd`].
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Waits until it has to leave.
    pub(super) async fn asked_to_leave(&self) {
        self.bell.notified().await;
    }

    /// Tells whether any request of it was answered.
    pub(super) fn was_answered(&self) -> bool {
        self.was_answered.load(Ordering::Relaxed)
    }

    /// Returns until when it keeps its place, whoever comes.
    fn keeps_until(&self, limits: &Limits) -> Instant {
        match self.state() {
            (true, since) => since + limits.patience,
            (false, since) if self.was_answered() => since,
            (false, since) => since + limits.settle,
        }
    }

    fn state(&self) -> (bool, Instant) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a request is there: who waits for a file to be opened is not idle.
    pub(super) fn ask(&self) {
        self.has_more.store(true, Ordering::Relaxed);
        self.note(true);
    }

    /// Notes that a response begins, and returns its body, which tells when it is over.
    pub(super) fn answer(self: &Arc<Self>, body: Body) -> Answer {
        self.was_answered.store(true, Ordering::Relaxed);
        Answer {
            body,
            seat: Arc::clone(self),
        }
    }

    /// Notes that it is being answered, or is not any more; the first of several times counts.
    fn note(&self, is_busy: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.0 != is_busy {
            *state = (is_busy, Instant::now());
            if !is_busy {
                self.idle.notify_one();
            }
        }
    }
}

/// All connections that keep their places.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    seats: BTreeMap<u64, Arc<Seat>>,
    last: u64,
    idle: Arc<Notify>,
}

impl Crowd {
    /// Returns how long it will be until there is room for one more; none when there is, or can be made.
    pub(super) fn wait(&self, limits: &Limits, now: Instant) -> Duration {
        if self.seats.len() < limits.connections {
            return Duration::ZERO;
        }
        let until = self.seats.values().map(|seat| seat.keeps_until(limits));
        let first = until.min().unwrap_or(now);
        first.saturating_duration_since(now)
    }

    /// Gives a place to one more; where there is none left, another's.
    pub(super) fn enter(&mut self, limits: &Limits, now: Instant) -> Arc<Seat> {
        if self.seats.len() >= limits.connections {
            let first = self.seats.values().min_by_key(|seat| {
                let is_early = seat.keeps_until(limits) > now;
                (is_early, seat.state())
            });
            if let Some(seat) = first.cloned() {
                seat.bell.notify_one();
                self.leave(seat.number);
            }
        }
        self.last += 1;
        let seat = Arc::new(Seat::new(self.last, now, Arc::clone(&self.idle)));
        self.seats.insert(self.last, Arc::clone(&seat));
        seat
    }

    /// Returns what rings when one of them is idle from now on.
    pub(super) fn idle(&self) -> Arc<Notify> {
        Arc::clone(&self.idle)
    }

    /// Takes a place back.
    pub(super) fn leave(&mut self, number: u64) {
        self.seats.remove(&number);
    }
}

/// The body of a response whose seat knows when there is no more of it.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    seat: Arc<Seat>,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.seat.has_more.store(false, Ordering::Relaxed);
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A socket whose seat knows when all of a response was written to it.
pub(super) struct Seated<S> {
    socket: S,
    seat: Arc<Seat>,
}

impl<S> Seated<S> {
    pub(super) fn new(socket: S, seat: Arc<Seat>) -> Self {
        Self { socket, seat }
    }
}

impl<S> fmt::Debug for Seated<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Seated").field(&self.seat).finish()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Seated<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Seated<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Called once everything was taken by the socket that there was so far.
        ready!(Pin::new(&mut self.socket).poll_flush(context))?;
        if !self.seat.has_more.load(Ordering::Relaxed) {
            self.seat.note(false);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        connections: 3,
        patience: Duration::from_secs(10),
        settle: Duration::from_secs(1),
        ..Limits::DEFAULT
    };

    fn set(seat: &Seat, is_busy: bool, since: Instant) {
        *seat.state.lock().unwrap() = (is_busy, since);
    }

    /// Seats of these states (busy, seconds since), and what becomes of one more after 100 s: how long it
    /// waits, and whose place it takes then.
    fn check(states: [(bool, u64); 3], expected: (u64, usize)) {
        let start = Instant::now();
        let mut crowd = Crowd::default();
        let seats: Vec<Arc<Seat>> = states
            .iter()
            .map(|(is_busy, since)| {
                let seat = crowd.enter(&LIMITS, start);
                set(&seat, *is_busy, start + Duration::from_secs(*since));
                seat
            })
            .collect();
        let now = start + Duration::from_secs(100);
        let wait = crowd.wait(&LIMITS, now);
        assert_eq!(wait, Duration::from_secs(expected.0), "{states:?}");
        let one_more = crowd.enter(&LIMITS, now + wait);
        assert_eq!(crowd.seats.len(), 3);
        assert!(crowd.seats.contains_key(&one_more.number()));
        let gone = seats
            .iter()
            .position(|it| !crowd.seats.contains_key(&it.number));
        assert_eq!(gone, Some(expected.1), "{states:?}");
    }

    #[test]
    fn s19_who_was_idle_for_longest_gives_way() {
        check([(false, 5), (false, 3), (false, 4)], (0, 1));
        check([(true, 0), (false, 99), (true, 1)], (0, 1));
        check([(false, 98), (false, 99), (true, 0)], (0, 0));
    }

    #[test]
    fn s19_who_is_answered_gives_way_after_a_while() {
        check([(true, 50), (true, 40), (true, 60)], (0, 1));
        check([(true, 95), (true, 96), (true, 97)], (5, 0));
        check([(true, 99), (true, 92), (true, 98)], (2, 1));
    }

    /// Else whoever comes next would take the place of who came last, before that was heard.
    #[test]
    fn s19_who_has_come_just_now_gives_way_to_nobody() {
        check([(false, 100), (true, 99), (true, 98)], (1, 0));
        check([(true, 99), (false, 100), (true, 60)], (0, 2));
        check([(false, 100), (false, 100), (false, 50)], (0, 2));
    }

    /// Who waits for a file to be opened is no more idle than who reads what was in it.
    #[test]
    fn s19_who_has_asked_is_not_idle_before_there_is_an_answer() {
        let mut crowd = Crowd::default();
        let seat = crowd.enter(&LIMITS, Instant::now());
        seat.ask();
        assert!(seat.state().0);
        let answer = seat.answer(Body::empty());
        assert!(seat.state().0 && seat.was_answered());
        drop(answer);
        // Idle from the last byte on, at once.
        seat.note(false);
        assert_eq!(seat.keeps_until(&LIMITS), seat.state().1);
    }

    #[test]
    fn s19_nobody_gives_way_while_there_is_room() {
        let now = Instant::now();
        let mut crowd = Crowd::default();
        let seats: Vec<Arc<Seat>> = (0..3).map(|_| crowd.enter(&LIMITS, now)).collect();
        crowd.leave(seats[1].number());
        assert_eq!(crowd.wait(&LIMITS, now), Duration::ZERO);
        crowd.enter(&LIMITS, now);
        assert!(crowd.seats.contains_key(&seats[0].number()));
        assert!(crowd.seats.contains_key(&seats[2].number()));
    }
}
