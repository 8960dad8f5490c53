//! A report as `JUnit` XML, which CI systems show.

use aghanim_hooks::testing::conformance::{Outcome, Report, Verdict};

/// Writes the report as one test suite.
#[must_use]
pub fn junit(report: &Report) -> String {
    let count = |verdict| report.of(verdict).count();
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"aghanim-hooks check\" tests=\"{}\" \
         failures=\"{}\" skipped=\"{}\">\n",
        report.outcomes.len(),
        count(Verdict::Failed),
        count(Verdict::Skipped),
    );
    xml.extend(report.outcomes.iter().map(case));
    xml + "</testsuite>\n</testsuites>\n"
}

fn case(outcome: &Outcome) -> String {
    let (group, scenario) = (escaped(outcome.group), escaped(outcome.scenario));
    let (text, came) = (escaped(&outcome.to_string()), escaped(&outcome.came));
    let inside = match outcome.verdict {
        Verdict::Failed => format!("<failure message=\"{came}\">{text}</failure>"),
        Verdict::Skipped => format!("<skipped message=\"{came}\"/>"),
        _ => format!("<system-out>{text}</system-out>"),
    };
    let seconds = outcome.time.as_secs_f64();
    format!("<testcase classname=\"{group}\" name=\"{scenario}\" time=\"{seconds:.3}\">{inside}</testcase>\n")
}

/// Text for an element or an attribute. What XML can't hold is replaced.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' => escaped.push(' '),
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
