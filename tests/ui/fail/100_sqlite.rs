//! A store whose feature is off.

use aghanim_hooks::idempotency::SqliteStore;

fn store() -> Option<SqliteStore> {
    None
}

fn main() {}
