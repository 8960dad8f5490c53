//! A local inspector of deliveries: a listener for deliveries, and a page with a JSON API for people and scripts.
//!
//! | Module | For |
//! |---|---|
//! | `deliveries`, `flow`, `receiver`, `own_answer` | the way of a delivery: from the sender to the receiver, and back |
//! | `chaos`, `duplicates`, `repeat`, `effects`, `verdict` | faults on purpose, and what they show about the receiver |
//! | `store`, `keep`, `record` | the history, and deliveries as files |
//! | `facts`, `signing`, `fields`, `difference` | what is said about one delivery |
//! | `guard`, `api`, `files` | the page |
//! | `hub` | the state that all of them share |

mod api;
mod chaos;
mod deliveries;
mod delivery;
mod difference;
mod duplicates;
mod effects;
mod facts;
mod fields;
mod files;
mod flow;
mod guard;
mod headers;
mod hub;
mod keep;
mod own_answer;
mod patterns;
mod receiver;
mod record;
mod repeat;
mod run;
mod signing;
mod store;
mod verdict;

pub(crate) use chaos::{Chaos, FixedAnswer, LONGEST_DELAY, MOST_DUPLICATES};
pub(crate) use delivery::{Origin, Summary};
pub(crate) use hub::Ended;
pub(crate) use patterns::Pattern;
pub(crate) use receiver::Receiver;
pub(crate) use record::Record;
pub(crate) use run::{Running, Settings, start};
pub(crate) use signing::Signing;
pub(crate) use store::Limits;
pub(crate) use verdict::{State, Verdict};
