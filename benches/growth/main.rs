//! How cost grows with the body and with the number of handlers: a table, and a plot of each as SVG.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --bin growth -- docs
//! ```
//!
//! The argument is the directory for the plots. `http --connections` measures the growth with connections, and
//! `stored-keys` the growth with stored keys.

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use aghanim_hooks::__private::Entry;
use aghanim_hooks::{Handlers, Webhooks};
use aghanim_hooks_benches::hand_written::{self, Game};
use aghanim_hooks_benches::plot::{Plot, Series};
use aghanim_hooks_benches::request::Delivery;
use aghanim_hooks_benches::{ours, samples};
use axum::extract::Request;
use axum::handler::Handler;
use futures_util::FutureExt;

/// The number of rounds. They are interleaved, as in all benchmarks.
const ROUNDS: usize = 101;
/// The number of passes over all names. Their time is long enough that reading the clock does not count.
const PASSES: usize = 100;

fn main() {
    let directory = PathBuf::from(std::env::args().nth(1).expect("the directory for the plots"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    bodies().write(&directory, "growth-bodies.svg");
    handlers().write(&directory, "growth-handlers.svg");
}

/// The lengths of `item.add`: from an empty one in the shortest envelope to the endpoint's default limit.
fn bodies() -> Plot {
    let (hooks, game) = (ours::endpoint(), Game::new());
    let mut points = [Vec::new(), Vec::new(), Vec::new()];
    println!("| body, bytes | MAC alone, µs | this project, µs | hand-written, µs | × |\n|---|---|---|---|---|");
    for exponent in 8..=20 {
        let bytes = 1_usize << exponent;
        let delivery = Delivery::new(samples::item_add(bytes));
        let request = || delivery.request();
        let [mac, ours, theirs] = least([
            &mut || timed((), |()| game.mac(delivery.timestamp.as_bytes(), &delivery.body)),
            &mut || timed(request(), |r: Request| Handler::<Webhooks, ()>::call(hooks.clone(), r, ()).now_or_never()),
            &mut || timed(request(), |r: Request| hand_written::webhook.call(r, game.clone()).now_or_never()),
        ]);
        println!("| {bytes} | {mac:.2} | {ours:.2} | {theirs:.2} | {:.2} |", ours / theirs);
        #[expect(clippy::cast_precision_loss, reason = "at most 2^20")]
        for (points, time) in points.iter_mut().zip([mac, ours, theirs]) {
            points.push((bytes as f64, time));
        }
    }
    println!();
    let [mac, ours, theirs] = points;
    Plot {
        title: "One delivery of item.add, in process",
        x: "body, bytes",
        y: "µs",
        series: vec![
            Series::new("hand-written", theirs),
            Series::new("this project", ours),
            Series::new("MAC alone", mac),
        ],
    }
}

/// Finding one handler of many, the mean over all names. All names are of one length, which is the worst case.
fn handlers() -> Plot {
    let counts: [u16; 10] = [1, 2, 5, 10, 20, 48, 100, 200, 350, 500];
    let mut points = Vec::new();
    println!("| handlers | finding one, ns |\n|---|---|");
    for count in counts {
        let names: Vec<&'static str> = (0..count).map(|i| &*format!("game.event.{i:04}").leak()).collect();
        let handlers = list(&names);
        #[expect(clippy::cast_precision_loss, reason = "a hundred")]
        let [time] = least([&mut || {
            let start = Instant::now();
            for name in names.iter().cycle().take(PASSES * names.len()) {
                black_box(handlers.find(black_box(name)));
            }
            start.elapsed().as_secs_f64() * 1e9 / PASSES as f64
        }]);
        let count = f64::from(count);
        println!("| {count} | {:.1} |", time / count);
        points.push((count, time / count));
    }
    Plot {
        title: "Finding the handler of an event",
        x: "handlers",
        y: "ns",
        series: vec![Series::new("this project", points)],
    }
}

/// A list whose handlers are never called.
fn list(names: &[&'static str]) -> Handlers<()> {
    let entries: Vec<Entry> = names.iter().map(|name| Entry::new(name, Vec::leak(vec![*name]))).collect();
    Handlers::from_list(entries.leak(), |_, _| unreachable!("found, and not called"))
}

fn timed<I, O>(input: I, run: impl FnOnce(I) -> O) -> f64 {
    let start = Instant::now();
    black_box(run(black_box(input)));
    start.elapsed().as_secs_f64() * 1e6
}

/// Returns the least of many interleaved runs: the cost without disturbances.
fn least<const N: usize>(mut subjects: [&mut dyn FnMut() -> f64; N]) -> [f64; N] {
    let mut least = [f64::INFINITY; N];
    for _ in 0..ROUNDS {
        for (subject, least) in subjects.iter_mut().zip(&mut least) {
            *least = least.min(subject());
        }
    }
    least
}
