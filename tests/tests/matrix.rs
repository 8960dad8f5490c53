//! Nothing is lost between the store and PostgreSQL: a proxy holds back, delays or cuts at every moment of a delivery,
//! while the client hangs up, the deadline passes, the server dies or all connections break. Then everything is sent
//! again, and the history is checked. The pool belongs to the game, which uses it for its own statements too.
//!
//! `AGHANIM_STORM=3` runs it three times, with one, two and three connections.

use std::panic;

use aghanim_hooks_tests::exactly_once::matrix::Matrix;
use aghanim_hooks_tests::exactly_once::{PANIC, storm_factor};
use aghanim_hooks_tests::postgres;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_fault_at_every_moment() {
    let Some(server) = postgres::server() else { return };
    hide_the_panics_that_were_asked_for();
    for connections in 1..=storm_factor() {
        let database = server.database().await;
        let matrix = Matrix::run(&database, connections).await;
        eprintln!("a pool of {connections}:\n{matrix}");
        let failures = matrix.failures();
        assert!(failures.is_empty(), "{} of {} cases:\n{}", failures.len(), matrix.len(), failures.join("\n"));
    }
}

fn hide_the_panics_that_were_asked_for() {
    let usual = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(PANIC) {
            usual(info);
        }
    }));
}
