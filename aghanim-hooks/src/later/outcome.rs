/// The result of an attempt: what the engine has to do with the job.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The work is done. With a `Tx` the job is completed already, in the handler's transaction.
    Completed,
    /// Nothing was to be done: a newer event of the same entity was worked before this one.
    Superseded,
    /// The attempt failed. The engine tries again after a pause, or keeps a dead letter after the last attempt.
    Failed {
        /// The cause, for people.
        reason: String,
    },
    /// The handler refused the event for good. The engine keeps a dead letter.
    Refused {
        /// The rejection's code, such as `declined`.
        code: String,
        /// The rejection's message.
        message: String,
    },
    /// Another worker has the job by now. Everything that this attempt wrote was undone.
    Lost,
}
