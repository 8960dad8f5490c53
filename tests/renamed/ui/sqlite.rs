//! A store whose feature is off.

use hooks::idempotency::SqliteStore;

fn main() {
    let _: Option<SqliteStore> = None;
}
