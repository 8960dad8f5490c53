use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::clients::{Clients, Outcome};
use super::process::Process;
use super::{Behaviour, Failure, Subject, Summary, Verdict, Violation};

/// The time in which every key must be answered, including restarts and outages.
const ANSWERED_WITHIN: Duration = Duration::from_mins(1);
/// The time for which a client waits beyond the endpoint's timeout.
const SLACK: Duration = Duration::from_secs(20);
/// The largest number of keys that a load sends.
const MOST_KEYS: usize = 20_000;
/// The longest wait for a number of answers.
const WAITED_FOR: Duration = Duration::from_secs(10);
/// The number of deliveries at once when everything is sent again.
const SETTLING: usize = 64;
/// One new key in this many asks for a final refusal.
const REFUSED_EVERY: u64 = 8;
const LOG_SHOWN: usize = 4_000;

/// A run of processes and clients, with their faults. Dropping it kills every process.
#[derive(Debug)]
pub struct Trial {
    subject: Subject,
    processes: Vec<Option<Process>>,
    clients: Arc<Clients>,
    logs: TempDir,
    started: Instant,
    kills: u32,
}

impl Trial {
    /// Starts this many processes on one database of the subject.
    ///
    /// # Panics
    /// Panics if a process does not start.
    pub async fn start(subject: Subject, processes: usize) -> Self {
        let clients = Clients::new(Subject::secret(), processes, subject.timeout + SLACK);
        let mut trial = Self {
            subject,
            processes: (0..processes).map(|_| None).collect(),
            clients: Arc::new(clients),
            logs: TempDir::new().expect("a directory for logs"),
            started: Instant::now(),
            kills: 0,
        };
        for process in 0..processes {
            trial.spawn(process).await;
            if let Some(Violation::Died { how }) = trial.violations().first() {
                panic!("process {process} did not start: {how}\n{}", trial.log());
            }
        }
        trial
    }

    /// Kills a process with SIGKILL.
    pub async fn kill(&mut self, process: usize) {
        self.end(process).await;
        self.kills += 1;
    }

    async fn end(&mut self, process: usize) {
        self.clients.listens(process, None);
        let Some(mut killed) = self.processes[process].take() else { return };
        match killed.kill().await {
            Ok(None) => {}
            Ok(Some(ended)) => self.accuse(Violation::Died { how: format!("process {process} ended: {ended}") }),
            Err(error) => self.accuse(Violation::Died { how: format!("process {process}: {error}") }),
        }
    }

    /// Starts a process that was killed, and waits until it listens.
    pub async fn spawn(&mut self, process: usize) {
        let listening = async {
            let mut child = Process::spawn(self.subject.command(), &self.log_of(process))?;
            let address = child.address().await?;
            Ok::<_, std::io::Error>((child, address))
        };
        match listening.await {
            Ok((child, address)) => {
                self.processes[process] = Some(child);
                self.clients.listens(process, Some(address));
            }
            Err(error) => self.accuse(Violation::Died { how: format!("process {process}: {error}") }),
        }
    }

    /// Starts a process that was killed, and kills it after this time, even if it does not listen yet.
    pub async fn spawn_and_kill(&mut self, process: usize, after: Duration) {
        match Process::spawn(self.subject.command(), &self.log_of(process)) {
            Ok(child) => self.processes[process] = Some(child),
            Err(error) => self.accuse(Violation::Died { how: format!("process {process}: {error}") }),
        }
        sleep(after).await;
        self.kill(process).await;
    }

    /// Suspends a process with SIGSTOP, or continues it with SIGCONT.
    ///
    /// # Panics
    /// Panics if it has ended.
    pub async fn signal(&mut self, process: usize, name: &str) {
        let process = self.processes[process].as_ref().expect("a process that was started");
        process.signal(name).await.expect("a process that can be signalled");
    }

    /// Sends this many keys this many times each, all at once, until each is answered.
    pub async fn storm(&self, name: &str, keys: usize, duplicates: usize) {
        let until = Instant::now() + ANSWERED_WITHIN;
        let mut deliveries = JoinSet::new();
        for key in (0..keys).map(|n| format!("{name}-{n}")) {
            for _ in 0..duplicates {
                let (clients, key) = (Arc::clone(&self.clients), key.clone());
                deliveries.spawn(async move { clients.deliver(&key, until).await });
            }
        }
        deliveries.join_all().await;
    }

    /// Sends one key to one process repeatedly, until it is answered or the time is up.
    ///
    /// # Panics
    /// Panics if the process does not listen.
    pub fn ask(&self, key: &str, process: usize, until: Instant) -> impl Future<Output = ()> + Send + use<> {
        let address = self.clients.address(process).expect("a process that listens");
        let (clients, key) = (Arc::clone(&self.clients), key.to_owned());
        clients.book().send(&key);
        async move {
            loop {
                match clients.ask(&key, address).await {
                    Outcome::Answered => return,
                    Outcome::Again(_) if Instant::now() > until => return,
                    Outcome::Again(_) => sleep(Duration::from_millis(50)).await,
                    Outcome::Wrong(violation) => return clients.book().accuse(violation),
                }
            }
        }
    }

    /// Starts this many senders. They send new keys twice at once, and old keys again, until they are told to stop.
    #[must_use]
    pub fn load(&self, senders: usize) -> Load {
        let stop = Arc::new(AtomicBool::new(false));
        let mut running = JoinSet::new();
        for sender in 0..senders {
            let (clients, stop) = (Arc::clone(&self.clients), Arc::clone(&stop));
            running.spawn(async move {
                for n in 1_u64.. {
                    if stop.load(Ordering::Relaxed) {
                        return;
                    }
                    let behaviour = if n % REFUSED_EVERY == 0 { Behaviour::Refuse } else { Behaviour::Grant };
                    send_something(&clients, &behaviour.key(&format!("{sender}-{n}"))).await;
                }
            });
        }
        Load { stop, running }
    }

    /// Waits until this many more 2xx have been received.
    pub async fn answered(&self, more: u64) {
        self.grows(|summary| summary.answers, more).await;
    }

    /// Waits until this many more 503 have been received.
    pub async fn refused(&self, more: u64) {
        self.grows(|summary| summary.unavailable, more).await;
    }

    /// Gives up after a while. The settlement reports what is missing.
    async fn grows(&self, count: impl Fn(&Summary) -> u64, more: u64) {
        let enough = count(&self.clients.book().summary) + more;
        let until = Instant::now() + WAITED_FOR;
        while count(&self.clients.book().summary) < enough && Instant::now() < until {
            sleep(Duration::from_millis(1)).await;
        }
    }

    /// Returns the violations so far.
    #[must_use]
    pub fn violations(&self) -> Vec<Violation> {
        self.clients.book().violations.clone()
    }

    /// Sends everything again until it is answered, then checks the history.
    ///
    /// # Errors
    /// Returns the violations, if there are any.
    ///
    /// # Panics
    /// Panics if the database can't be read.
    pub async fn settle(mut self) -> Verdict {
        let until = Instant::now() + ANSWERED_WITHIN;
        let sent = self.clients.book().sent.clone();
        stream::iter(&sent).for_each_concurrent(SETTLING, |key| self.clients.deliver(key, until)).await;
        for process in 0..self.processes.len() {
            self.end(process).await;
        }
        self.compare().await;

        let log = self.log();
        for line in log.lines().filter(|line| line.contains("panicked")) {
            self.accuse(Violation::Panicked { line: line.to_owned() });
        }
        let mut book = self.clients.book();
        let (keys, kills, took) = (book.sent.len(), self.kills, self.started.elapsed());
        let summary = Summary { keys, kills, took, ..book.summary };
        if book.violations.is_empty() {
            return Ok(summary);
        }
        let start = log.char_indices().rev().nth(LOG_SHOWN).map_or(0, |(at, _)| at);
        let violations = std::mem::take(&mut book.violations);
        Err(Box::new(Failure { violations, summary, log: log[start..].to_owned() }))
    }

    /// Compares the history with the effects.
    async fn compare(&self) {
        let effects = self.subject.ledger.read().await.expect("a database that can be read");
        let mut book = self.clients.book();
        let mut found = book.history.check(&effects, self.subject.promise);
        book.violations.append(&mut found);
    }

    fn accuse(&self, violation: Violation) {
        self.clients.book().accuse(violation);
    }

    fn log_of(&self, process: usize) -> PathBuf {
        self.logs.path().join(format!("{process}.log"))
    }

    /// The standard error of all processes.
    fn log(&self) -> String {
        let logs = (0..self.processes.len()).map(|process| std::fs::read(self.log_of(process)).unwrap_or_default());
        logs.map(|log| String::from_utf8_lossy(&log).into_owned()).collect()
    }
}

/// Sends an old key once, or a new key twice at once. Sometimes the first sender does not wait for the answer.
async fn send_something(clients: &Clients, new: &str) {
    let until = Instant::now() + ANSWERED_WITHIN;
    let old = {
        let book = clients.book();
        let full = book.sent.len() >= MOST_KEYS;
        Some(&book.sent).filter(|_| full || fastrand::bool()).and_then(fastrand::choice).cloned()
    };
    if fastrand::u8(..8) == 0 {
        clients.hang_up(old.as_deref().unwrap_or(new)).await;
    }
    match old {
        Some(key) => clients.deliver(&key, until).await,
        None => drop(tokio::join!(clients.deliver(new, until), clients.deliver(new, until))),
    }
}

/// Senders that run until they are told to stop.
#[derive(Debug)]
pub struct Load {
    stop: Arc<AtomicBool>,
    running: JoinSet<()>,
}

impl Load {
    /// Lets each sender finish its current delivery, which it repeats until it is answered.
    pub async fn stop(self) {
        self.stop.store(true, Ordering::Relaxed);
        self.running.join_all().await;
    }
}
