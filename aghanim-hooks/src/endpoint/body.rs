use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http_body::Body as _;
use http_body_util::BodyExt;

use super::refusal::Refusal;

/// Reads a whole body of at most `limit` bytes, whether its length was announced or not.
///
/// A body that comes in one piece is not copied.
pub(super) async fn read(mut body: Body, limit: usize) -> Result<Bytes, Refusal> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limit {
        return Err(Refusal::TooLarge { limit });
    }
    let Some(first) = next(&mut body).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(Refusal::TooLarge { limit });
    }
    if body.is_end_stream() || first.len() == announced {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(announced.max(2 * first.len()));
    whole.extend_from_slice(&first);
    while let Some(more) = next(&mut body).await? {
        if more.len() > limit - whole.len() {
            return Err(Refusal::TooLarge { limit });
        }
        whole.extend_from_slice(&more);
    }
    Ok(whole.freeze())
}

async fn next(body: &mut Body) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| Refusal::malformed(format_args!("the body broke off: {error}")))?;
        // What is not data is a trailer, and nothing of ours.
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}
