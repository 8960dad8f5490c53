use super::payload::raw_payload;

raw_payload! {
    /// `batch.ready`: collected events can be fetched. Answered by an acknowledgement.
    ///
    /// It brings, under an undocumented name, a pre-signed URL to a file with one event per line, valid for 24 hours.
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
