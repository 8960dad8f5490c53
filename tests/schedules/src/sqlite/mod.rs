//! The writer's own sources, on the stand-in database.

#![allow(clippy::pedantic, unused_qualifications, unreachable_pub, missing_docs, dead_code)]

pub(crate) mod connections;
pub(crate) mod file;
pub(crate) mod statements;

macro_rules! copied {
    ($($name:ident)+) => {
        $(
            pub(crate) mod $name {
                include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
            }
        )+
    };
}

copied! { batch job reply slow turn writer }

pub(crate) type Jobs = tokio::sync::mpsc::Sender<job::Job>;

/// Starts a writer on a database.
pub(crate) fn start(pool: crate::sqlx::SqlitePool) -> Jobs {
    let (jobs, receiver) = tokio::sync::mpsc::channel(16);
    let gate = shuttle::sync::Arc::new(connections::Gate::default());
    let file = shuttle::sync::Arc::new(file::DatabaseFile);
    let writer = writer::Writer::new((pool, gate), file, statements::Statements::new(), receiver);
    shuttle::future::spawn(writer.run());
    jobs
}

/// Asks for a turn at a key.
pub(crate) async fn begin(
    jobs: &Jobs,
    claim: crate::idempotency::Claim,
) -> Result<crate::idempotency::Claimed<Box<dyn crate::idempotency::Transaction>>, crate::idempotency::StoreError> {
    let (reply, answer) = tokio::sync::oneshot::channel();
    jobs.send(job::Job::Begin(claim, reply)).await.map_err(|_| reply::lost())?;
    let claimed = answer.await.map_err(|_| reply::lost())??;
    Ok(claimed.map(|turn| Box::new(turn) as Box<dyn crate::idempotency::Transaction>))
}
