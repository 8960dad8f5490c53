//! All combinations of a connection's faults, a delivery's moments and ends, and kinds of handlers.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::time::Duration;

use axum::http::StatusCode;
use futures_util::stream::{self, StreamExt as _};
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use super::{Behaviour, Database, Effects, Handler, History, Instance, Ledger, Observed, Promise, Setup, Violation};
use crate::Response;
use crate::postgres;
use crate::proxy::{Fault, Moment, Proxy, Side, What};

/// `Webhooks::timeout` of an instance that meets a fault.
const TIMEOUT: Duration = Duration::from_millis(700);
/// A message that is late, but in time for the deadline.
const LATE: Duration = Duration::from_millis(30);
/// Cases that run at the same time.
const AT_ONCE: usize = 24;
/// The number of tries for a delivery that does not reach the fault before its deadline, on a busy machine.
const TRIES: usize = 20;
/// Everything is answered within this time once the fault is over.
const ANSWERED_WITHIN: Duration = Duration::from_secs(20);

/// The end of a delivery that meets a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The client hangs up.
    HangUp,
    /// The endpoint's deadline passes.
    Deadline,
    /// The server process dies.
    Death,
    /// All connections to the database break.
    Cut,
}

impl End {
    const ALL: [Self; 4] = [Self::HangUp, Self::Deadline, Self::Death, Self::Cut];
}

/// One cell of the matrix.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    handler: Handler,
    behaviour: Behaviour,
    fault: Fault,
    end: End,
}

/// How a case ended.
#[derive(Debug)]
pub struct Tried {
    case: Case,
    history: History,
    violations: Vec<Violation>,
}

/// The results of all cases.
#[derive(Debug)]
pub struct Matrix {
    tried: Vec<Tried>,
    took: Duration,
}

impl Case {
    /// Returns all cases in which the fault happens.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for (handler, behaviour, moment) in kinds_and_moments() {
            for what in [What::Hold, What::Delay(LATE), What::Cut] {
                for side in [Side::Before, Side::After] {
                    for end in End::ALL {
                        // On a connection that is cut, no delivery waits for its deadline.
                        if what == What::Cut && end == End::Deadline {
                            continue;
                        }
                        let what = match what {
                            What::Delay(_) if end == End::Deadline => What::Delay(TIMEOUT + LATE),
                            _ => what,
                        };
                        all.push(Self { handler, behaviour, fault: Fault { what, side, moment }, end });
                    }
                }
            }
        }
        all
    }

    /// A lease promises a single effect for as long as the process lives and the handler's own statement succeeds.
    fn promise(self) -> Promise {
        match self.handler {
            Handler::UnderLease if self.fault.moment == Moment::Handler || self.end == End::Death => {
                Promise::AtLeastOnce
            }
            Handler::InTransaction | Handler::UnderLease => Promise::Once,
        }
    }
}

/// The statements that each kind of handler leads to.
fn kinds_and_moments() -> impl Iterator<Item = (Handler, Behaviour, Moment)> {
    let kinds = [Handler::InTransaction, Handler::UnderLease]
        .into_iter()
        .flat_map(|handler| Behaviour::ALL.map(|behaviour| (handler, behaviour)));
    kinds.flat_map(|(handler, behaviour)| {
        let happens = move |moment: &Moment| match moment {
            Moment::Connect | Moment::Claim | Moment::Handler => true,
            Moment::Begin => handler == Handler::InTransaction,
            Moment::Commit => handler == Handler::InTransaction && behaviour == Behaviour::Grant,
            Moment::Rollback => handler == Handler::InTransaction && behaviour != Behaviour::Grant,
            Moment::Answer => matches!(behaviour, Behaviour::Grant | Behaviour::Refuse),
            Moment::Release => {
                handler == Handler::UnderLease && matches!(behaviour, Behaviour::Fail | Behaviour::Panic)
            }
        };
        Moment::ALL.into_iter().filter(happens).map(move |moment| (handler, behaviour, moment))
    })
}

impl Matrix {
    /// Tries all cases on an empty database, each with a pool of this many connections.
    ///
    /// # Panics
    /// Panics if the database fails without a planned fault.
    pub async fn run(database: &postgres::Database, connections: u32) -> Self {
        let started = Instant::now();
        let ledger = Ledger::of_game(&Database::Postgres(database.url().to_owned())).await.expect("an empty database");
        let bench = Bench::new(database, connections).await;
        let cases = stream::iter(Case::all().into_iter().enumerate());
        let mut tried: Vec<_> = cases.map(|(n, case)| bench.run(n, case)).buffer_unordered(AT_ONCE).collect().await;
        tried.sort_by_key(|(n, _)| *n);
        let effects = ledger.read().await.expect("a database that can be read");
        let tried = tried.into_iter().map(|(_, tried)| tried.judged(&effects)).collect();
        Self { tried, took: started.elapsed() }
    }

    /// The number of cases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tried.len()
    }

    /// True if no case was tried.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tried.is_empty()
    }

    /// The cases with violations, one per line.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let failed = self.tried.iter().filter(|tried| !tried.violations.is_empty());
        failed.map(|Tried { case, violations, .. }| format!("{case}: {violations:?}")).collect()
    }
}

impl Tried {
    fn judged(mut self, effects: &HashMap<String, Effects>) -> Self {
        let own = effects.iter().filter(|(key, _)| self.history.keys().any(|sent| sent == *key));
        let own = own.map(|(key, effects)| (key.clone(), effects.clone())).collect();
        self.violations.extend(self.history.check(&own, self.case.promise()));
        self
    }
}

/// The endpoints of an instance.
const IN_TRANSACTION: usize = 0;
const UNDER_LEASE: usize = 1;
/// The endpoint that meets the fault. Its deadline is short.
const HURRIED: usize = 2;

/// Shared by all cases: a database, and the instance that recovers after the fault.
struct Bench<'a> {
    database: &'a postgres::Database,
    connections: u32,
    healthy: Instance,
}

impl<'a> Bench<'a> {
    async fn new(database: &'a postgres::Database, connections: u32) -> Self {
        let setup = setup(database);
        let setups = vec![setup.clone(), Setup { handler: Handler::UnderLease, ..setup }];
        let options = database.url().parse().expect("the URL of a database");
        let healthy = Instance::start(setups, PgPoolOptions::new().max_connections(10), options).await;
        Self { database, connections, healthy }
    }

    async fn run(&self, n: usize, case: Case) -> (usize, Tried) {
        let mut run = Run { case, history: History::default(), violations: Vec::new() };
        let key = case.behaviour.key(&format!("case{n}"));
        let proxy = Proxy::start(self.database.url()).await;
        let instance = self.instance(case, &proxy).await;
        if case.fault.moment == Moment::Connect {
            proxy.cut();
        }
        proxy.arm(case.fault);
        if let Some(delivery) = run.meet(&instance, &proxy, &key).await {
            run.end(&key, &proxy, delivery).await;
        }
        proxy.disarm();

        // Others use the same connection, and must not notice anything. First without a transaction, so that they do
        // not end one that may still be open. Then with a transaction that is rolled back.
        let neighbours =
            [Behaviour::Grant, Behaviour::Refuse].map(|behaviour| behaviour.key(&format!("beside-case{n}")));
        let failing = Behaviour::Fail.key(&format!("beside-case{n}"));
        let same = if case.handler == Handler::InTransaction { IN_TRANSACTION } else { UNDER_LEASE };
        if case.end != End::Death {
            proxy.release();
            for neighbour in &neighbours {
                run.answered(&instance, UNDER_LEASE, neighbour).await;
            }
            run.writes(&instance, &format!("own-case{n}")).await;
            run.once(&instance, IN_TRANSACTION, &failing).await;
            run.once(&instance, same, &key).await;
        }
        // The process dies in the middle of its work.
        drop(proxy);
        drop(instance);
        let neighbours = neighbours.iter().map(|key| (UNDER_LEASE, key));
        for (endpoint, key) in neighbours.chain([(IN_TRANSACTION, &failing), (same, &key)]) {
            for _ in 0..2 {
                run.answered(&self.healthy, endpoint, key).await;
            }
        }
        (n, Tried { case, history: run.history, violations: run.violations })
    }

    /// Starts an instance behind the proxy, and waits until it is idle.
    async fn instance(&self, case: Case, proxy: &Proxy) -> Instance {
        let patient = Setup { troubled: true, ..setup(self.database) };
        let under_lease = Setup { handler: Handler::UnderLease, ..patient.clone() };
        let hurried = Setup { handler: case.handler, timeout: TIMEOUT, ..patient.clone() };
        let pool = PgPoolOptions::new().max_connections(self.connections);
        let instance = Instance::start(vec![patient, under_lease, hurried], pool, proxy.options()).await;
        // Each of the three stores removes old answers once when it is opened.
        proxy.transactions_ended(3).await;
        instance
    }
}

fn setup(database: &postgres::Database) -> Setup {
    let setup = Setup::new(Database::Postgres(database.url().to_owned()));
    Setup { work: Duration::ZERO, fails_every: 0, ..setup }
}

/// One case while it runs.
struct Run {
    case: Case,
    history: History,
    violations: Vec<Violation>,
}

impl Run {
    /// Delivers until the fault happens, and returns that delivery.
    async fn meet(&mut self, instance: &Instance, proxy: &Proxy, key: &str) -> Option<JoinHandle<Response>> {
        self.history.sent(key);
        for _ in 0..TRIES {
            let mut delivery = instance.deliver(HURRIED, key);
            tokio::select! {
                () = proxy.reached() => return Some(delivery),
                answer = &mut delivery => {
                    let answer = answer.ok();
                    let is_final = answer.as_ref().is_some_and(|answer| answer.status < 500);
                    self.observe(key, answer);
                    if is_final {
                        break;
                    }
                }
            }
        }
        self.violations.push(Violation::NotMet { fault: self.case.fault.to_string() });
        None
    }

    /// Lets the delivery come to its end.
    async fn end(&mut self, key: &str, proxy: &Proxy, delivery: JoinHandle<Response>) {
        match self.case.end {
            End::HangUp => {
                delivery.abort();
                drop(delivery.await);
                self.observe(key, None);
            }
            End::Deadline => {
                sleep(TIMEOUT + LATE).await;
                proxy.release();
                self.await_answer(key, delivery).await;
            }
            End::Death => {
                delivery.abort();
                self.observe(key, None);
            }
            End::Cut => {
                proxy.cut();
                self.await_answer(key, delivery).await;
            }
        }
    }

    /// Delivers once.
    async fn once(&mut self, instance: &Instance, endpoint: usize, key: &str) {
        self.history.sent(key);
        self.await_answer(key, instance.deliver(endpoint, key)).await;
    }

    async fn await_answer(&mut self, key: &str, delivery: JoinHandle<Response>) {
        match timeout(ANSWERED_WITHIN, delivery).await {
            Ok(answer) => self.observe(key, answer.ok()),
            Err(_) => self.violations.push(Violation::Hung { key: key.to_owned() }),
        }
    }

    fn observe(&mut self, key: &str, answer: Option<Response>) {
        self.history.observe(key, answer.map_or(Observed::Nothing, Observed::answer));
    }

    /// Delivers until the answer is final.
    async fn answered(&mut self, instance: &Instance, endpoint: usize, key: &str) {
        self.history.sent(key);
        let until = Instant::now() + ANSWERED_WITHIN;
        let mut last = "nothing".to_owned();
        while Instant::now() < until {
            match timeout(ANSWERED_WITHIN, instance.deliver(endpoint, key)).await {
                Ok(Ok(answer)) => {
                    let is_final = answer.status < 500;
                    if !is_final && answer.status != StatusCode::SERVICE_UNAVAILABLE {
                        let answer = answer.text();
                        return self.violations.push(Violation::Status { key: key.to_owned(), answer });
                    }
                    last = answer.text();
                    self.observe(key, Some(answer));
                    if is_final {
                        return;
                    }
                }
                Ok(Err(error)) => last = error.to_string(),
                Err(_) => return self.violations.push(Violation::Hung { key: key.to_owned() }),
            }
            sleep(Duration::from_millis(10)).await;
        }
        self.violations.push(Violation::Unanswered { key: key.to_owned(), last });
    }

    /// The game's own statement through the pool that it shares with the store. Its `Ok` acknowledges the effect.
    async fn writes(&mut self, instance: &Instance, key: &str) {
        self.history.sent(key);
        let insert = sqlx::query("INSERT INTO grants (player_id, receipt) VALUES ($1, $1)").bind(key);
        if insert.execute(instance.pool()).await.is_ok() {
            self.observe(key, Some(Response { status: 200, headers: Vec::new(), body: key.into() }));
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { handler, behaviour, fault, end } = self;
        write!(f, "{handler:?}, {behaviour:?}: {fault}, then {end:?}")
    }
}

/// Shows the number of passed cases: a row for each kind of handler and moment, a column for each fault.
impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = ["hold before", "hold after", "delay before", "delay after", "cut before", "cut after"];
        let mut line = format!("{:<24}{:<10}", "handler", "moment");
        for fault in faults {
            write!(line, "{fault:>13}")?;
        }
        writeln!(f, "{line}")?;
        for (handler, behaviour, moment) in kinds_and_moments() {
            let mut line = format!("{:<24}{:<10}", format!("{handler:?} {behaviour:?}"), format!("{moment:?}"));
            for fault in faults {
                let cell = self.tried.iter().filter(|Tried { case, .. }| {
                    case.handler == handler
                        && case.behaviour == behaviour
                        && case.fault.to_string() == format!("{fault} {moment:?}")
                });
                let (passed, all) = cell
                    .fold((0, 0), |(passed, all), tried| (passed + usize::from(tried.violations.is_empty()), all + 1));
                write!(line, "{:>13}", format!("{passed}/{all}"))?;
            }
            writeln!(f, "{line}")?;
        }
        write!(f, "{} cases, {} failed, {:.1?}", self.len(), self.failures().len(), self.took)
    }
}
