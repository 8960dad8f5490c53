//! The cost of checking a signature beyond its MAC, step by step.

use std::time::SystemTime;

use aghanim_hooks::Secret;
use aghanim_hooks::signature::{Signature, SignedHeaders, Verifier};
use aghanim_hooks_benches::hand_written::Game;
use aghanim_hooks_benches::median;
use aghanim_hooks_benches::request::{Delivery, SECRET};
use aghanim_hooks_benches::samples;

use crate::measure::{Subject, measure};

/// Measured on the smallest event: only the MAC depends on the body.
pub(crate) fn verification() {
    println!("verification of a 281 B player.verify, step by step");
    let delivery = Delivery::new(samples::player_verify());
    let game = Game::new();
    let secret = Secret::new(SECRET).expect("a secret");
    let verifier = Verifier::new(secret.clone());
    let (signature, timestamp, body) = (delivery.signature.as_bytes(), delivery.timestamp.as_bytes(), &delivery.body);
    let headers = SignedHeaders::parse(signature, timestamp).expect("well-formed");
    let rounds = measure(vec![
        Subject::new("MAC alone", || (), |()| game.mac(timestamp, body)),
        Subject::new("signing, which is the MAC", || (), |()| secret.sign(timestamp, body)),
        Subject::new("… and comparison and window", SystemTime::now, |now| verifier.verify(&headers, body, now)),
        Subject::new("… and the two headers", SystemTime::now, |now| {
            verifier.verify(&SignedHeaders::parse(signature, timestamp).expect("well-formed"), body, now)
        }),
        Subject::new("the two headers", || (), |()| SignedHeaders::parse(signature, timestamp).is_ok()),
        Subject::new("… of these, the signature's hex", || (), |()| Signature::parse(signature).is_ok()),
        Subject::new("nothing, taking the time of its input", SystemTime::now, |now| now),
    ]);
    let more = median(rounds[3].iter().zip(&rounds[0]).map(|(whole, mac)| whole - mac));
    println!("  +{more:.0} ns more than the MAC (median of the rounds' differences)\n");
}
