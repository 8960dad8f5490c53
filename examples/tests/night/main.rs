//! A night of the production example, from its operators' side: traffic, an outage of the database, new secrets,
//! maintenance, and a new version under load. In the morning no purchase is lost or doubled, and the metrics tell what
//! happened in numbers that add up. `AGHANIM_STORM=10` makes the night ten times longer.
#![cfg(unix)]

mod instance;
mod senders;

use std::io::Write as _;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use aghanim_hooks::Secret;
use aghanim_hooks_tests::exactly_once::{Database, Ledger, Promise, storm_factor};
use aghanim_hooks_tests::postgres::{Cluster, Stop};
use aghanim_hooks_tests::signed;
use instance::{Instance, Samples, sum};
use senders::World;
use tokio::time::sleep;

const OLD: &str = "whsec_old_4f1c9d0a77b2e8d6";
const NEW: &str = "whsec_new_90d1b3c55e7fa284";

fn say(what: &str) {
    writeln!(std::io::stderr(), "night: {what}").expect("standard error is open");
}

/// Lets traffic run for some time.
async fn while_(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds) * storm_factor()).await;
}

/// Polls until the condition holds.
async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is().await {
        assert!(began.elapsed() < Duration::from_secs(30), "not in 30 s: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_night_loses_nothing_and_its_numbers_add_up() {
    let Some(cluster) = Cluster::start() else { return };
    let directory = tempfile::tempdir().unwrap();
    let (secrets, log) = (directory.path().join("secrets"), directory.path().join("log"));
    std::fs::write(&secrets, format!("{OLD}\n")).unwrap();

    let mut first = Instance::start(&cluster.url(), &secrets, &log).await;
    let world = World::new(first.address, Secret::new(OLD).unwrap());
    let tasks = world.begin();
    while_(700).await;

    outage(&cluster, &first).await;
    rotation(&world, &first, &secrets).await;
    maintenance(&world, &first).await;
    let first_samples = quiet_numbers(&world, &first).await;
    let deliveries = |samples| sum(std::slice::from_ref(samples), "aghanim_hooks_deliveries_total", &[]);
    let (second, last_samples) = deploy(&world, &cluster, &secrets, &log, &mut first).await;
    assert!(deliveries(&last_samples) > deliveries(&first_samples));

    world.end(tasks).await;
    let samples = [last_samples, second.samples().await.unwrap()];
    let ledger = Ledger::of_example(&Database::Postgres(cluster.url())).await.unwrap();
    let effects = ledger.read().await.unwrap();
    let violations = world.history.lock().unwrap().check(&effects, Promise::Once);
    if !violations.is_empty() {
        say(&std::fs::read_to_string(&log).unwrap());
    }
    assert!(violations.is_empty(), "{violations:?}");
    let purchases = u64::try_from(effects.len()).unwrap();
    the_story(&world, &samples, purchases);
}

/// The database crashes and comes back.
async fn outage(cluster: &Cluster, first: &Instance) {
    cluster.stop(Stop::Immediate);
    until("readiness is red", async || first.ready().await == Some(503)).await;
    let samples = first.samples().await.unwrap();
    assert_eq!(sum(&[samples], "aghanim_hooks_store_up", &[]), 0);
    while_(500).await;
    cluster.restart();
    until("readiness is green", async || first.ready().await == Some(200)).await;
    while_(500).await;
    say("the database was down, and is back");
}

/// The secret is replaced: both are valid for a while, then the new one alone. A bad file in between changes nothing.
async fn rotation(world: &World, first: &Instance, secrets: &std::path::Path) {
    let (old, new) = (Secret::new(OLD).unwrap(), Secret::new(NEW).unwrap());
    let status = async |secret: &Secret| {
        let body = r#"{"event_type":"player.verify","event_data":{"player_id":"p"}}"#;
        signed(secret, body).send(first.address).await.unwrap().status
    };
    let counts = &world.counts;
    std::fs::write(secrets, "too short\n").unwrap();
    first.signal("HUP").await;
    while_(200).await;
    assert_eq!(status(&old).await, 200, "a bad file took the secret away");
    counts.players_verified.fetch_add(1, Ordering::Relaxed);

    std::fs::write(secrets, format!("{NEW}\n{OLD}\n")).unwrap();
    first.signal("HUP").await;
    until("both secrets are listed", async || first.operate("GET", "/secrets").await.text().lines().count() == 2).await;
    assert!(first.operate("GET", "/secrets").await.text().contains("never used"));
    *world.secret.lock().unwrap() = new;
    while_(400).await;
    assert!(!first.operate("GET", "/secrets").await.text().contains("never used"));

    std::fs::write(secrets, format!("{NEW}\n")).unwrap();
    first.signal("HUP").await;
    until("one secret is listed", async || first.operate("GET", "/secrets").await.text().lines().count() == 1).await;
    assert_eq!(status(&old).await, 403, "the old secret is still valid");
    counts.strangers_refused.fetch_add(1, Ordering::Relaxed);
    while_(300).await;
    say("the secret was replaced");
}

/// Purchases are paused; players still log in.
async fn maintenance(world: &World, first: &Instance) {
    assert_eq!(first.operate("PUT", "/paused/itm.*").await.status, 400);
    assert_eq!(first.operate("PUT", "/paused/item.*").await.status, 204);
    // Purchases that had passed before the pause are finished.
    while_(300).await;
    let accepted = || world.counts.purchases_accepted.load(Ordering::Relaxed);
    let verified = || world.counts.players_verified.load(Ordering::Relaxed);
    let before = (accepted(), verified());
    while_(500).await;
    assert_eq!(accepted(), before.0, "a purchase passed the pause");
    assert!(verified() > before.1, "nobody could log in");
    assert!(world.counts.purchases_paused.load(Ordering::Relaxed) > 0);
    assert_eq!(first.operate("DELETE", "/paused/item.*").await.status, 204);
    while_(400).await;
    assert!(accepted() > before.0, "purchases are still paused");
    say("purchases were paused, and go on");
}

/// While nobody sends, the process has counted exactly what the senders have.
async fn quiet_numbers(world: &World, first: &Instance) -> Samples {
    world.quiet.store(true, Ordering::Relaxed);
    let mut counted = (0, 0);
    let mut samples = Samples::new();
    until("the numbers are equal", async || {
        samples = first.samples().await.unwrap();
        let all = [samples.clone()];
        let process = sum(&all, "aghanim_hooks_deliveries_total", &[]) + sum(&all, "aghanim_hooks_refused_total", &[]);
        counted = (process, world.counts.answers());
        let unanswered = world.counts.unanswered.load(Ordering::Relaxed);
        (counted.1..=counted.1 + unanswered).contains(&process)
    })
    .await;
    say(&format!("{} requests counted by the process, {} by the senders", counted.0, counted.1));
    world.quiet.store(false, Ordering::Relaxed);
    samples
}

/// A new version is started, and the old one is told to stop, under load.
async fn deploy(
    world: &World,
    cluster: &Cluster,
    secrets: &std::path::Path,
    log: &std::path::Path,
    first: &mut Instance,
) -> (Instance, Samples) {
    let second = Instance::start(&cluster.url(), secrets, log).await;
    world.instances.lock().unwrap().push(second.address);
    while_(400).await;
    let before = world.counts.purchases_accepted.load(Ordering::Relaxed);
    first.signal("TERM").await;
    until("readiness is red before the process stops", async || first.ready().await == Some(503)).await;
    // The last numbers, from when the process does not take deliveries any more.
    let mut last = first.samples().await.expect("operators are answered while it drains");
    while let Some(samples) = first.samples().await {
        last = samples;
        sleep(Duration::from_millis(50)).await;
    }
    let status = first.ended().await;
    assert!(status.success(), "it ended with {status}");
    world.instances.lock().unwrap().retain(|address| *address == second.address);
    while_(400).await;
    assert!(world.counts.purchases_accepted.load(Ordering::Relaxed) > before, "nothing was accepted meanwhile");
    say("a new version runs, and the old one has ended");
    (second, last)
}

/// The metrics of both processes agree with the senders and with the database.
fn the_story(world: &World, samples: &[Samples], purchases: u64) {
    let counts = &world.counts;
    let deliveries = |labels: &[&str]| sum(samples, "aghanim_hooks_deliveries_total", labels);
    let purchase = |outcome: &str| deliveries(&[r#"event="item.add""#, &format!(r#"outcome="{outcome}""#)]);
    let seen = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
    let unanswered = seen(&counts.unanswered);
    say(&format!(
        "{purchases} purchases; answered {}, replayed {}, duplicate {}, failed {}, store failed {}, timed out {}, \
         paused {}, draining {}; {unanswered} connections broke; {counts:?}",
        purchase("answered"),
        purchase("replayed"),
        purchase("duplicate"),
        purchase("failed"),
        purchase("store_failed"),
        purchase("timed_out"),
        purchase("paused"),
        purchase("draining"),
    ));
    let all = deliveries(&[]) + sum(samples, "aghanim_hooks_refused_total", &[]);
    let answers = counts.answers();
    assert!((answers..=answers + unanswered).contains(&all), "{all} requests counted, {answers} answers seen");

    let accepted = purchase("answered") + purchase("replayed") + purchase("duplicate");
    let accepted_seen = seen(&counts.purchases_accepted);
    assert!((accepted_seen..=accepted_seen + unanswered).contains(&accepted), "{accepted} of {accepted_seen}");
    let paused_seen = seen(&counts.purchases_paused);
    assert!((paused_seen..=paused_seen + unanswered).contains(&purchase("paused")), "{paused_seen}");
    let strangers_seen = seen(&counts.strangers_refused);
    let strangers = sum(samples, "aghanim_hooks_refused_total", &[r#"reason="signature_wrong""#]);
    assert!((strangers_seen..=strangers_seen + unanswered).contains(&strangers), "{strangers} of {strangers_seen}");

    // A commit whose acknowledgement was lost in the outage is answered as a replay later.
    let first_answers = purchase("answered");
    let ambiguous = purchase("store_failed") + purchase("timed_out") + purchase("failed") + unanswered;
    assert!(first_answers <= purchases, "{first_answers} first answers for {purchases} purchases");
    assert!(purchases - first_answers <= ambiguous, "{first_answers} first answers for {purchases} purchases");
    for (what, times) in [
        ("duplicates", sum(samples, "aghanim_hooks_duplicates_total", &[])),
        ("the outage", purchase("store_failed") + purchase("failed") + purchase("timed_out")),
        ("the pause", purchase("paused")),
        ("both secrets", sum(samples, "aghanim_hooks_secret_used_total", &[r#"slot="1""#])),
    ] {
        assert!(times > 0, "the metrics do not tell of {what}");
    }
    assert_eq!(sum(samples, "aghanim_hooks_secret_used_total", &[]), deliveries(&[]));
    assert_eq!(sum(samples, "aghanim_hooks_duration_seconds_count", &[]), deliveries(&[]));
}
