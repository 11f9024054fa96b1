//! What is known about a document: the path, the findings, and what the next round does
//! differently.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use serde::de::{DeserializeOwned, DeserializeSeed};

use super::fault::Fault;
use super::node::{Input, Node};
use super::{Finding, MAX_ERRORS, Step, cut};

const MAX_ROUNDS: usize = 256;
/// Values that may be looked at after the first round in any document, however short. A longer
/// one has one more for so many bytes, so that all rounds together stay near the cost of parsing.
const BASE_WORK: usize = 8192;
const BYTES_PER_WORK: usize = 4;

/// Longest detail of an error, in characters.
const MAX_DETAIL: usize = 400;

/// Texts that types with a syntax of their own accept, tried where a stand-in is refused.
const CANDIDATES: [&str; 8] = [
    "00000000-0000-0000-0000-000000000000",
    "1970-01-01T00:00:00Z",
    "1970-01-01",
    "00:00:00",
    "0",
    "https://example.com/",
    "a@example.com",
    "127.0.0.1",
];

type Path<'a> = Vec<Step<'a>>;

/// A diagnosis in all its rounds.
pub(super) struct Pass<'a> {
    path: RefCell<Path<'a>>,
    findings: RefCell<BTreeMap<Path<'a>, Finding>>,
    /// How often the value at a path was refused. A list, since it is short and a path long.
    attempts: RefCell<Vec<(Path<'a>, usize)>>,
    /// The attempt that a type accepted.
    accepted: RefCell<HashMap<&'static str, usize>>,
    /// The members that a type cannot do without, by the type of its visitor.
    required: RefCell<HashMap<&'static str, Vec<&'static str>>>,
    /// Members that are there under another name, so that supplying them is wrong.
    exempt: RefCell<Vec<Path<'a>>>,
    /// Parameters of which only the first is read.
    single: RefCell<Vec<Path<'a>>>,
    /// Values that may still be looked at.
    work: Cell<usize>,
    bytes: usize,
    state: Cell<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// The round cannot go on, but another one will get further.
    Again,
    /// A bound was reached, or nothing is left to try.
    Stopped,
}

/// Where a value stands, which decides what may be done without it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The whole document.
    Root,
    /// An element of an array; can be left out.
    Element,
    /// A member of an object; can be replaced or left out.
    Entry,
    /// Has to be there; can be replaced.
    Fixed,
}

impl Slot {
    fn last_attempt(self) -> usize {
        match self {
            Self::Root => 0,
            Self::Element => 1,
            Self::Fixed => 1 + CANDIDATES.len(),
            Self::Entry => 2 + CANDIDATES.len(),
        }
    }

    /// What is read at this attempt; `None` leaves the value out.
    fn choose<'a>(self, attempt: usize, input: Input<'a>) -> Option<Input<'a>> {
        match (attempt, self) {
            (0, _) => Some(input),
            (_, Self::Element) => None,
            (1, _) => Some(Input::Dummy(input.dummies())),
            (nth, _) => CANDIDATES.get(nth - 2).copied().map(Input::Text),
        }
    }
}

impl<'a> Pass<'a> {
    /// A diagnosis of a document of so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            path: RefCell::default(),
            findings: RefCell::default(),
            attempts: RefCell::default(),
            accepted: RefCell::default(),
            required: RefCell::default(),
            exempt: RefCell::default(),
            single: RefCell::default(),
            work: Cell::new(usize::MAX),
            bytes,
            state: Cell::new(State::Running),
        }
    }

    pub(super) fn run<T: DeserializeOwned>(&self, document: Input<'a>) {
        for round in 0..MAX_ROUNDS {
            if round == 1 {
                self.work.set(BASE_WORK + self.bytes / BYTES_PER_WORK);
            }
            self.state.set(State::Running);
            let node = Node {
                pass: self,
                input: document,
                silent: false,
            };
            let seed = std::marker::PhantomData::<T>;
            let result = DeserializeSeed::deserialize(seed, node);
            if let Err(fault) = result {
                self.refused::<std::marker::PhantomData<T>>(fault, Slot::Root, false);
            }
            if self.state.get() != State::Again {
                return;
            }
        }
    }

    pub(super) fn into_findings(self) -> impl Iterator<Item = (Path<'a>, Finding)> {
        self.findings.into_inner().into_iter()
    }

    /// Runs `work` one step deeper.
    pub(super) fn within<R>(&self, step: Step<'a>, work: impl FnOnce() -> R) -> R {
        self.path.borrow_mut().push(step);
        let result = work();
        self.path.borrow_mut().pop();
        result
    }

    /// Deserializes the value at `step`, or what stands in for it. `None` leaves it out.
    pub(super) fn value<S: DeserializeSeed<'a>>(
        &self,
        step: Step<'a>,
        slot: Slot,
        node: Node<'_, 'a>,
        seed: S,
    ) -> Result<S::Value, Fault> {
        self.within(step, || {
            self.count()?;
            let attempt = self.attempt();
            let input = slot.choose(attempt, node.input).unwrap_or(node.input);
            let node = Node {
                pass: self,
                input,
                silent: node.silent || attempt > 0,
            };
            match seed.deserialize(node) {
                Ok(value) => {
                    if attempt > 0 {
                        let kind = std::any::type_name::<S>();
                        self.accepted.borrow_mut().insert(kind, attempt);
                    }
                    Ok(value)
                }
                Err(fault) => Err(self.refused::<S>(fault, slot, node.silent)),
            }
        })
    }

    /// Deserializes the name of the member at `step`.
    pub(super) fn name<S: DeserializeSeed<'a>>(
        &self,
        name: &'a str,
        silent: bool,
        seed: S,
    ) -> Result<S::Value, Fault> {
        self.within(Step::Key(name), || {
            self.count()?;
            let node = Node {
                pass: self,
                input: Input::Text(name),
                silent,
            };
            seed.deserialize(node).map_err(|fault| {
                if self.is_running() {
                    self.blame(fault, silent);
                    self.set_attempt(Slot::Entry.last_attempt());
                    self.end(State::Again);
                }
                Fault::Ended
            })
        })
    }

    /// Whether the value at `step` is left out in this round.
    pub(super) fn leaves_out(&self, step: Step<'a>, slot: Slot) -> bool {
        if self.attempts.borrow().is_empty() {
            return false;
        }
        let attempt = self.within(step, || self.attempt());
        attempt > 0 && slot.choose(attempt, Input::Dummy(0)).is_none()
    }

    /// Whether only the first of this parameter is read.
    pub(super) fn is_single(&self, name: &'a str) -> bool {
        !self.single.borrow().is_empty() && self.is_in(&self.single, name)
    }

    /// The members that this type of visitor needs and that can be supplied here.
    pub(super) fn required(&self, kind: &'static str) -> Vec<&'static str> {
        let required = self.required.borrow();
        let names = required.get(kind).map(Vec::as_slice).unwrap_or_default();
        names
            .iter()
            .filter(|name| !self.is_in(&self.exempt, name))
            .copied()
            .collect()
    }

    fn is_in(&self, paths: &RefCell<Vec<Path<'a>>>, name: &str) -> bool {
        let path = self.path.borrow();
        paths.borrow().iter().any(|known| {
            let split = known.split_last();
            split.is_some_and(|(last, init)| *last == Step::Key(name) && *init == **path)
        })
    }

    /// Notes a member that is not there.
    pub(super) fn missing(&self, name: &'static str, silent: bool) -> Result<(), Fault> {
        self.within(Step::Key(name), || {
            // One that was refused and left out is not what the client forgot.
            let refused = self.attempt() > 0;
            self.note("missing", Cow::Borrowed("is missing"), silent || refused);
            self.bound()
        })
    }

    /// An object could not be made: decides whether the next round can do better.
    pub(super) fn object_refused(
        &self,
        kind: &'static str,
        fault: Fault,
        supplied: &[&'static str],
        silent: bool,
    ) -> Fault {
        if !self.is_running() {
            return Fault::Ended;
        }
        let goes_on = match &fault {
            Fault::Missing(name) => self.learn_required(kind, name, silent),
            Fault::Duplicate(name) if supplied.contains(name) => {
                self.within(Step::Key(name), || {
                    self.findings.borrow_mut().remove(&*self.path.borrow());
                    self.learn(&self.exempt)
                })
            }
            Fault::Duplicate(name) => self.within(Step::Key(name), || {
                self.note(
                    "duplicate",
                    Cow::Borrowed("is given more than once"),
                    silent,
                );
                self.learn(&self.single)
            }),
            _ => false,
        };
        if goes_on {
            self.end(State::Again);
            return Fault::Ended;
        }
        fault
    }

    fn learn_required(&self, kind: &'static str, name: &'static str, silent: bool) -> bool {
        let mut required = self.required.borrow_mut();
        let known = required.entry(kind).or_default();
        if known.contains(&name) {
            return false;
        }
        known.push(name);
        self.missing(name, silent).is_ok()
    }

    fn learn(&self, paths: &RefCell<Vec<Path<'a>>>) -> bool {
        let path = self.path.borrow().clone();
        let mut paths = paths.borrow_mut();
        let is_new = !paths.contains(&path);
        if is_new {
            paths.push(path);
        }
        is_new
    }

    /// The value at the current path was refused. Where nothing is left to try, the round goes on
    /// with an error, so that what is around the value is refused in turn.
    fn refused<S>(&self, fault: Fault, slot: Slot, silent: bool) -> Fault {
        if self.is_running() {
            let next = self.next_attempt::<S>(&fault, slot);
            // What stands in for a wrong part may be what the whole is refused for.
            let explained = self.has_findings_below();
            self.blame(fault, silent || explained);
            if next <= slot.last_attempt() {
                self.set_attempt(next);
                self.end(State::Again);
            } else if slot == Slot::Root {
                self.end(State::Stopped);
            }
        }
        Fault::Ended
    }

    fn next_attempt<S>(&self, fault: &Fault, slot: Slot) -> usize {
        match (self.attempt(), fault) {
            (0, _) if slot == Slot::Element => 1,
            (0, Fault::Variant(_)) => 1,
            (0, _) => {
                let accepted = self.accepted.borrow();
                accepted
                    .get(std::any::type_name::<S>())
                    .copied()
                    .unwrap_or(1)
            }
            (_, Fault::Variant(_)) => usize::MAX,
            (attempt, _) => attempt + 1,
        }
    }

    fn blame(&self, fault: Fault, silent: bool) {
        match fault {
            Fault::Ended => {}
            Fault::Missing(name) => {
                // A bound that is reached here also ends the round elsewhere.
                let _bound = self.missing(name, silent);
            }
            Fault::Duplicate(name) => self.within(Step::Key(name), || {
                self.note(
                    "duplicate",
                    Cow::Borrowed("is given more than once"),
                    silent,
                );
            }),
            Fault::Unknown(detail) => self.note("unknown", Cow::Owned(detail), silent),
            Fault::Variant(detail) | Fault::Other(detail) => {
                self.note("invalid", Cow::Owned(detail), silent)
            }
        }
    }

    /// A value of the wrong kind, for which a stand-in goes on.
    pub(super) fn mismatch(&self, detail: String) -> Result<(), Fault> {
        self.note("invalid", Cow::Owned(detail), false);
        self.bound()
    }

    /// The first finding at a path stays.
    fn note(&self, code: &'static str, detail: Cow<'static, str>, silent: bool) {
        let mut findings = self.findings.borrow_mut();
        let path = self.path.borrow();
        if !silent && findings.len() < MAX_ERRORS && !findings.contains_key(&*path) {
            let detail = match cut(&detail, MAX_DETAIL) {
                Cow::Borrowed(_) => detail,
                Cow::Owned(cut) => Cow::Owned(cut),
            };
            findings.insert(path.clone(), Finding { code, detail });
        }
    }

    fn bound(&self) -> Result<(), Fault> {
        if self.findings.borrow().len() >= MAX_ERRORS {
            self.end(State::Stopped);
            return Err(Fault::Ended);
        }
        Ok(())
    }

    fn count(&self) -> Result<(), Fault> {
        match self.work.get().checked_sub(1) {
            Some(left) => {
                self.work.set(left);
                Ok(())
            }
            None => {
                self.end(State::Stopped);
                Err(Fault::Ended)
            }
        }
    }

    fn attempt(&self) -> usize {
        let path = self.path.borrow();
        let attempts = self.attempts.borrow();
        let found = attempts.iter().find(|(known, _)| *known == *path);
        found.map_or(0, |(_, attempt)| *attempt)
    }

    fn set_attempt(&self, attempt: usize) {
        let path = self.path.borrow();
        let mut attempts = self.attempts.borrow_mut();
        match attempts.iter_mut().find(|(known, _)| *known == *path) {
            Some((_, known)) => *known = attempt,
            None => attempts.push((path.clone(), attempt)),
        }
    }

    fn has_findings_below(&self) -> bool {
        let path = self.path.borrow();
        let findings = self.findings.borrow();
        let from_here = (Bound::Included(&path[..]), Bound::Unbounded);
        let next = findings.range::<[Step<'a>], _>(from_here).next();
        next.is_some_and(|(found, _)| found.starts_with(&path))
    }

    fn is_running(&self) -> bool {
        self.state.get() == State::Running
    }

    fn end(&self, state: State) {
        if self.is_running() {
            self.state.set(state);
        }
    }
}
