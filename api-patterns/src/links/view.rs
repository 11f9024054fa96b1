//! What a request decides about links, known to whatever answers it.
//!
//! A response does not see its request, so the layer leaves what it found in a place that belongs
//! to the thread while the inner service is polled, and takes it away again after.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use super::rendering::Rendering;

/// How the links of one response are written.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// What goes before every path: `https://shop.example/prefix`, `/prefix` or nothing.
    pub(crate) base: String,
    /// Where the router is mounted, before the paths of items.
    pub(super) mount: String,
    /// The form of the document; `None` where the client accepts none that is offered.
    pub(super) rendering: Option<Rendering>,
    /// All forms, where the client's `Accept` chooses.
    pub(super) offered: Arc<[Rendering]>,
    /// Whether pages name their items in the `Link` header.
    pub(super) items_in_header: bool,
}

impl View {
    /// Whether the response depends on `Accept`.
    pub(super) fn is_negotiated(&self) -> bool {
        self.offered.len() > 1
    }
}

impl Default for View {
    fn default() -> Self {
        Self {
            base: String::new(),
            mount: String::new(),
            rendering: Some(Rendering::Plain),
            offered: Arc::from([Rendering::Plain]),
            items_in_header: false,
        }
    }
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<View>>> = const { RefCell::new(None) };
}

static PLAIN: LazyLock<Arc<View>> = LazyLock::new(Arc::default);

/// All renderings that have a media type of their own, the plain one first.
pub(super) fn all() -> Arc<[Rendering]> {
    static ALL: LazyLock<Arc<[Rendering]>> = LazyLock::new(|| {
        Arc::new([
            Rendering::Plain,
            Rendering::Hal,
            Rendering::HalForms,
            Rendering::JsonApi,
        ])
    });
    ALL.clone()
}

/// The view of a layer round the one that asks.
pub(super) fn outer() -> Option<Arc<View>> {
    CURRENT.with_borrow(Clone::clone)
}

/// The view of the request that is being answered; plain and relative without a layer.
pub(crate) fn current() -> Arc<View> {
    outer().unwrap_or_else(|| PLAIN.clone())
}

/// Makes `view` the current one until the guard is dropped.
pub(super) fn enter(view: &Arc<View>) -> Guard {
    Guard(CURRENT.replace(Some(view.clone())))
}

/// Brings the view back that was there before.
pub(super) struct Guard(Option<Arc<View>>);

impl Drop for Guard {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}
