use std::time::Duration;

use aghanim_hooks_benches::median;

use crate::load::Found;

/// The server that the ratios compare with.
const BASELINE: &str = "hand-written";

/// The rounds of one server.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    per_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// Seconds of CPU for 100 000 requests.
    cpu: Vec<f64>,
    /// Resident memory after all rounds, in MB.
    pub(crate) resident: f64,
}

impl Measured {
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, per_second: Vec::new(), p50: Vec::new(), p99: Vec::new(), cpu: Vec::new(), resident: 0.0 }
    }

    pub(crate) fn per_second(&self) -> f64 {
        median(self.per_second.iter().copied())
    }

    pub(crate) fn add(&mut self, found: &Found, cpu: Duration) {
        self.per_second.push(found.per_second);
        self.p50.push(found.p50);
        self.p99.push(found.p99);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        self.cpu.push(cpu.as_secs_f64() / found.requests as f64 * 100_000.0);
    }
}

/// Medians, and the medians of the ratios within each round.
pub(crate) fn print(title: &str, rows: &[Measured]) {
    println!("\n### {title}\n");
    println!(
        "| server | requests/s | × | p50, ms | p99, ms | × | CPU s per 100k | × | resident, MB |\n\
         |---|---|---|---|---|---|---|---|---|"
    );
    let baseline = rows.iter().find(|row| row.name == BASELINE);
    for row in rows {
        let ratio = |of: fn(&Measured) -> &Vec<f64>| {
            let Some(baseline) = baseline else { return "–".to_owned() };
            let ratios = of(row).iter().zip(of(baseline)).map(|(this, other)| this / other);
            format!("{:.2}", median(ratios))
        };
        println!(
            "| {} | {:.0} | {} | {:.2} | {:.2} | {} | {:.2} | {} | {:.1} |",
            row.name,
            row.per_second(),
            ratio(|row| &row.per_second),
            median(row.p50.iter().copied()) / 1000.0,
            median(row.p99.iter().copied()) / 1000.0,
            ratio(|row| &row.p99),
            median(row.cpu.iter().copied()),
            ratio(|row| &row.cpu),
            row.resident,
        );
    }
}
