//! Links compiled for one document, so that each item only copies text and values.
//!
//! A page compiles the links of its items once: all that is the same in every item (the names of
//! the members, the base URL, the relations, the literal parts of addresses) is joined into a few
//! texts. An item then appends these and its own values to the output, with no allocation. An item
//! that has all of the links, as most do, appends them without asking for each.

use std::ops::Range;

use super::definition::Piece;
use super::entry::{Base, Entry, Href};
use super::values::{Slot, Values, bit, is_segment};
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
    /// What all links together need.
    all: Needs,
    /// What an item with all of the links appends; empty where no link depends on the item, and
    /// where lists make the number of links a matter of the item.
    straight: Vec<Copy>,
}

/// Appends a part of the text, then a value.
#[derive(Debug)]
struct Copy {
    text: Box<[u8]>,
    value: Option<u8>,
}

#[derive(Debug)]
enum Step {
    /// Appends a part of the text.
    Text { start: usize, end: usize },
    /// Appends a value.
    Value(u8),
    /// Appends the current element of an `each`.
    Element,
    /// Appends the number of the current element, from 1.
    Number,
    /// Goes on at `to` unless the link is there.
    Guard { needs: Needs, to: usize },
    /// Does the steps up to `to` once for each element.
    Each { value: u8, segment: bool, to: usize },
    /// Drops the separator after the last of a list.
    EndList(&'static [u8]),
}

/// What a link needs to be there, as bits.
#[derive(Clone, Copy, Debug, Default)]
struct Needs {
    when: u64,
    values: u64,
    segments: u64,
}

impl Program {
    /// Nothing yet, with room for a few links.
    pub(super) fn new() -> Self {
        Self {
            text: Vec::with_capacity(512),
            ..Self::default()
        }
    }

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

    /// Appends text as the inside of a JSON string.
    pub(super) fn escaped(&mut self, text: &str) -> &mut Self {
        let start = self.text.len();
        write_json(&mut self.text, text);
        self.text.pop();
        self.text.remove(start);
        self
    }

    /// Appends the number of the current element of an `each`, from 1.
    pub(super) fn number(&mut self) -> &mut Self {
        self.step(Step::Number);
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
        self.all = self.all.and(needs);
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
                // A router that is nested at `/api` answers there and not at `/api/`.
                if !view.mount.is_empty() && entry.href.is_root() {
                    return self;
                }
            }
        }
        match entry.href {
            // The address of a page holds what the client has sent.
            Href::Text(text) => push_reference(&mut self.text, text, entry.kept()),
            Href::Pieces(pieces) => pieces.iter().for_each(|piece| self.piece(entry, *piece)),
        }
        self
    }

    fn piece(&mut self, entry: &Entry<'_>, piece: Piece) {
        match piece {
            Piece::Text(text) => {
                self.text(text);
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
        if !self.all.is_nothing() {
            self.straight = self.straighten().unwrap_or_default();
        }
        self
    }

    /// The steps of an item that has all of the links.
    fn straighten(&self) -> Option<Vec<Copy>> {
        let mut straight = Vec::with_capacity(self.steps.len());
        let mut text = Vec::new();
        for step in &self.steps {
            match *step {
                Step::Guard { .. } => {}
                Step::Text { start, end } => text.extend_from_slice(self.text.get(start..end)?),
                Step::Value(value) => straight.push(Copy {
                    text: std::mem::take(&mut text).into(),
                    value: Some(value),
                }),
                Step::EndList(separator) => {
                    if text.ends_with(separator) {
                        text.truncate(text.len() - separator.len());
                    }
                }
                Step::Element | Step::Number | Step::Each { .. } => return None,
            }
        }
        straight.push(Copy {
            text: text.into(),
            value: None,
        });
        Some(straight)
    }

    /// Appends the links of one item to `out`.
    pub(super) fn run(&self, item: &Filled, out: &mut Vec<u8>) {
        if self.straight.is_empty() || !self.all.are_met(item) {
            self.run_steps(0..self.steps.len(), item, None, out);
            return;
        }
        for Copy { text, value } in &self.straight {
            out.extend_from_slice(text);
            if let Some(value) = value {
                out.extend_from_slice(item.values.text(*value).unwrap_or_default());
            }
        }
    }

    fn run_steps(
        &self,
        steps: Range<usize>,
        item: &Filled,
        element: Option<(usize, &[u8])>,
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
                Step::Element => {
                    out.extend_from_slice(element.map_or(&[], |(_, text)| text));
                }
                Step::Number => {
                    let number = element.map_or(0, |(number, _)| number);
                    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
                }
                Step::Guard { needs, to } => {
                    if !needs.are_met(item) {
                        at = *to;
                    }
                }
                Step::Each { value, segment, to } => {
                    for (slot, number) in item.values.elements(*value).iter().zip(1..) {
                        if let Some(text) = element_text(item, slot, *segment) {
                            self.run_steps(at..*to, item, Some((number, text)), out);
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
                Piece::Segment(value) => needs.segments |= bit(value),
                Piece::Value(value) => needs.values |= bit(value),
                Piece::Text(_) => {}
            }
        }
        needs
    }

    fn and(self, other: Self) -> Self {
        Self {
            when: self.when | other.when,
            values: self.values | other.values,
            segments: self.segments | other.segments,
        }
    }

    fn is_nothing(self) -> bool {
        self.when | self.values | self.segments == 0
    }

    fn are_met(self, item: &Filled) -> bool {
        item.conditions & self.when == self.when
            && item.values.present() & self.values == self.values
            && item.values.whole_segments() & self.segments == self.segments
    }
}

fn has_segment(entry: &Entry<'_>, value: u8) -> bool {
    matches!(entry.href, Href::Pieces(pieces) if pieces.contains(&Piece::Segment(value)))
}

/// Appends `text` as a JSON string.
pub(super) fn write_json(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: u8| (b' '..=b'~').contains(&byte) && !matches!(byte, b'"' | b'\\');
    if text.bytes().all(plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
        return;
    }
    // Writing text into memory does not fail.
    let _ = serde_json::to_writer(out, text);
}
