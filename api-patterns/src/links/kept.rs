//! Programs that an earlier document has compiled.

use std::cell::RefCell;
use std::rc::Rc;

use super::definition::Definition;
use super::entry;
use super::format::{Part, Source};
use super::link::Link;
use super::program::Program;
use super::view::View;

/// Programs that a thread keeps: a handful of types in a few renderings. A client that makes up
/// hosts can only make them come and go.
const MOST: usize = 64;
/// Longest base URL and mount together, in bytes, for which a program is kept: both can be of a
/// client's making.
const LONGEST: usize = 256;

struct Kept {
    /// Where the definition is: it is told from others by its address.
    definition: usize,
    part: Part,
    base: String,
    mount: String,
    program: Rc<Program>,
}

thread_local! {
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

/// The program for the links of an item and those that were added to it. Without the latter it is
/// the same for all items of a type.
pub(super) fn program(
    definition: &'static Definition,
    added: &[Link],
    part: Part,
    view: &View,
) -> Rc<Program> {
    if !added.is_empty() || view.base.len() + view.mount.len() > LONGEST {
        return compile(definition, added, part, view);
    }
    let address = std::ptr::from_ref(definition).addr();
    let is_it = |kept: &&Kept| {
        (kept.definition, kept.part) == (address, part)
            && kept.base == view.base
            && kept.mount == view.mount
    };
    let found = KEPT.with_borrow(|all| all.iter().find(is_it).map(|kept| kept.program.clone()));
    found.unwrap_or_else(|| {
        let program = compile(definition, &[], part, view);
        let kept = Kept {
            definition: address,
            part,
            base: view.base.clone(),
            mount: view.mount.clone(),
            program: program.clone(),
        };
        KEPT.with_borrow_mut(|all| {
            if all.len() >= MOST {
                all.clear();
            }
            all.push(kept);
        });
        program
    })
}

fn compile(
    definition: &'static Definition,
    added: &[Link],
    part: Part,
    view: &View,
) -> Rc<Program> {
    let entries = entry::of_item(definition, added);
    let source = Source {
        entries: &entries,
        curies: definition.curies,
        view,
    };
    Rc::new(source.program(part))
}
