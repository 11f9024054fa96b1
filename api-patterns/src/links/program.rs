//! Links compiled for one document, so that each item only copies text and values.
//!
//! A page compiles the links of its items once: all that is the same in every item (the names of
//! the members, the base URL, the relations, the literal parts of addresses) is joined into a few
//! texts. An item then appends these and its own values to the output, with no allocation.

use super::definition::Piece;
use super::entry::{Base, Entry, Href};
use super::values::{Slot, Values, is_segment};
use super::view::View;
use crate::link::push_reference;

/// What an item brings along.
#[derive(Debug, Default)]
pub(super) struct Filled {
    pub(super) values: Values,
    pub(super) conditions: u64,
}

/// Steps that write the links of any item of one type.
#[derive(Debug, Default)]
pub(super) struct Program {
    text: Vec<u8>,
    steps: Vec<Step>,
    /// Where the text begins that is not in a step yet.
    open: usize,
}

#[derive(Debug)]
enum Step {
    /// Appends a part of the text.
    Text { start: usize, end: usize },
    /// Appends a value.
    Value(u8),
    /// Appends the current element of an `each`.
    Element,
    /// Goes on at `to` unless the link is there.
    Guard { needs: Needs, to: usize },
    /// Does the steps up to `to` once for each element.
    Each { value: u8, segment: bool, to: usize },
    /// Drops the separator after the last of a list.
    EndList(&'static [u8]),
}

/// What a link needs to be there.
#[derive(Clone, Debug, Default)]
struct Needs {
    when: u64,
    values: Vec<u8>,
    segments: Vec<u8>,
}

impl Program {
    /// Appends text that is the same for every item.
    pub(super) fn text(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        self.text.extend_from_slice(text.as_ref());
        self
    }

    /// Appends text as a JSON string.
    pub(super) fn quoted(&mut self, text: &str) -> &mut Self {
        write_json(&mut self.text, text);
        self
    }

    /// Drops `separator` where the last of a list left it.
    pub(super) fn end_list(&mut self, separator: &'static [u8]) -> &mut Self {
        self.step(Step::EndList(separator));
        self
    }

    /// What `body` appends, for items that have the link; once for each element of an `each`.
    pub(super) fn link(&mut self, entry: &Entry<'_>, body: impl FnOnce(&mut Self)) {
        let needs = Needs::of(entry);
        let guard = (!needs.is_nothing()).then(|| self.step(Step::Guard { needs, to: 0 }));
        let each = entry.each.map(|value| {
            let segment = has_segment(entry, value);
            let to = 0;
            self.step(Step::Each { value, segment, to })
        });
        body(self);
        if guard.is_some() || each.is_some() {
            self.close();
        }
        let end = self.steps.len();
        for nth in guard.into_iter().chain(each) {
            if let Some(Step::Guard { to, .. } | Step::Each { to, .. }) = self.steps.get_mut(nth) {
                *to = end;
            }
        }
    }

    /// Appends the address of a link.
    pub(super) fn href(&mut self, entry: &Entry<'_>, view: &View) -> &mut Self {
        match entry.base {
            Base::Absolute => {}
            Base::Request => {
                self.text(&view.base);
            }
            Base::Mount => {
                self.text(&view.base).text(&view.mount);
            }
        }
        match entry.href {
            Href::Text(text) => {
                self.text(text);
            }
            Href::Pieces(pieces) => pieces.iter().for_each(|piece| self.piece(entry, *piece)),
        }
        self
    }

    fn piece(&mut self, entry: &Entry<'_>, piece: Piece) {
        match piece {
            Piece::Text(text) => {
                let mut safe = String::with_capacity(text.len());
                push_reference(&mut safe, text, entry.kept());
                self.text(safe);
            }
            Piece::Segment(value) | Piece::Value(value) if entry.each == Some(value) => {
                self.step(Step::Element);
            }
            Piece::Segment(value) | Piece::Value(value) => {
                self.step(Step::Value(value));
            }
        }
    }

    fn step(&mut self, step: Step) -> usize {
        self.close();
        self.steps.push(step);
        self.steps.len() - 1
    }

    /// Puts the text since the last step into one.
    fn close(&mut self) {
        let (start, end) = (self.open, self.text.len());
        if start < end {
            self.steps.push(Step::Text { start, end });
            self.open = end;
        }
    }

    /// Ends the compilation.
    pub(super) fn finish(mut self) -> Self {
        self.close();
        self
    }

    /// Appends the links of one item to `out`.
    pub(super) fn run(&self, item: &Filled, out: &mut Vec<u8>) {
        self.run_steps(0..self.steps.len(), item, None, out);
    }

    fn run_steps(
        &self,
        steps: std::ops::Range<usize>,
        item: &Filled,
        element: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) {
        let mut at = steps.start;
        while let Some(step) = self.steps.get(at).filter(|_| at < steps.end) {
            at += 1;
            match step {
                Step::Text { start, end } => out.extend_from_slice(&self.text[*start..*end]),
                Step::Value(value) => {
                    out.extend_from_slice(item.values.text(*value).unwrap_or_default());
                }
                Step::Element => out.extend_from_slice(element.unwrap_or_default()),
                Step::Guard { needs, to } => {
                    if !needs.are_met(item) {
                        at = *to;
                    }
                }
                Step::Each { value, segment, to } => {
                    for slot in item.values.elements(*value) {
                        if let Some(text) = element_text(item, slot, *segment) {
                            self.run_steps(at..*to, item, Some(text), out);
                        }
                    }
                    at = *to;
                }
                Step::EndList(separator) => {
                    if out.ends_with(separator) {
                        out.truncate(out.len() - separator.len());
                    }
                }
            }
        }
    }
}

fn element_text<'a>(item: &'a Filled, slot: &Slot, segment: bool) -> Option<&'a [u8]> {
    let text = item.values.text_of(slot)?;
    (!segment || is_segment(text)).then_some(text)
}

impl Needs {
    fn of(entry: &Entry<'_>) -> Self {
        let mut needs = Self {
            when: entry.when,
            ..Self::default()
        };
        let Href::Pieces(pieces) = entry.href else {
            return needs;
        };
        for piece in pieces {
            match *piece {
                Piece::Segment(value) | Piece::Value(value) if entry.each == Some(value) => {}
                Piece::Segment(value) => needs.segments.push(value),
                Piece::Value(value) => needs.values.push(value),
                Piece::Text(_) => {}
            }
        }
        needs
    }

    fn is_nothing(&self) -> bool {
        self.when == 0 && self.values.is_empty() && self.segments.is_empty()
    }

    fn are_met(&self, item: &Filled) -> bool {
        let there = |value: &u8| item.values.text(*value).is_some();
        let segment = |value: &u8| item.values.text(*value).is_some_and(is_segment);
        item.conditions & self.when == self.when
            && self.segments.iter().all(segment)
            && self.values.iter().all(there)
    }
}

fn has_segment(entry: &Entry<'_>, value: u8) -> bool {
    matches!(entry.href, Href::Pieces(pieces) if pieces.contains(&Piece::Segment(value)))
}

/// Appends `text` as a JSON string.
pub(super) fn write_json(out: &mut Vec<u8>, text: &str) {
    // Writing text into memory does not fail.
    let _ = serde_json::to_writer(out, text);
}
