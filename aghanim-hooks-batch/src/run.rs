//! Reads ahead, keeps the events under way in order, and writes down what is done.

use std::io;

use aghanim_hooks::__private::AnyState;
use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;

use crate::answer::{Answered, Answers};
use crate::checkpoint::Checkpoint;
use crate::error::{BatchError, ErrorKind};
use crate::pieces::{Piece, Pieces, Place};
use crate::report::Report;
use crate::verdict::Judged;

/// Gets the report after each event.
pub(crate) type Progress = Box<dyn FnMut(&Report) + Send>;

/// A run through a file.
pub(crate) struct Run<'a, S> {
    pub(crate) answers: &'a Answers<'a, S>,
    pub(crate) concurrency: usize,
    pub(crate) failures: usize,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) progress: Option<Progress>,
    pub(crate) report: Report,
}

/// The next thing that happens.
enum Next {
    Read(io::Result<Option<Piece>>),
    Answered(Answered),
    End,
}

impl<S: AnyState + Clone> Run<'_, S> {
    pub(crate) async fn finish(mut self, mut pieces: Pieces<'_>) -> Result<Report, BatchError> {
        let mut place = pieces.place();
        let ended = self.each(&mut pieces, &mut place).await;
        self.report.shape = pieces.shape();
        if ended.is_ok() {
            // Blank lines after the last event are behind the place too.
            place = pieces.place();
            self.report.bytes = place.offset;
        }
        let saved = self.save(&place).await;
        match ended.and(saved) {
            Ok(()) => Ok(self.report),
            Err(kind) => Err(BatchError::new(kind, self.report)),
        }
    }

    /// Handles each event. `place` is moved to the end of the last one that was handled.
    async fn each(&mut self, pieces: &mut Pieces<'_>, place: &mut Place) -> Result<(), ErrorKind> {
        let answers = self.answers;
        let mut under_way = FuturesOrdered::new();
        // The end of the reading. Events under way are finished first.
        let mut read = None;
        loop {
            let next = {
                let has_place = read.is_none() && under_way.len() < self.concurrency;
                tokio::select! {
                    biased;
                    Some(answered) = under_way.next(), if !under_way.is_empty() => Next::Answered(answered),
                    piece = pieces.next(), if has_place => Next::Read(piece),
                    else => Next::End,
                }
            };
            match next {
                Next::Read(Ok(Some(piece))) => under_way.push_back(answers.answer(piece)),
                Next::Read(Ok(None)) if pieces.is_cut_off() => read = Some(Err(ErrorKind::CutOff)),
                Next::Read(Ok(None)) => read = Some(Ok(())),
                Next::Read(Err(error)) => read = Some(Err(ErrorKind::Read(error))),
                Next::Answered(Answered::Done { judged, end, is_last }) => {
                    if is_last && judged.has_failed() {
                        // This may be half an event, and another copy of the file may have the rest. So the next run
                        // begins before it.
                        self.save(place).await?;
                        self.checkpoint = None;
                    }
                    *place = end;
                    self.add(judged, place).await?;
                }
                Next::Answered(Answered::NotNow { number, outcome }) => {
                    return Err(ErrorKind::Unavailable { number, outcome });
                }
                Next::End => return read.unwrap_or(Ok(())),
            }
        }
    }

    async fn add(&mut self, judged: Judged, place: &Place) -> Result<(), ErrorKind> {
        judged.add_to(&mut self.report, self.failures);
        self.report.shape = place.shape;
        self.report.bytes = place.offset;
        if let Some(progress) = &mut self.progress {
            progress(&self.report);
        }
        if self.checkpoint.as_ref().is_some_and(Checkpoint::is_due) { self.save(place).await } else { Ok(()) }
    }

    async fn save(&mut self, place: &Place) -> Result<(), ErrorKind> {
        match &mut self.checkpoint {
            None => Ok(()),
            Some(checkpoint) => checkpoint.save(place, &self.report).await.map_err(ErrorKind::Checkpoint),
        }
    }
}
