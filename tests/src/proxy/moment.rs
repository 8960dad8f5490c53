use std::fmt;
use std::time::Duration;

use super::protocol::Request;

/// A moment in the life of a delivery, seen from the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A connection starts.
    Connect,
    /// A transaction starts.
    Begin,
    /// The key is claimed.
    Claim,
    /// The handler's own statement, which names the table `grants`.
    Handler,
    /// The answer is stored.
    Answer,
    /// The key is freed again.
    Release,
    /// The transaction is committed.
    Commit,
    /// The transaction is rolled back.
    Rollback,
}

impl Moment {
    /// Every moment, in the order of a delivery.
    pub const ALL: [Self; 8] = [
        Self::Connect,
        Self::Begin,
        Self::Claim,
        Self::Handler,
        Self::Answer,
        Self::Release,
        Self::Commit,
        Self::Rollback,
    ];

    pub(super) fn is(self, request: &Request) -> bool {
        let text = match request {
            Request::Connect => return self == Self::Connect,
            Request::Execute(text) => text.trim_start(),
            Request::Other => return false,
        };
        let of_the_store = text.contains("aghanim_idempotency");
        let is_write = text.starts_with("INSERT") || text.starts_with("UPDATE");
        match self {
            Self::Connect => false,
            Self::Begin => text.starts_with("BEGIN"),
            Self::Claim => of_the_store && text.starts_with("INSERT") && !text.contains("content_type"),
            Self::Handler => text.contains("grants"),
            Self::Answer => of_the_store && is_write && text.contains("content_type"),
            Self::Release => of_the_store && text.starts_with("DELETE") && text.contains("owner"),
            Self::Commit => text.starts_with("COMMIT"),
            Self::Rollback => text.starts_with("ROLLBACK"),
        }
    }
}

/// The effect on a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It waits until [`Proxy::release`](super::Proxy::release).
    Hold,
    /// It waits for this long.
    Delay(Duration),
    /// The connection breaks.
    Cut,
}

/// The message that is affected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The request: the server has not seen it.
    Before,
    /// The answer: the server has executed it.
    After,
}

/// A fault: an effect at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// The effect.
    pub what: What,
    /// Before or after the server has executed the statement.
    pub side: Side,
    /// The statement.
    pub moment: Moment,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            What::Hold => "hold",
            What::Delay(_) => "delay",
            What::Cut => "cut",
        };
        let side = match self.side {
            Side::Before => "before",
            Side::After => "after",
        };
        write!(f, "{what} {side} {:?}", self.moment)
    }
}
