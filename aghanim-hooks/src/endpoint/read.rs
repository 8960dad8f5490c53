//! The body of a request, read within bounds of size, time and memory.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::Instant;

use super::memory_budget::Account;
use super::refusal::Refusal;
use super::settings::Settings;
use super::within::within;

/// Reads a whole body within the limits of the settings.
///
/// The account holds the memory of the body until its signature has been checked.
pub(super) async fn body(body: Body, settings: &Settings) -> Result<(Bytes, Account<'_>), Refusal> {
    let time = settings.timeout;
    let mut account = settings.unverified.open();
    let whole = within(|| Instant::now() + time, whole(body, settings.body_limit, &mut account)).await;
    Ok((whole.ok_or(Refusal::TooSlow { timeout: time })??, account))
}

async fn whole(mut body: Body, limit: usize, account: &mut Account<'_>) -> Result<Bytes, Refusal> {
    let Some(first) = piece(&mut body, 0, limit).await? else { return Ok(Bytes::new()) };
    account.charge(first.len())?;
    // Most bodies come in one piece, which is not copied.
    let Some(second) = piece(&mut body, first.len(), limit).await? else { return Ok(first) };
    account.charge(first.len() + second.len())?;
    // Only pages that have been written take memory, so the account counts the bytes that arrived.
    let mut whole = BytesMut::with_capacity((first.len() + second.len() + announced(&body)).min(limit));
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&second);
    while let Some(next) = piece(&mut body, whole.len(), limit).await? {
        account.charge(whole.len() + next.len())?;
        whole.extend_from_slice(&next);
    }
    Ok(whole.freeze())
}

/// Reads the next piece of a body of which `read` bytes have been read.
async fn piece(body: &mut Body, read: usize, limit: usize) -> Result<Option<Bytes>, Refusal> {
    loop {
        // The announced length is refused before the bytes come.
        if announced(body) > limit - read {
            return Err(Refusal::TooLarge { limit });
        }
        let Some(frame) = body.frame().await else { return Ok(None) };
        match frame.map_err(Refusal::broken_off)?.into_data() {
            Ok(data) if data.len() > limit - read => return Err(Refusal::TooLarge { limit }),
            Ok(data) => return Ok(Some(data)),
            // Trailers are ignored.
            Err(_) => {}
        }
    }
}

/// The number of bytes that are announced to come, at least.
fn announced(body: &Body) -> usize {
    usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX)
}
