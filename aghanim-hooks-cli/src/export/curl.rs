use aghanim_hooks::testing::conformance::Wire;
use anyhow::Context as _;

/// A curl command that sends a request.
///
/// # Errors
/// Fails if the body or a header is not UTF-8, which a command line can't hold.
pub fn curl(wire: &Wire, url: &str) -> anyhow::Result<String> {
    let mut words = vec![format!("curl -i {}", quoted(url))];
    for (name, value) in &wire.headers {
        let value = value.to_str().with_context(|| format!("the header `{name}` is not text"))?;
        words.push(format!("-H {}", quoted(&format!("{name}: {value}"))));
    }
    let body = std::str::from_utf8(&wire.body).context("the body is not UTF-8, which a command line can't hold")?;
    words.push(format!("--data-raw {}", quoted(body)));
    Ok(words.join(" \\\n  "))
}

/// A word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
