//! The TLS sessions that are resumed from poll to poll.
//!
//! rustls resumes by itself, but remembers 32 servers by default, the last ones: of more than that, asked in
//! turn, it has forgotten each by the time it comes up again. And it keeps eight tickets of each, every one
//! with a copy of the certificates, where one is used. Hence a memory of our own, of one session a server.
//!
//! A session tells two visits to be of the same client (RFC 8446, C.4). So each way to origins has a memory
//! of its own: who asks through a proxy is not known again by who asked without it.

use rustls::NamedGroup;
use rustls::client::{
    ClientSessionStore, Resumption, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Servers that are remembered. A session is mostly the certificates of its server: some 4 KB, measured.
const MAX_SERVERS: usize = 4096;

/// Silence after which a server may be forgotten for another: most feeds are asked for within a day, and
/// tickets are seldom good for longer.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(24);

/// How often a full memory is gone through: it takes as long as a part of a handshake.
const SWEPT_EVERY: Duration = Duration::from_mins(10);

/// Returns a memory of sessions in which nothing is yet.
pub(super) fn memory() -> Resumption {
    Resumption::store(Arc::new(Sessions::default()))
}

/// The last session with each server.
#[derive(Default)]
struct Sessions(Mutex<Memory<Session>>);

/// What is known of one server. One ticket is enough, since a host is asked one at a time; it is used once,
/// so that nobody on the way can tell two visits to be of the same client (RFC 8446, C.4).
#[derive(Default)]
struct Session {
    group: Option<NamedGroup>,
    tls12: Option<Tls12ClientSessionValue>,
    tls13: Option<Tls13ClientSessionValue>,
}

impl Session {
    fn is_resumable(&self) -> bool {
        self.tls12.is_some() || self.tls13.is_some()
    }
}

impl Sessions {
    fn memory(&self) -> MutexGuard<'_, Memory<Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, server: ServerName<'static>, keep: impl FnOnce(&mut Session)) {
        let mut memory = self.memory();
        if let Some(session) = memory.place(server, Instant::now(), Session::is_resumable) {
            keep(session);
        }
    }

    fn find<T>(
        &self,
        server: &ServerName<'static>,
        find: impl FnOnce(&mut Session) -> Option<T>,
    ) -> Option<T> {
        find(self.memory().find(server, Instant::now())?)
    }
}

impl ClientSessionStore for Sessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.keep(server, |session| session.group = Some(group));
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.find(&server.to_owned(), |session| session.group)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, value: Tls12ClientSessionValue) {
        self.keep(server, |session| session.tls12 = Some(value));
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.find(&server.to_owned(), |session| session.tls12.clone())
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.find(server, |session| session.tls12.take());
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, value: Tls13ClientSessionValue) {
        self.keep(server, |session| session.tls13 = Some(value));
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.find(server, |session| session.tls13.take())
    }
}

impl fmt::Debug for Sessions {
    /// Leaves out the sessions, which are keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions").finish_non_exhaustive()
    }
}

/// A bounded memory of servers.
///
/// When it is full, those in it stay and new ones are not remembered: feeds are asked in turn, and whoever
/// forgets the oldest first has forgotten each when its turn comes. But who is not asked any more makes
/// room, else strangers that redirects once led to would fill it for good; and so does who gave nothing to
/// keep.
#[derive(Default)]
struct Memory<S> {
    servers: HashMap<ServerName<'static>, Place<S>>,
    swept_at: Option<Instant>,
}

struct Place<S> {
    asked_at: Instant,
    session: S,
}

impl<S: Default> Memory<S> {
    /// Returns what is known of a server that is asked now.
    fn find(&mut self, server: &ServerName<'static>, now: Instant) -> Option<&mut S> {
        let place = self.servers.get_mut(server)?;
        place.asked_at = now;
        Some(&mut place.session)
    }

    /// Returns the place of a server that is asked now, unless there is no room for it.
    fn place(
        &mut self,
        server: ServerName<'static>,
        now: Instant,
        is_worth: impl Fn(&S) -> bool,
    ) -> Option<&mut S> {
        if self.servers.len() >= MAX_SERVERS && !self.servers.contains_key(&server) {
            self.sweep(now, is_worth);
            if self.servers.len() >= MAX_SERVERS {
                return None;
            }
        }
        let place = self.servers.entry(server).or_insert_with(|| Place {
            asked_at: now,
            session: S::default(),
        });
        place.asked_at = now;
        Some(&mut place.session)
    }

    /// Makes room, if it was not tried just before.
    fn sweep(&mut self, now: Instant, is_worth: impl Fn(&S) -> bool) {
        let passed = |since| now.saturating_duration_since(since);
        if self.swept_at.is_some_and(|at| passed(at) < SWEPT_EVERY) {
            return;
        }
        self.swept_at = Some(now);
        self.servers.retain(|_, place| {
            passed(place.asked_at) < FORGOTTEN_AFTER && is_worth(&place.session)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(number: usize) -> ServerName<'static> {
        ServerName::try_from(format!("h{number}.example")).unwrap()
    }

    /// A memory that these many servers gave something to keep.
    fn full_at(now: Instant) -> Memory<bool> {
        let mut memory = Memory::default();
        for number in 0..MAX_SERVERS {
            *memory.place(server(number), now, |it| *it).unwrap() = true;
        }
        memory
    }

    /// Strangers do not drive out who is asked, and do not stay for good either.
    #[test]
    fn who_is_not_asked_for_a_day_makes_room() {
        let start = Instant::now();
        let at = |hours| start + Duration::from_hours(hours);
        let mut memory = full_at(start);
        let stranger = server(MAX_SERVERS);
        assert!(memory.place(stranger.clone(), at(1), |it| *it).is_none());
        for number in 0..10 {
            assert!(memory.find(&server(number), at(12)).is_some());
        }
        assert!(memory.place(stranger.clone(), at(23), |it| *it).is_none());
        assert!(memory.place(server(0), at(23), |it| *it).is_some());
        assert!(memory.place(stranger.clone(), at(24), |it| *it).is_some());
        assert_eq!(memory.servers.len(), 11);
        assert!(memory.find(&server(9), at(24)).is_some());
        assert!(memory.find(&server(10), at(24)).is_none());
    }

    #[test]
    fn who_gave_nothing_to_keep_makes_room() {
        let start = Instant::now();
        let mut memory = full_at(start);
        *memory.find(&server(7), start).unwrap() = false;
        assert!(memory.place(server(MAX_SERVERS), start, |it| *it).is_some());
        assert_eq!(memory.servers.len(), MAX_SERVERS);
        assert!(memory.find(&server(7), start).is_none());
    }

    /// However many there are, no more are remembered, and the memory is seldom gone through.
    #[test]
    fn the_memory_is_bounded() {
        let start = Instant::now();
        let mut memory = full_at(start);
        for number in 0..MAX_SERVERS * 2 {
            memory.place(server(number), start, |it| *it);
        }
        assert_eq!(memory.servers.len(), MAX_SERVERS);
        assert_eq!(memory.swept_at, Some(start));
        let soon = start + SWEPT_EVERY / 2;
        assert!(memory.place(server(MAX_SERVERS), soon, |it| *it).is_none());
        assert_eq!(memory.swept_at, Some(start));
    }
}
