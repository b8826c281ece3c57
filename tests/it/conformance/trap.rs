//! Listeners where nobody is to come.

use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

/// Listens and never answers. Whoever connects is counted, also when the connection was given up.
pub(super) struct Trap {
    pub(super) port: u16,
    listeners: Vec<TcpListener>,
}

impl Trap {
    /// Listens at one free port of all these addresses. One that the machine lacks (it has no IPv6) is left
    /// out, but for the first.
    pub(super) fn set(hosts: &[&str]) -> Self {
        let first = TcpListener::bind((hosts[0], 0)).unwrap();
        let port = first.local_addr().unwrap().port();
        let mut trap = Self::at(port, &hosts[1..]);
        first.set_nonblocking(true).unwrap();
        trap.listeners.push(first);
        trap
    }

    /// Listens at this port of these addresses, as far as the machine has them.
    pub(super) fn at(port: u16, hosts: &[&str]) -> Self {
        let bound = hosts.iter().map(|host| TcpListener::bind((*host, port)));
        let listeners: Vec<TcpListener> = bound.filter_map(Result::ok).collect();
        for listener in &listeners {
            listener.set_nonblocking(true).unwrap();
        }
        Self { port, listeners }
    }

    /// Returns how many connections came since the last look.
    fn caught(&self) -> usize {
        let next = |listener: &TcpListener| match listener.accept() {
            Ok(connection) => Some(connection),
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        };
        let listeners = self.listeners.iter();
        listeners
            .map(|listener| std::iter::from_fn(|| next(listener)).count())
            .sum()
    }

    /// Fails when anybody came; shows first that whoever had come would have been seen.
    #[track_caller]
    pub(super) fn is_untouched(&self) {
        assert_eq!(self.caught(), 0, "connections where nobody is to come");
        for listener in &self.listeners {
            drop(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        }
        assert_eq!(self.caught(), self.listeners.len());
    }
}
