//! Looks for a timing signal: does refusing a wrong signature take longer the more of it is right?
//!
//! `cargo run --release --manifest-path benches/timing/Cargo.toml` prints a t value for each question. Below 5, the samples show no difference
//! between the two classes; `early_exit` is a comparison that does leak, to see that a leak would be found.

use std::hint::black_box;
use std::time::{Duration, UNIX_EPOCH};

use aghanim_hooks::signature::{Secret, SignedHeaders, Tolerance, Verifier};
use dudect_bencher::rand::RngExt as _;
use dudect_bencher::{BenchRng, Class, CtRunner, ctbench_main};

const SAMPLES: usize = 100_000;
const TIMESTAMP: &[u8] = b"1714147200";
const BODY: &[u8] = br#"{"event_type":"player.verify","event_data":{"player_id":"2D2R-OP3C"}}"#;

/// Either class in random order, each with a signature that is wrong at one place.
fn samples(rng: &mut BenchRng, left: usize, right: usize) -> Vec<(Class, Vec<u8>)> {
    let good = secret().sign(TIMESTAMP, BODY).to_string().into_bytes();
    let wrong_at = |place: usize| {
        let mut signature = good.clone();
        signature[place] = if signature[place] == b'0' { b'1' } else { b'0' };
        signature
    };
    let sample = |is_left: bool| if is_left { (Class::Left, wrong_at(left)) } else { (Class::Right, wrong_at(right)) };
    (0..SAMPLES).map(|_| sample(rng.random())).collect()
}

fn secret() -> Secret {
    Secret::new("whsec_4f1c9d0a77b2e8d6").expect("it is long enough")
}

fn verify(runner: &mut CtRunner, rng: &mut BenchRng, left: usize, right: usize) {
    let open = Tolerance { past: Duration::MAX, future: Duration::MAX };
    let verifier = Verifier::new(secret()).tolerance(open);
    for (class, signature) in samples(rng, left, right) {
        let headers = SignedHeaders::parse(&signature, TIMESTAMP).expect("hexadecimal digits");
        runner.run_one(class, || verifier.verify(black_box(&headers), black_box(BODY), UNIX_EPOCH).is_err());
    }
}

fn first_or_last_digit(runner: &mut CtRunner, rng: &mut BenchRng) {
    verify(runner, rng, 0, 63);
}

fn first_or_middle_digit(runner: &mut CtRunner, rng: &mut BenchRng) {
    verify(runner, rng, 0, 32);
}

/// A comparison that stops at the first difference.
fn early_exit(runner: &mut CtRunner, rng: &mut BenchRng) {
    let good = secret().sign(TIMESTAMP, BODY).to_string().into_bytes();
    for (class, signature) in samples(rng, 0, 63) {
        runner.run_one(class, || {
            let (left, right) = (black_box(&good), black_box(&signature));
            left.iter().zip(right).all(|(left, right)| black_box(left) == black_box(right))
        });
    }
}

ctbench_main!(first_or_last_digit, first_or_middle_digit, early_exit);
