//! Each step of a delivery by itself, and the whole path, in process and on one thread.
//!
//! ```sh
//! cargo bench -p aghanim-hooks-benches --bench in_process
//! cargo bench -p aghanim-hooks-benches --bench in_process -- whole_path
//! ```
//!
//! Allocations are counted beside the times. For ratios see `ratios`, whose rounds are interleaved.
#![expect(clippy::wildcard_imports, reason = "the groups are modules only because divan wants them to be")]

use std::time::SystemTime;

use aghanim_hooks::__private::rooms;
use aghanim_hooks::Webhooks;
use aghanim_hooks::events::{ItemAdd, Order, PlayerVerify};
use aghanim_hooks::signature::{Secret, SignedHeaders, Verifier};
use aghanim_hooks_benches::hand_written::{self, Game};
use aghanim_hooks_benches::request::{Delivery, SECRET};
use aghanim_hooks_benches::{every_event, ours, samples};
use axum::handler::Handler;
use divan::counter::BytesCount;
use divan::{AllocProfiler, Bencher, black_box};
use futures_util::FutureExt;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The bodies by their lengths, with which their names in [`samples::all`] begin.
const BODIES: [&str; 3] = ["281 B", "2 KB", "66 KB"];

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    divan::main();
}

fn delivery(length: &str) -> Delivery {
    Delivery::new(body(length))
}

fn body(length: &str) -> String {
    samples::all().into_iter().find(|(name, _)| name.starts_with(length)).expect("a sample").1
}

#[divan::bench_group]
mod verify {
    use super::*;

    #[divan::bench(args = BODIES)]
    fn mac_alone(bencher: Bencher<'_, '_>, length: &str) {
        let (game, delivery) = (Game::new(), delivery(length));
        bencher
            .counter(BytesCount::new(delivery.body.len()))
            .bench(|| game.mac(black_box(delivery.timestamp.as_bytes()), black_box(&delivery.body)));
    }

    #[divan::bench(args = BODIES)]
    fn headers_mac_and_window(bencher: Bencher<'_, '_>, length: &str) {
        let (verifier, delivery) = (Verifier::new(Secret::new(SECRET).expect("a secret")), delivery(length));
        let now = SystemTime::now();
        bencher.counter(BytesCount::new(delivery.body.len())).bench(|| {
            let headers = SignedHeaders::parse(delivery.signature.as_bytes(), delivery.timestamp.as_bytes());
            verifier.verify(&headers.expect("well-formed"), black_box(&delivery.body), now)
        });
    }
}

#[divan::bench_group]
mod parse {
    use super::*;

    #[divan::bench(args = BODIES)]
    fn event_type(bencher: Bencher<'_, '_>, length: &str) {
        let json = body(length);
        bencher.bench(|| rooms::event_type(black_box(json.as_bytes())).is_some());
    }

    #[divan::bench(args = BODIES)]
    fn event_type_behind_the_data(bencher: Bencher<'_, '_>, length: &str) {
        let json = samples::data_first(&body(length));
        bencher.bench(|| rooms::event_type(black_box(json.as_bytes())).is_some());
    }

    #[divan::bench(args = BODIES)]
    fn envelope_and_payload(bencher: Bencher<'_, '_>, length: &str) {
        let json = body(length);
        let bencher = bencher.counter(BytesCount::new(json.len()));
        match length {
            "281 B" => bencher.bench(|| rooms::parse::<PlayerVerify>(black_box(&json)).is_ok()),
            "2 KB" => bencher.bench(|| rooms::parse::<Order>(black_box(&json)).is_ok()),
            _ => bencher.bench(|| rooms::parse::<ItemAdd>(black_box(&json)).is_ok()),
        }
    }
}

#[divan::bench]
fn dispatch_among_48(bencher: Bencher<'_, '_>) {
    let handlers = every_event::handlers();
    let mut names = every_event::NAMES.iter().cycle();
    bencher.bench_local(|| handlers.find(black_box(names.next().expect("without end"))));
}

#[divan::bench_group]
mod whole_path {
    use super::*;

    #[divan::bench(args = BODIES)]
    fn ours(bencher: Bencher<'_, '_>, length: &str) {
        let (hooks, delivery) = (ours::endpoint(), delivery(length));
        bencher
            .with_inputs(|| delivery.request())
            .bench_values(|request| Handler::<Webhooks, ()>::call(hooks.clone(), request, ()).now_or_never());
    }

    #[divan::bench(args = BODIES)]
    fn hand_written(bencher: Bencher<'_, '_>, length: &str) {
        let (game, delivery) = (Game::new(), delivery(length));
        bencher
            .with_inputs(|| delivery.request())
            .bench_values(|request| hand_written::webhook.call(request, game.clone()).now_or_never());
    }

    #[divan::bench(args = BODIES)]
    fn hand_written_data_as_text(bencher: Bencher<'_, '_>, length: &str) {
        let (game, delivery) = (Game::new(), delivery(length));
        bencher
            .with_inputs(|| delivery.request())
            .bench_values(|request| hand_written::webhook_value.call(request, game.clone()).now_or_never());
    }
}
