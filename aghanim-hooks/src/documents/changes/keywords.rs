//! The keywords that limit a value, and the direction in which each is looser.

use serde_json::Value;

/// A keyword that limits a value.
pub(super) struct Limit {
    pub(super) keyword: &'static str,
    looser: Looser,
}

/// The values of a keyword that allow more.
enum Looser {
    Lower,
    Higher,
    /// The pairs of an old value and a looser new one.
    Known(&'static [(&'static str, &'static str)]),
}

const fn limit(keyword: &'static str, looser: Looser) -> Limit {
    Limit { keyword, looser }
}

pub(super) const LIMITS: [Limit; 14] = [
    limit("minimum", Looser::Lower),
    limit("exclusiveMinimum", Looser::Lower),
    limit("minLength", Looser::Lower),
    limit("minItems", Looser::Lower),
    limit("minProperties", Looser::Lower),
    limit("maximum", Looser::Higher),
    limit("exclusiveMaximum", Looser::Higher),
    limit("maxLength", Looser::Higher),
    limit("maxItems", Looser::Higher),
    limit("maxProperties", Looser::Higher),
    limit("format", Looser::Known(&[("int32", "int64"), ("uint32", "uint64"), ("float", "double")])),
    limit("pattern", Looser::Known(&[])),
    limit("multipleOf", Looser::Known(&[])),
    limit("uniqueItems", Looser::Known(&[])),
];

impl Limit {
    /// True if everything that the old value allows is allowed by the new one.
    pub(super) fn is_looser(&self, old: &Value, new: &Value) -> bool {
        match self.looser {
            Looser::Lower => new.as_f64() <= old.as_f64(),
            Looser::Higher => new.as_f64() >= old.as_f64(),
            Looser::Known(pairs) => pairs.iter().any(|(from, to)| old == from && new == to),
        }
    }
}
