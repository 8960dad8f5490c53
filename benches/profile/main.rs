//! One subject, many times, for a profiler; `policies` is the endpoint with all of `ours::POLICIES`. Instructions per
//! request, which repeat where times don't:
//!
//! ```sh
//! cargo build --release -p aghanim-hooks-benches --bin profile
//! valgrind --tool=callgrind --toggle-collect='profile::measured*' target/release/profile ours 0 1000
//! callgrind_annotate callgrind.out.* | head -60
//! ```
//!
//! The arguments: `ours`, `keyed` (the same with a `MemoryStore`, under a key of its own each time), `hand-written` or
//! `hand-written-value`; which of the three bodies, from 0; how many requests.

use aghanim_hooks::Webhooks;
use aghanim_hooks::idempotency::MemoryStore;
use aghanim_hooks_benches::hand_written::{self, Game};
use aghanim_hooks_benches::request::Delivery;
use aghanim_hooks_benches::{ours, samples};
use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use futures_util::FutureExt;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [subject, body, times] = arguments.as_slice() else { panic!("arguments: SUBJECT BODY TIMES") };
    let body: usize = body.parse().expect("0, 1 or 2");
    let times: u32 = times.parse().expect("a number of requests");
    let [(_, small), (_, usual), (_, large)] = samples::all();
    let body = [small, usual, large][body].clone();
    let delivery = Delivery::new(body.clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    let policies = ours::endpoint_with_policies();
    let hooks = ours::endpoint();
    let keyed = hooks.clone().idempotency(MemoryStore::new());
    let game = Game::new();
    for i in 0..times {
        let request = match subject.as_str() {
            "keyed" => Delivery::new(samples::under_key(&body, &format!("ik_{i:020x}"))).request(),
            _ => delivery.request(),
        };
        let response = match subject.as_str() {
            "ours" => measured(request, |r| Handler::<Webhooks, ()>::call(hooks.clone(), r, ()).now_or_never()),
            "keyed" => measured(request, |r| Handler::<Webhooks, ()>::call(keyed.clone(), r, ()).now_or_never()),
            "hand-written" => measured(request, |r| hand_written::webhook.call(r, game.clone()).now_or_never()),
            "hand-written-value" => {
                measured(request, |r| hand_written::webhook_value.call(r, game.clone()).now_or_never())
            }
            "policies" => measured(request, |r| Handler::<Webhooks, ()>::call(policies.clone(), r, ()).now_or_never()),
            other => panic!("{other} is no subject"),
        };
        assert_eq!(response.expect("nothing to wait for").status(), 200);
    }
}

#[inline(never)]
fn measured(request: Request, call: impl FnOnce(Request) -> Option<Response>) -> Option<Response> {
    call(request)
}
