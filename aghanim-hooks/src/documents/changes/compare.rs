//! Compares two schemas of the same place.

use std::collections::BTreeSet;

use serde_json::Value;

use super::change::Changes;
use super::keywords::LIMITS;
use super::surface::Surface;
use super::view::View;

/// A place in an event or in an answer.
pub(super) struct Place<'a> {
    old: &'a Value,
    new: &'a Value,
    /// True if looser is compatible: the endpoint takes more than it did.
    is_event: bool,
    path: String,
    /// The pairs of references that are being compared, so that recursive types end.
    open: Vec<(String, String)>,
    changes: &'a mut Changes,
}

impl<'a> Place<'a> {
    pub(super) fn event(old: &Surface<'a>, new: &Surface<'a>, changes: &'a mut Changes) -> Self {
        Self { old: old.root, new: new.root, is_event: true, path: "event".into(), open: Vec::new(), changes }
    }

    pub(super) fn answer(old: &Surface<'a>, new: &Surface<'a>, status: &str, changes: &'a mut Changes) -> Self {
        let path = format!("answer {status}");
        Self { old: old.root, new: new.root, is_event: false, path, open: Vec::new(), changes }
    }

    pub(super) fn compare(&mut self, old: &Value, new: &Value) {
        let reference = |schema: &Value| schema["$ref"].as_str().map(str::to_owned);
        let pair = reference(old).zip(reference(new));
        if let Some(pair) = &pair {
            if self.open.contains(pair) {
                return;
            }
            self.open.push(pair.clone());
        }
        let (was, is) = (View::of(self.old, old), View::of(self.new, new));
        // Differences that follow from a changed type are not changes of their own.
        if self.types(&was.types, &is.types) {
            self.values(&was, &is);
            self.limits(&was, &is);
            self.fields(&was, &is);
            self.other_fields(&was, &is);
            self.elements(&was, &is);
            self.choices(&was.choices, &is.choices);
        }
        if pair.is_some() {
            self.open.pop();
        }
    }

    /// Does something at a part of this place, such as a field.
    fn at(&mut self, part: &str, act: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push_str(part);
        act(self);
        self.path.truncate(length);
    }

    fn change(&mut self, is_looser: bool, what: impl Into<String>) {
        if is_looser { self.looser(what) } else { self.narrower(what) }
    }

    fn narrower(&mut self, what: impl Into<String>) {
        self.changes.at(&self.path, true, what);
    }

    fn looser(&mut self, what: impl Into<String>) {
        self.changes.at(&self.path, !self.is_event, what);
    }

    fn compatible(&mut self, what: impl Into<String>) {
        self.changes.at(&self.path, false, what);
    }

    /// Returns false if the type is another one.
    fn types(&mut self, old: &BTreeSet<String>, new: &BTreeSet<String>) -> bool {
        let takes = |types: &BTreeSet<String>, name: &str| {
            types.contains(name) || (name == "integer" && types.contains("number"))
        };
        let gone: Vec<&String> = old.iter().filter(|name| !takes(new, name)).collect();
        let added: Vec<&String> = new.iter().filter(|name| !takes(old, name)).collect();
        match (&gone[..], &added[..]) {
            ([], []) => return true,
            ([null], []) if *null == "null" => self.narrower("null is no longer allowed"),
            ([], [null]) if *null == "null" => self.looser("null is allowed too"),
            (gone, _) => {
                let what = format!("the type changed from {} to {}", names(old), names(new));
                self.change(gone.is_empty(), what);
                return false;
            }
        }
        true
    }

    fn values(&mut self, old: &View, new: &View) {
        match (&old.values, &new.values) {
            (Some(old), Some(new)) => {
                for value in old.difference(new) {
                    self.narrower(format!("the value {value} is gone"));
                }
                for value in new.difference(old) {
                    self.looser(format!("the value {value} is new"));
                }
            }
            (None, Some(new)) => self.narrower(format!("only {} is allowed now", joined(new, " or "))),
            (Some(old), None) => self.looser(format!("more than {} is allowed now", joined(old, " or "))),
            (None, None) => {
                for value in old.known.difference(&new.known) {
                    self.compatible(format!("the open set no longer lists {value}"));
                }
                for value in new.known.difference(&old.known) {
                    self.compatible(format!("the open set lists {value} too"));
                }
            }
        }
    }

    fn limits(&mut self, old: &View, new: &View) {
        for limit in &LIMITS {
            let keyword = limit.keyword;
            match (old.limits.get(keyword), new.limits.get(keyword)) {
                (Some(old), Some(new)) if old != new => {
                    let what = format!("`{keyword}` changed from {old} to {new}");
                    self.change(limit.is_looser(old, new), what);
                }
                (None, Some(new)) => self.narrower(format!("`{keyword}` is {new} now")),
                (Some(old), None) => self.looser(format!("`{keyword}` is no longer {old}")),
                _ => {}
            }
        }
    }

    fn fields(&mut self, old: &View, new: &View) {
        for (name, field) in &old.fields {
            let part = format!(".{name}");
            let Some(now) = new.fields.get(name) else {
                self.at(&part, |place| place.narrower("the field is gone"));
                continue;
            };
            match (old.required.contains(name), new.required.contains(name)) {
                (false, true) => self.at(&part, |place| place.narrower("the field is required now")),
                (true, false) => self.at(&part, |place| place.looser("the field is optional now")),
                _ => {}
            }
            self.at(&part, |place| place.compare(field, now));
        }
        for name in new.fields.keys().filter(|name| !old.fields.contains_key(*name)) {
            let part = format!(".{name}");
            if new.required.contains(name) {
                self.at(&part, |place| place.narrower("the field is new and required"));
            } else {
                self.at(&part, |place| place.compatible("the optional field is new"));
            }
        }
        let unnamed = |view: &View| -> BTreeSet<String> {
            view.required.iter().filter(|name| !view.fields.contains_key(*name)).cloned().collect()
        };
        for name in unnamed(new).difference(&old.required) {
            self.at(&format!(".{name}"), |place| place.narrower("the field is required now"));
        }
    }

    fn other_fields(&mut self, old: &View, new: &View) {
        self.optional_part("{}", "keys without a name", old.other_fields.as_ref(), new.other_fields.as_ref());
    }

    fn elements(&mut self, old: &View, new: &View) {
        self.optional_part("[]", "the elements", old.elements.as_ref(), new.elements.as_ref());
    }

    /// Compares an optional part. Without a schema for it, anything is valid there.
    fn optional_part(&mut self, part: &str, name: &str, old: Option<&Value>, new: Option<&Value>) {
        match (old, new) {
            (Some(old), Some(new)) if is_false(old) || is_false(new) => match (is_false(old), is_false(new)) {
                (false, true) => self.narrower(format!("{name} are not allowed now")),
                (true, false) => self.looser(format!("{name} are allowed now")),
                _ => {}
            },
            (Some(old), Some(new)) => self.at(part, |place| place.compare(old, new)),
            (None, Some(new)) if is_false(new) => self.narrower(format!("{name} are not allowed now")),
            (None, Some(_)) => self.narrower(format!("{name} have a schema now")),
            (Some(_), None) => self.looser(format!("{name} may be anything now")),
            (None, None) => {}
        }
    }

    /// Compares alternatives: those that are equal first, then what is left.
    fn choices(&mut self, old: &[Value], new: &[Value]) {
        let (old_root, new_root) = (self.old, self.new);
        let same = |old: &Value, new: &Value| label(old_root, old) == label(new_root, new);
        let gone: Vec<&Value> = old.iter().filter(|old| !new.iter().any(|new| same(old, new))).collect();
        let added: Vec<&Value> = new.iter().filter(|new| !old.iter().any(|old| same(old, new))).collect();
        for old in old {
            if let Some(new) = new.iter().find(|new| same(old, new)) {
                self.compare(old, new);
            }
        }
        if let ([old], [new]) = (&gone[..], &added[..]) {
            self.compare(old, new);
            return;
        }
        for gone in gone {
            self.narrower(format!("it can no longer be {}", label(old_root, gone)));
        }
        for added in added {
            self.looser(format!("it can be {} too", label(new_root, added)));
        }
    }
}

fn is_false(schema: &Value) -> bool {
    *schema == Value::Bool(false)
}

/// A name for an alternative, by which it is recognised in the other document.
fn label(root: &Value, schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let view = View::of(root, schema);
    if let Some(values) = &view.values {
        return joined(values, " or ");
    }
    let fields = view.fields.keys().cloned().collect::<BTreeSet<_>>();
    if fields.is_empty() { names(&view.types) } else { format!("an object of {}", joined(&fields, ", ")) }
}

fn names(types: &BTreeSet<String>) -> String {
    if types.len() == 6 { "anything".to_owned() } else { joined(types, " or ") }
}

fn joined(texts: &BTreeSet<String>, between: &str) -> String {
    texts.iter().map(String::as_str).collect::<Vec<_>>().join(between)
}
