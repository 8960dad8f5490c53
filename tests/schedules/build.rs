//! Copies the library's own sources, and replaces the standard library's locks and atomics by shuttle's.

use std::path::Path;
use std::{env, fs};

/// The paths of the sources in the library's `src`.
const SOURCES: [&str; 7] = [
    "endpoint/flight.rs",
    "idempotency/sqlite/batch.rs",
    "idempotency/sqlite/job.rs",
    "idempotency/sqlite/reply.rs",
    "idempotency/sqlite/slow.rs",
    "idempotency/sqlite/turn.rs",
    "idempotency/sqlite/writer.rs",
];

fn main() {
    let library = Path::new(&env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../aghanim-hooks/src");
    let out = env::var("OUT_DIR").expect("cargo sets it");
    for source in SOURCES {
        let path = library.join(source);
        println!("cargo:rerun-if-changed={}", path.display());
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let name = path.file_name().expect("a file");
        fs::write(Path::new(&out).join(name), replaced(&text)).expect("cargo's own directory");
    }
}

fn replaced(text: &str) -> String {
    // The library runs its tests itself, and `include!` does not accept inner documentation.
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text.lines().filter(|line| !line.starts_with("//!")).map(|line| {
        let line = line
            .replace("pub(super)", "pub(crate)")
            .replace("use std::sync::", "use shuttle::sync::")
            .replace("sqlx::", "crate::sqlx::");
        // Only the library can see the database error inside its own error.
        let line = line.replace("error.database().is_some_and(is_damage)", "is_damage(&error)");
        // shuttle's stand-in for tokio has no `Sender::new`.
        line.replace("watch::Sender::new(None)", "watch::channel(None).0") + "\n"
    });
    lines.collect()
}
