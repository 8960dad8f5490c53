use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use crate::{RawEvent, UnixTime};

/// A realistic value of a type, for tests.
///
/// Every payload in [`events`](crate::events) has one. Two calls return equal values.
///
/// Derive it for an event type of your own. A field's value is the sample of the field's type, or the value in
/// `#[sample(…)]`. An enum's sample is its first variant. If this library has another name, write its path on the type:
/// `#[sample(crate = ::path)]`.
///
/// ```
/// use aghanim_hooks::WebhookEvent;
/// use aghanim_hooks::testing::Sample;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Deserialize, Serialize, WebhookEvent, Sample)]
/// #[event("guild.joined")]
/// struct GuildJoined {
///     #[sample("gld_1")]
///     guild_id: String,
///     #[sample(vec![4, 2])]
///     ranks: Vec<u32>,
///     invited_by: Option<String>,
/// }
///
/// let joined = GuildJoined::sample();
/// assert_eq!((joined.guild_id.as_str(), joined.ranks.len()), ("gld_1", 2));
/// assert_eq!(joined.invited_by.as_deref(), Some("sample"));
/// ```
///
/// If the feature `testing` is on for your tests only, derive it for tests only:
/// `#[cfg_attr(test, derive(aghanim_hooks::testing::Sample))]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no sample",
    note = "add `#[derive(aghanim_hooks::testing::Sample)]` to `{Self}`, or `#[sample(…)]` with a value to the field"
)]
pub trait Sample: Sized {
    /// Returns the sample.
    fn sample() -> Self;
}

macro_rules! samples {
    ($($type:ty => $value:expr,)+) => {$(
        impl Sample for $type {
            fn sample() -> Self {
                $value
            }
        }
    )+};
}

samples! {
    () => (),
    bool => true,
    u8 => 1,
    u16 => 1,
    u32 => 1,
    u64 => 1,
    usize => 1,
    i8 => 1,
    i16 => 1,
    i32 => 1,
    i64 => 1,
    isize => 1,
    f32 => 1.5,
    f64 => 1.5,
    String => "sample".to_owned(),
    UnixTime => UnixTime::from_secs(1_714_147_200),
    serde_json::Value => serde_json::json!({ "sample": true }),
    RawEvent => RawEvent::new(&serde_json::json!({ "sample": true })).expect("an object is JSON"),
}

impl<T: Sample> Sample for Option<T> {
    fn sample() -> Self {
        Some(T::sample())
    }
}

impl<T: Sample> Sample for Vec<T> {
    fn sample() -> Self {
        vec![T::sample()]
    }
}

impl<T: Sample> Sample for Box<T> {
    fn sample() -> Self {
        Self::new(T::sample())
    }
}

impl<K: Sample + Ord, V: Sample> Sample for BTreeMap<K, V> {
    fn sample() -> Self {
        Self::from([(K::sample(), V::sample())])
    }
}

impl<K: Sample + Hash + Eq, V: Sample, S: std::hash::BuildHasher + Default> Sample for HashMap<K, V, S> {
    fn sample() -> Self {
        std::iter::once((K::sample(), V::sample())).collect()
    }
}
