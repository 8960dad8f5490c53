//! Claim, complete, release: what a handler without `Tx` goes through.

use std::sync::Arc;

use aghanim_hooks::idempotency::{Claimed, Fingerprint, IdempotencyStore, Key, Record, StoredAnswer};
use tokio::time::sleep;

use crate::fixture::{BRIEF_LEASE, Fixture, answer, brief_claim, claim, claim_of};

crate::suite!(memory, sqlite, postgres => [
    the_first_answer_stands,
    one_of_many_gets_the_key,
    released_is_free,
    only_the_owner_counts,
    a_lapsed_claim_is_taken_over,
    answers_come_back_byte_for_byte,
    any_text_is_a_key,
    scopes_are_apart,
]);

async fn the_first_answer_stands(fixture: Fixture) {
    let first = brief_claim("k");
    assert_eq!(fixture.one.lookup(&first.key).await.unwrap(), None);
    assert_eq!(fixture.one.claim(&first).await.unwrap(), Claimed::Mine(()));
    assert_eq!(fixture.other.claim(&claim("k")).await.unwrap(), Claimed::InFlight);
    assert_eq!(fixture.other.lookup(&first.key).await.unwrap(), None, "a claim is no answer");

    assert!(fixture.one.complete(&first, &answer("first")).await.unwrap());
    let record = Record::new(first.fingerprint, answer("first"));
    assert_eq!(fixture.other.claim(&claim("k")).await.unwrap(), Claimed::Answered(record.clone()));
    assert_eq!(fixture.one.lookup(&first.key).await.unwrap(), Some(record.clone()));

    sleep(2 * BRIEF_LEASE).await;
    assert_eq!(fixture.one.claim(&claim("k")).await.unwrap(), Claimed::Answered(record), "an answer does not lapse");
}

async fn one_of_many_gets_the_key(fixture: Fixture) {
    for round in 0..8 {
        let tasks: Vec<_> = (0..16)
            .map(|i| {
                let store: Arc<dyn IdempotencyStore> =
                    if i % 2 == 0 { fixture.one.clone() } else { fixture.other.clone() };
                tokio::spawn(async move { store.claim(&claim(&format!("k{round}"))).await.unwrap() })
            })
            .collect();
        let mut mine = 0;
        for task in tasks {
            match task.await.unwrap() {
                Claimed::Mine(()) => mine += 1,
                Claimed::InFlight => {}
                Claimed::Answered(record) => panic!("nobody answered: {record:?}"),
            }
        }
        assert_eq!(mine, 1);
    }
}

async fn released_is_free(fixture: Fixture) {
    let first = claim("k");
    assert_eq!(fixture.one.claim(&first).await.unwrap(), Claimed::Mine(()));
    fixture.one.release(&first).await.unwrap();
    assert_eq!(fixture.other.claim(&claim("k")).await.unwrap(), Claimed::Mine(()));
}

async fn only_the_owner_counts(fixture: Fixture) {
    let (owner, stranger) = (claim("k"), claim("k"));
    assert_eq!(fixture.one.claim(&owner).await.unwrap(), Claimed::Mine(()));
    fixture.other.release(&stranger).await.unwrap();
    assert!(!fixture.other.complete(&stranger, &answer("stranger")).await.unwrap());
    assert_eq!(fixture.other.claim(&stranger).await.unwrap(), Claimed::InFlight);

    assert!(fixture.one.complete(&owner, &answer("owner")).await.unwrap());
    fixture.one.release(&owner).await.unwrap();
    let record = Record::new(owner.fingerprint, answer("owner"));
    assert_eq!(fixture.one.lookup(&owner.key).await.unwrap(), Some(record), "what is answered is not released");
    assert!(!fixture.one.complete(&owner, &answer("again")).await.unwrap());
}

async fn a_lapsed_claim_is_taken_over(fixture: Fixture) {
    let (dead, alive) = (brief_claim("k"), claim("k"));
    assert_eq!(fixture.one.claim(&dead).await.unwrap(), Claimed::Mine(()));
    assert_eq!(fixture.other.claim(&alive).await.unwrap(), Claimed::InFlight);
    sleep(2 * BRIEF_LEASE).await;
    assert_eq!(fixture.other.claim(&alive).await.unwrap(), Claimed::Mine(()));

    // The first was not dead after all, and comes back.
    assert!(!fixture.one.complete(&dead, &answer("dead")).await.unwrap());
    fixture.one.release(&dead).await.unwrap();
    assert!(fixture.other.complete(&alive, &answer("alive")).await.unwrap());
    let record = Record::new(alive.fingerprint, answer("alive"));
    assert_eq!(fixture.one.lookup(&alive.key).await.unwrap(), Some(record));
}

async fn answers_come_back_byte_for_byte(fixture: Fixture) {
    let bytes: Vec<u8> = (0..=255).collect();
    let odd = [
        StoredAnswer::new(200, b"application/json", "").unwrap(),
        StoredAnswer::new(418, b"text/plain; charset=\xff", bytes).unwrap(),
        StoredAnswer::new(299, b"", vec![b'x'; 300_000]).unwrap(),
    ];
    for (i, answer) in odd.into_iter().enumerate() {
        let mut claim = claim(&format!("k{i}"));
        claim.fingerprint = Fingerprint::new(&[u8::try_from(i).unwrap()]);
        assert_eq!(fixture.one.claim(&claim).await.unwrap(), Claimed::Mine(()));
        assert!(fixture.one.complete(&claim, &answer).await.unwrap());
        let record = Record::new(claim.fingerprint, answer);
        assert_eq!(fixture.other.lookup(&claim.key).await.unwrap(), Some(record));
    }
}

async fn any_text_is_a_key(fixture: Fixture) {
    let long = "k".repeat(1_000_000);
    let longer = format!("{long}k");
    for key in ["\0", "a\0b", "a\0c", "'; DROP TABLE effects; --", "ключ 🔑", " ", "K", "k", &long, &longer] {
        let claim = claim(key);
        assert_eq!(fixture.one.claim(&claim).await.unwrap(), Claimed::Mine(()), "{:.20}", key.escape_debug());
        assert!(fixture.one.complete(&claim, &answer(key)).await.unwrap());
        let record = Record::new(claim.fingerprint, answer(key));
        assert_eq!(fixture.other.lookup(&claim.key).await.unwrap(), Some(record));
    }
}

async fn scopes_are_apart(fixture: Fixture) {
    for (game, sandbox, event) in [
        ("gm_1", false, "item.add"),
        ("gm_2", false, "item.add"),
        ("", false, "item.add"),
        ("gm_1", true, "item.add"),
        ("gm_1", false, "item.remove"),
    ] {
        let claim = claim_of(Key::new(game, sandbox, event, "k"));
        assert_eq!(fixture.one.claim(&claim).await.unwrap(), Claimed::Mine(()), "{claim:?}");
    }
}
