use super::payload::raw_payload;

raw_payload! {
    /// `batch.ready`: a file of collected events can be fetched.
    ///
    /// Answered by an acknowledgement.
    ///
    /// One of its fields, whose name is not documented, is a pre-signed URL to the file. The file has one event per
    /// line, and the URL is valid for 24 hours.
    ///
    /// ```
    /// use aghanim_hooks::{Rejection, webhook};
    /// use aghanim_hooks::events::BatchReady;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Batch {
    ///     url: String,
    /// }
    ///
    /// #[webhook("batch.ready")]
    /// async fn fetch(event: BatchReady) -> Result<(), Rejection> {
    ///     let batch: Batch = event.raw.parse()?;
    ///     println!("to be fetched: {}", batch.url);
    ///     Ok(())
    /// }
    /// ```
    pub struct BatchReady;
}
