//! The conformance suite can see: each flaw is found by the scenario that is meant for it, and by no unrelated one.

use aghanim_hooks::Secret;
use aghanim_hooks::testing::TestClient;
use aghanim_hooks::testing::conformance::{Level, Options, Report, Verdict, conformance};
use aghanim_hooks_tests::receiver::{FLAWS, Flaw, receiver};
use futures_util::future::join_all;

fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").unwrap()
}

async fn check(flaw: Option<Flaw>, level: Level) -> Report {
    let client = TestClient::new(receiver(secret(), flaw), secret());
    conformance(&client, Options::new(secret()).level(level)).await
}

#[tokio::test]
async fn a_receiver_without_a_flaw_passes_and_its_effects_are_seen() {
    let report = check(None, Level::Basic).await;
    report.assert_passed();
    assert_eq!(report.of(Verdict::Skipped).count() + report.of(Verdict::Advice).count(), 0, "{report}");
    assert!(report.outcomes.iter().any(|outcome| outcome.came.ends_with("effects: 1")), "{:#?}", report.outcomes);
}

#[tokio::test]
async fn each_flaw_is_found_by_its_scenario_and_by_no_unrelated_one() {
    let mut mistakes = Vec::new();
    let reports = join_all(FLAWS.iter().map(|(flaw, ..)| check(Some(*flaw), Level::Basic))).await;
    for ((flaw, meant, related), report) in FLAWS.iter().zip(reports) {
        let failures = report.failures();
        let unrelated: Vec<_> = failures.iter().filter(|name| *name != meant && !related.contains(name)).collect();
        if !failures.contains(meant) || !unrelated.is_empty() {
            mistakes.push(format!("{flaw:?} is to fail {meant}, and fails {failures:?}\n{report}"));
        }
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n\n"));
}
