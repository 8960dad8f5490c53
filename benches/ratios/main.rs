//! The whole path of a delivery, in process and on one thread, beside what it replaces: times and ratios.
//!
//! ```sh
//! cargo run --release -p aghanim-hooks-benches --bin ratios
//! ```
//!
//! All subjects take turns in every round, so that a disturbance meets them alike. The time is the median of the
//! rounds, and so is the ratio, taken within each round.

mod keyed;
mod measure;
mod policies;
mod verification;

use std::hint::black_box;
use std::time::SystemTime;

use aghanim_hooks::__private::rooms;
use aghanim_hooks::Webhooks;
use aghanim_hooks::events::{ItemAdd, Order, PlayerVerify};
use aghanim_hooks::signature::{Secret, SignedHeaders, Tolerance, Verifier};
use aghanim_hooks_benches::hand_written::{self, Game};
use aghanim_hooks_benches::request::{Delivery, SECRET};
use aghanim_hooks_benches::{every_event, median, ours, samples};
use axum::Router;
use axum::handler::Handler;
use axum::routing::post;
use futures_util::FutureExt;
use keyed::keyed;
use measure::{Subject, measure};
use serde::de::DeserializeOwned;
use tower::Service;

fn main() {
    // The endpoint's timeout needs a timer, although nothing here waits for it.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = runtime.enter();
    policies::policies();
    println!("\nns per request (median of the rounds), and its ratio to the hand-written handler's\n");
    for (name, body) in samples::all() {
        println!("{name} ({} bytes)", body.len());
        match name.split_once(' ').map(|(_, event)| event.rsplit(' ').next().expect("a name")) {
            Some("player.verify") => sized::<PlayerVerify>(&body),
            Some("order.paid") => sized::<Order>(&body),
            _ => sized::<ItemAdd>(&body),
        }
        println!();
    }
    verification::verification();
    dispatch();
    for (name, body) in samples::all().into_iter().chain([("384 B item.add", samples::item_add(384))]) {
        println!("\n{name}, under a key");
        keyed(&body);
    }
}

fn sized<T: DeserializeOwned>(body: &str) {
    let delivery = Delivery::new(body.to_owned());
    let reordered = Delivery::new(samples::data_first(body));
    let game = Game::new();
    let verifier = Verifier::new(Secret::new(SECRET).expect("a secret")).tolerance(Tolerance::default());
    let hooks = ours::endpoint();
    let mut ours_routed: Router = Router::new().route("/webhook", post(hooks.clone()));
    let mut theirs_routed: Router =
        Router::new().route("/webhook", post(hand_written::webhook)).with_state(game.clone());

    let ours = |request| now(Handler::<Webhooks, ()>::call(hooks.clone(), request, ()));
    let subjects = vec![
        Subject::new(
            "hand-written handler",
            || delivery.request(),
            |r| now(hand_written::webhook.call(r, game.clone())),
        ),
        Subject::new(
            "hand-written, `event_data` as a `Value`",
            || delivery.request(),
            |r| now(hand_written::webhook_value.call(r, game.clone())),
        ),
        Subject::new("this project's endpoint", || delivery.request(), ours),
        Subject::new("… `event_type` behind `event_data`", || reordered.request(), ours),
        Subject::new(
            "hand-written handler in a `Router`",
            || delivery.request(),
            |r| now(theirs_routed.call(r)).unwrap(),
        ),
        Subject::new(
            "this project's endpoint in a `Router`",
            || delivery.request(),
            |r| now(ours_routed.call(r)).unwrap(),
        ),
        Subject::new("MAC alone", || (), |()| game.mac(delivery.timestamp.as_bytes(), &delivery.body)),
        Subject::new("verification: two headers, MAC, window", SystemTime::now, |now| {
            let headers = SignedHeaders::parse(delivery.signature.as_bytes(), delivery.timestamp.as_bytes());
            verifier.verify(&headers.expect("well-formed"), &delivery.body, now)
        }),
        Subject::new("finding the event's type", || (), |()| rooms::event_type(body.as_bytes()).is_some()),
        Subject::new("reading envelope and payload", || (), |()| rooms::parse::<T>(body).is_ok()),
    ];
    measure(subjects);
}

/// Finds one of 48 handlers: the mean over all their names.
fn dispatch() {
    println!("finding one of {} handlers", every_event::NAMES.len());
    let handlers = every_event::handlers();
    let subject = Subject::new(
        "all of them, in turn",
        || (),
        |()| every_event::NAMES.iter().filter(|name| handlers.find(black_box(name)).is_some()).count(),
    );
    let all = median(measure(vec![subject])[0].iter().copied());
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let one = all / every_event::NAMES.len() as f64;
    println!("  {one:.1} ns for one");
}

/// Polls a future once. Nothing here waits, so it is then ready.
fn now<F: Future>(future: F) -> F::Output {
    future.now_or_never().expect("nothing to wait for")
}
