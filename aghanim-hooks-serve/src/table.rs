use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The phase of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Waits for the rest of a request's headers. A new connection begins here.
    Head = 0,
    /// Waits for the rest of a request's body.
    Body = 1,
    /// Everything has been received: the answer is being made.
    Work = 2,
    /// Waits for the next request.
    Idle = 3,
    /// Is being closed.
    Doomed = 4,
}

const PHASE_BITS: u32 = 3;

/// The open connections.
#[derive(Debug)]
pub(crate) struct Table {
    limit: usize,
    start: Instant,
    open: Mutex<HashMap<u64, Arc<Connection>>>,
    /// Notified each time a connection ends.
    freed: Notify,
}

/// One open connection.
#[derive(Debug)]
pub(crate) struct Connection {
    /// The phase in the low bits, and above them the time at which it began, in microseconds after the table's start. One
    /// number, so that a connection is never closed for a phase that it has just left.
    state: AtomicU64,
    start: Instant,
    task: OnceLock<AbortHandle>,
}

/// A connection's place in the table, which is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    id: u64,
    table: Arc<Table>,
    connection: Arc<Connection>,
}

/// How long a connection may wait for its client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) head: Duration,
    pub(crate) idle: Duration,
}

impl Table {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, start: Instant::now(), open: Mutex::default(), freed: Notify::new() })
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Connection>>> {
        // No code panics while it holds the lock. Even if it did, the table could still be used.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn len(&self) -> usize {
        self.open().len()
    }

    /// Takes a place for a new connection. If none is free, closes the connection that has waited longest.
    pub(crate) async fn place(self: &Arc<Self>, id: u64) -> Place {
        loop {
            // Registered before the table is looked at, so that no end is missed in between.
            let freed = self.freed.notified();
            {
                let mut open = self.open();
                if open.len() < self.limit {
                    let connection = Arc::new(Connection::new(self.start));
                    open.insert(id, Arc::clone(&connection));
                    return Place { id, table: Arc::clone(self), connection };
                }
            }
            self.close_longest_waiting();
            freed.await;
        }
    }

    /// Closes the connection that has waited longest for its client, if any waits.
    pub(crate) fn close_longest_waiting(&self) {
        let open = self.open();
        // If the connection went to work in the meantime, it is not closed, and the next one is tried.
        while let Some((connection, state)) = open
            .values()
            .map(|connection| (connection, connection.state.load(Ordering::Acquire)))
            .filter(|(_, state)| matches!(phase(*state), Phase::Head | Phase::Body | Phase::Idle))
            .min_by_key(|(_, state)| state >> PHASE_BITS)
        {
            if connection.doom(state) {
                return;
            }
        }
    }

    /// Closes the connections that have waited too long.
    pub(crate) fn sweep(&self, patience: Patience) {
        let now = Instant::now();
        for connection in self.open().values() {
            let state = connection.state.load(Ordering::Acquire);
            let patience = match phase(state) {
                Phase::Head => patience.head,
                Phase::Idle => patience.idle,
                Phase::Body | Phase::Work | Phase::Doomed => continue,
            };
            let since = self.start + Duration::from_micros(state >> PHASE_BITS);
            if now.saturating_duration_since(since) > patience {
                connection.doom(state);
            }
        }
    }

    /// Closes every connection, and returns how many of them were at work.
    pub(crate) fn cut(&self) -> usize {
        let mut at_work = 0;
        for connection in self.open().values() {
            let state = connection.state.swap(Phase::Doomed as u64, Ordering::AcqRel);
            at_work += usize::from(phase(state) == Phase::Work);
            connection.abort();
        }
        at_work
    }
}

impl Connection {
    fn new(start: Instant) -> Self {
        Self { state: AtomicU64::new(packed(start, Phase::Head)), start, task: OnceLock::new() }
    }

    /// Begins a phase. Returns false if the connection is being closed: the caller must then stop.
    pub(crate) fn enter(&self, next: Phase) -> bool {
        let next = packed(self.start, next);
        self.state
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, |state| (phase(state) != Phase::Doomed).then_some(next))
            .is_ok()
    }

    /// Notes that bytes have arrived. On an idle connection they begin a request's headers.
    pub(crate) fn received(&self) {
        if phase(self.state.load(Ordering::Relaxed)) == Phase::Idle {
            self.enter(Phase::Head);
        }
    }

    /// Closes the connection if its state is still this one.
    fn doom(&self, state: u64) -> bool {
        let doomed = Phase::Doomed as u64;
        let done = self.state.compare_exchange(state, doomed, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if done {
            self.abort();
        }
        done
    }

    fn abort(&self) {
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }

    /// Sets the task to abort when the connection is closed.
    pub(crate) fn runs_in(&self, task: AbortHandle) {
        let task = self.task.get_or_init(|| task);
        if phase(self.state.load(Ordering::Acquire)) == Phase::Doomed {
            task.abort();
        }
    }
}

impl Place {
    pub(crate) fn connection(&self) -> &Arc<Connection> {
        &self.connection
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.table.open().remove(&self.id);
        self.table.freed.notify_waiters();
    }
}

fn phase(state: u64) -> Phase {
    match state & ((1 << PHASE_BITS) - 1) {
        0 => Phase::Head,
        1 => Phase::Body,
        2 => Phase::Work,
        3 => Phase::Idle,
        _ => Phase::Doomed,
    }
}

fn packed(start: Instant, phase: Phase) -> u64 {
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    micros << PHASE_BITS | phase as u64
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const PATIENCE: Patience = Patience { head: Duration::ZERO, idle: Duration::from_hours(1) };

    async fn pause() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }

    fn is_doomed(place: &Place) -> bool {
        !place.connection.enter(Phase::Work)
    }

    #[tokio::test]
    async fn the_longest_waiting_makes_room_and_nobody_at_work() {
        let table = Table::new(3);
        let at_work = table.place(0).await;
        assert!(at_work.connection.enter(Phase::Work));
        pause().await;
        let first = table.place(1).await;
        pause().await;
        let second = table.place(2).await;
        let mut waiting = Box::pin(table.place(3));
        assert!(waiting.as_mut().now_or_never().is_none(), "a fourth place was given out of three");
        assert!(is_doomed(&first));
        assert!(!is_doomed(&second));
        drop(first);
        let third = waiting.await;
        assert_eq!(table.len(), 3);
        assert!(at_work.connection.enter(Phase::Idle), "it was closed at work");
        drop((at_work, second, third));
        assert_eq!(table.len(), 0);
    }

    #[tokio::test]
    async fn when_all_are_at_work_a_client_waits() {
        let table = Table::new(1);
        let at_work = table.place(0).await;
        assert!(at_work.connection.enter(Phase::Work));
        let mut waiting = Box::pin(table.place(1));
        assert!(waiting.as_mut().now_or_never().is_none());
        assert!(at_work.connection.enter(Phase::Idle), "it was closed at work");
        drop(at_work);
        waiting.await;
    }

    #[tokio::test]
    async fn only_what_waits_for_headers_is_swept() {
        let table = Table::new(4);
        let (head, body, work, idle) =
            (table.place(0).await, table.place(1).await, table.place(2).await, table.place(3).await);
        for (place, phase) in [(&body, Phase::Body), (&work, Phase::Work), (&idle, Phase::Idle)] {
            assert!(place.connection.enter(phase));
        }
        pause().await;
        table.sweep(PATIENCE);
        assert!(is_doomed(&head));
        assert!(![&body, &work, &idle].into_iter().any(is_doomed));
    }

    #[tokio::test]
    async fn the_first_byte_ends_the_idle_time_and_the_later_ones_give_no_more_time() {
        let table = Table::new(1);
        let place = table.place(0).await;
        assert!(place.connection.enter(Phase::Idle));
        pause().await;
        table.sweep(PATIENCE);
        place.connection.received();
        let begun = place.connection.state.load(Ordering::Relaxed);
        assert_eq!(phase(begun), Phase::Head);
        pause().await;
        place.connection.received();
        assert_eq!(place.connection.state.load(Ordering::Relaxed), begun);
        table.sweep(PATIENCE);
        assert!(is_doomed(&place));
    }

    #[tokio::test]
    async fn a_cut_counts_what_was_at_work() {
        let table = Table::new(2);
        let (work, idle) = (table.place(0).await, table.place(1).await);
        assert!(work.connection.enter(Phase::Work) && idle.connection.enter(Phase::Idle));
        assert_eq!(table.cut(), 1);
        assert!(is_doomed(&work) && is_doomed(&idle));
    }
}
