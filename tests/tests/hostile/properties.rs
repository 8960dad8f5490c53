//! The properties of `fuzz/`, on stable: samples of every event are mutated at random.
//!
//! `AGHANIM_FUZZ_SECONDS=600` gives each property that long; the default is a fixed number of inputs. `AGHANIM_FUZZ_SEED`,
//! printed by each run, repeats one.

use std::time::{Duration, Instant};

use aghanim_hooks::events::catalogue::CATALOGUE;
use aghanim_hooks::testing::sample_request;
use aghanim_hooks_tests::properties;
use allocation_counter::measure;
use fastrand::Rng;

const INPUTS: usize = 1500;
/// No input may take longer.
const LONGEST: Duration = Duration::from_secs(2);

/// Tokens that matter to a parser of JSON, of headers or of an envelope.
const TOKENS: [&[u8]; 30] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b":",
    b",",
    b"null",
    b"true",
    b"-1",
    b"1e999",
    b"9223372036854775808",
    b"\\ud800",
    b"\\u0000",
    b"\0",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\n",
    b"event_type",
    b"event_data",
    b"sandbox",
    b"idempotency_key",
    b"quantity",
    b"items",
    b"[[[[[[[[[[[[[[[[",
    b"{\"a\":{\"a\":{\"a\":",
    b"0000000000000000",
    b"18446744073709551616",
    b"\"event_type\":\"item.add\",",
];

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<_> =
        CATALOGUE.iter().map(|event| sample_request(event.name).expect("a sample").to_string().into_bytes()).collect();
    let keyed = |body: &[u8]| [b"\0", body].concat();
    seeds.extend(seeds.clone().iter().map(|body| keyed(body)));
    seeds.push(format!("{}1714147200", "0f".repeat(32)).into_bytes());
    seeds.push(Vec::new());
    seeds
}

fn mutate(random: &mut Rng, input: &mut Vec<u8>, other: &[u8]) {
    let at = random.usize(..=input.len());
    match random.u8(..8) {
        0 => {
            if let Some(byte) = input.get_mut(at) {
                *byte ^= 1 << random.u8(..8);
            }
        }
        1 => drop(input.splice(at..at, random.choice(TOKENS).expect("a token").iter().copied())),
        2 => drop(input.drain(at..(at + random.usize(..20)).min(input.len()))),
        3 => input.truncate(at),
        4 => {
            let end = (at + random.usize(..60)).min(input.len());
            let part = input[at..end].to_vec();
            let to = random.usize(..=input.len());
            input.splice(to..to, part);
        }
        5 => {
            let end = (at + random.choice(TOKENS).expect("a token").len()).min(input.len());
            input.splice(at..end, random.choice(TOKENS).expect("a token").iter().copied());
        }
        6 => {
            let from = random.usize(..=other.len());
            input.splice(at.., other[from..].iter().copied());
        }
        _ => input.insert(at, random.u8(..)),
    }
}

#[test]
fn no_input_panics_hangs_or_allocates_without_bound() {
    let seed = std::env::var("AGHANIM_FUZZ_SEED").ok().map_or_else(|| fastrand::u64(..), |seed| seed.parse().unwrap());
    let time = std::env::var("AGHANIM_FUZZ_SECONDS").ok().map(|time| Duration::from_secs(time.parse().unwrap()));
    println!("AGHANIM_FUZZ_SEED={seed}");
    let seeds = seeds();
    for (name, property) in properties::ALL {
        let mut random = Rng::with_seed(seed);
        let (started, mut inputs) = (Instant::now(), 0);
        // The first call builds the receiver, which is not an input's fault.
        property(b"{}");
        while time.map_or(inputs < INPUTS, |time| started.elapsed() < time) {
            let mut input = random.choice(&seeds).expect("a seed").clone();
            for _ in 0..random.usize(..6) {
                let other = random.choice(&seeds).expect("a seed");
                mutate(&mut random, &mut input, other);
            }
            let begun = Instant::now();
            let ran = std::panic::catch_unwind(|| measure(|| property(&input)));
            let shown = || format!("{name}: {} (AGHANIM_FUZZ_SEED={seed}, input {inputs})", input.escape_ascii());
            let Ok(allocated) = ran else { panic!("{}", shown()) };
            // A slow input is slow again; a busy machine is not.
            let slow = begun.elapsed() >= LONGEST
                && (0..3).all(|_| {
                    let begun = Instant::now();
                    property(&input);
                    begun.elapsed() >= LONGEST
                });
            assert!(!slow, "more than {LONGEST:?} for {}", shown());
            // A batch has a buffer of 64 KiB, whatever the size of its file.
            let buffer = if name == "batch" { 64 * 1024 } else { 0 };
            // The properties copy the input some times, and read it as a tree.
            let most = 64 * 1024 + buffer + 200 * input.len() as u64;
            assert!(allocated.bytes_max < most, "{} bytes for {} of {}", allocated.bytes_max, input.len(), shown());
            inputs += 1;
        }
        println!("{name}: {inputs} inputs in {:?}", started.elapsed());
    }
}
