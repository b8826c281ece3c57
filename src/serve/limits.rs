//! What a client may cost, in one place: `docs/serving.md` tells them to operators.

use std::time::Duration;

/// The limits of a listener.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Connections at once; when there is one more, one of them gives way.
    pub(super) connections: usize,
    /// Bytes of a request line and its fields.
    pub(super) head_bytes: usize,
    /// How long a head may take to come, and a connection that is kept alive may be silent.
    pub(super) head_time: Duration,
    /// How long a response may take to be read before its connection may have to give way.
    pub(super) patience: Duration,
    /// How long who has connected and asked nothing yet keeps its place, whoever comes.
    pub(super) settle: Duration,
    /// After this long a connection is finished, however it fares.
    pub(super) life: Duration,
    /// How long who has connected and asked nothing yet may take for it when all is to end.
    pub(super) first_word: Duration,
    /// How long a response on its way may take when the connection is to end.
    pub(super) grace: Duration,
}

impl Limits {
    /// Those of service.
    ///
    /// Connections are well below the 1,024 descriptors that a process may have by default, of which polling
    /// needs its share: each has one, and who reads an archive has no other beside it. A browser's head with cookies is a quarter of 16 KiB (S19). Within ten seconds a
    /// telephone at the edge of its net has read a hundred articles, compressed. A request comes with its connection or right
    /// behind it, and at twenty a second and place a crowd of ten thousand silent ones a second is still let in. Who has not read a document
    /// after two minutes does not read; a reverse proxy opens a new connection. A request follows its
    /// connection within the time that a packet takes to the other side of the world. That and the grace are less than the
    /// second and a half for which the daemon waits for us as it stops (R13), so that connections end here
    /// and are not cut off.
    pub(super) const DEFAULT: Self = Self {
        connections: 512,
        head_bytes: 16 * 1024,
        head_time: Duration::from_secs(10),
        patience: Duration::from_secs(10),
        settle: Duration::from_millis(50),
        life: Duration::from_mins(2),
        first_word: Duration::from_millis(250),
        grace: Duration::from_secs(1),
    };
}
