use std::hint::black_box;
use std::time::{Duration, Instant};

use aghanim_hooks_benches::median;

/// The number of rounds. It is odd, so that the median is a measured value.
const ROUNDS: usize = 101;
/// The time that one subject runs in one round.
const TURN: Duration = Duration::from_millis(3);

/// A subject to measure. Making its input is not timed.
pub(crate) struct Subject<'a> {
    name: &'static str,
    /// Runs it this many times, and returns the time that it took.
    run: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Subject<'a> {
    pub(crate) fn new<I, O>(name: &'static str, input: impl Fn() -> I + 'a, mut run: impl FnMut(I) -> O + 'a) -> Self {
        let run = move |times: u32| {
            let mut took = Duration::ZERO;
            let mut left = times;
            while left > 0 {
                // A few inputs at a time, so that they are in the cache, as in a server that has just received them.
                let batch = left.min(16);
                let inputs: Vec<I> = (0..batch).map(|_| input()).collect();
                let start = Instant::now();
                for input in inputs {
                    black_box(run(black_box(input)));
                }
                took += start.elapsed();
                left -= batch;
            }
            took
        };
        Self { name, run: Box::new(run) }
    }

    fn nanoseconds(&mut self, times: u32) -> f64 {
        (self.run)(times).as_secs_f64() * 1e9 / f64::from(times)
    }
}

/// Measures all of them in interleaved rounds, prints a line for each beside the first, and returns each one's rounds.
pub(crate) fn measure(mut subjects: Vec<Subject<'_>>) -> Vec<Vec<f64>> {
    let times: Vec<u32> = subjects.iter_mut().map(turns).collect();
    let mut rounds = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    for _ in 0..ROUNDS {
        for ((subject, times), found) in subjects.iter_mut().zip(&times).zip(&mut rounds) {
            found.push(subject.nanoseconds(*times));
        }
    }
    for (subject, found) in subjects.iter().zip(&rounds) {
        let ratio = median(found.iter().zip(&rounds[0]).map(|(this, first)| this / first));
        let least = found.iter().copied().fold(f64::INFINITY, f64::min);
        let time = median(found.iter().copied());
        println!("  {:<42} {time:>10.0} ns  {ratio:>6.3} ×   least {least:>10.0} ns", subject.name);
    }
    rounds
}

/// The number of runs that fit into a subject's turn, after a warm-up.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number, far below 2^32")]
fn turns(subject: &mut Subject<'_>) -> u32 {
    subject.nanoseconds(100);
    (TURN.as_secs_f64() * 1e9 / subject.nanoseconds(100)).ceil() as u32
}
