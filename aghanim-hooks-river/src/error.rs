use aghanim_hooks::idempotency::StoreError;

/// River's error. The database's own is taken out of it, so that an outage is recognised as one.
pub(crate) fn failed(error: riverqueue::Error) -> StoreError {
    match error {
        riverqueue::Error::Database(error) => StoreError::new(error),
        error => StoreError::new(error),
    }
}
