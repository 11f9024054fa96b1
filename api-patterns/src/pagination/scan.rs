//! The scan that the pages of one query share: its order, and cursors that belong to it alone.

use std::marker::PhantomData;
use std::sync::Arc;

use super::config::Settings;
use super::key::{KeyError, KeyReader, KeyWriter};
use super::keyset::Keyset;
use super::order::Order;
use super::token::{CursorError, Fingerprint, Flags, Payload};
use crate::problem::Problem;

/// One walk over a collection: an order and what its cursors are bound to.
///
/// A [`PageRequest`](super::PageRequest) makes it from a request. By itself it is of use where
/// cursors travel by other ways than a query string.
///
/// # Example
/// ```
/// use api_patterns::pagination::{Keyset, Pagination, Scan};
///
/// #[derive(Keyset)]
/// #[keyset(unique = id, default = "-id")]
/// struct Message { id: i64 }
///
/// let scan = Scan::<Message>::new(&Pagination::plain(), None, [b"inbox of 7".as_slice()])?;
/// let cursor = scan.after(&Message { id: 12 })?;
/// assert!(scan.open(&cursor).is_ok());
/// # Ok::<_, api_patterns::problem::Problem>(())
/// ```
pub struct Scan<T> {
    pub(super) settings: Arc<Settings>,
    pub(super) order: Order,
    print: Fingerprint,
    item: PhantomData<fn(&T)>,
}

impl<T> Clone for Scan<T> {
    fn clone(&self) -> Self {
        Self {
            settings: Arc::clone(&self.settings),
            order: self.order.clone(),
            print: self.print,
            item: PhantomData,
        }
    }
}

impl<T> std::fmt::Debug for Scan<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scan")
            .field("order", &self.order)
            .finish_non_exhaustive()
    }
}

impl<T: Keyset> Scan<T> {
    /// A scan in the order of `sort` (`-price_cents,name`) or the default one, whose cursors are
    /// bound to that order and to `scope`: whatever else tells this query from others.
    ///
    /// # Errors
    /// A 400 problem that names the allowed fields when `sort` has another.
    pub fn new<'a>(
        pagination: &super::Pagination,
        sort: Option<&str>,
        scope: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Problem> {
        Self::with_settings(Arc::clone(&pagination.settings), sort, scope)
    }

    pub(super) fn with_settings<'a>(
        settings: Arc<Settings>,
        sort: Option<&str>,
        scope: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, Problem> {
        let order = Order::of::<T>(sort)?;
        let print = Fingerprint::of(order.describe::<T>().as_bytes(), scope);
        Ok(Self {
            settings,
            order,
            print,
            item: PhantomData,
        })
    }

    /// The cursor of the page after `item`.
    ///
    /// # Errors
    /// An internal problem when the keys of `item` are longer than a cursor may be.
    pub fn after(&self, item: &T) -> Result<String, Problem> {
        self.cursor(item, Flags::default())
    }

    /// The cursor of the page before `item`.
    ///
    /// # Errors
    /// As [`after`](Self::after).
    pub fn before(&self, item: &T) -> Result<String, Problem> {
        self.cursor(
            item,
            Flags {
                backward: true,
                inclusive: false,
            },
        )
    }

    pub(super) fn cursor(&self, item: &T, flags: Flags) -> Result<String, Problem> {
        let codec = &self.settings.codec;
        let mut out = KeyWriter::new();
        codec.start(self.print, flags, &mut out);
        for term in &self.order.terms {
            (T::FIELDS[term.field].write)(item, &mut out);
        }
        self.checked(codec.finish(self.print, &mut out))
    }

    /// The cursor that stands where `position` does, looking the other way, with the row there
    /// on its page: the way back from a page that turned out to be empty.
    pub(super) fn turned(&self, position: &Position) -> Result<String, Problem> {
        let flags = Flags {
            backward: !position.flags.backward,
            inclusive: !position.flags.inclusive,
        };
        let codec = &self.settings.codec;
        let mut out = KeyWriter::new();
        codec.start(self.print, flags, &mut out);
        out.fixed(position.payload.keys());
        self.checked(codec.finish(self.print, &mut out))
    }

    // A cursor that the server itself would refuse must not leave it.
    fn checked(&self, token: String) -> Result<String, Problem> {
        let longest = self.settings.max_cursor;
        if token.len() > longest {
            return Err(Problem::internal(format!(
                "a cursor of {} characters is longer than the {longest} allowed; raise `Pagination::max_cursor`, or sort by shorter text",
                token.len()
            )));
        }
        Ok(token)
    }

    /// Where a cursor of this scan stands.
    ///
    /// # Errors
    /// [`CursorError`] for what this scan did not make.
    pub fn open(&self, token: &str) -> Result<Position, CursorError> {
        if token.len() > self.settings.max_cursor {
            return Err(CursorError::TooLong);
        }
        let mut position = Position {
            print: self.print,
            flags: Flags::default(),
            payload: Payload::new(),
        };
        position.flags = self
            .settings
            .codec
            .open(token, self.print, &mut position.payload)?;
        let mut keys = KeyReader::new(position.payload.keys());
        for term in &self.order.terms {
            (T::FIELDS[term.field].skip)(&mut keys)?;
        }
        if !keys.is_empty() {
            return Err(CursorError::Malformed);
        }
        Ok(position)
    }

    /// Whether a position is one of this scan.
    pub(super) fn has(&self, position: &Position) -> bool {
        self.print == position.print
    }

    /// Lets cursors be of any length: they do not leave the process.
    pub(super) fn uncap(&mut self) {
        Arc::make_mut(&mut self.settings).max_cursor = usize::MAX;
    }

    /// Readers that stand at the keys of `position`, one for each term of the order.
    pub(super) fn keys<'a>(&self, position: &'a Position) -> Result<Vec<KeyReader<'a>>, KeyError> {
        let mut keys = KeyReader::new(position.payload.keys());
        let mut readers = Vec::with_capacity(self.order.terms.len());
        for term in &self.order.terms {
            readers.push(keys);
            (T::FIELDS[term.field].skip)(&mut keys)?;
        }
        Ok(readers)
    }
}

/// A place in a [`Scan`]: between two rows, or at one.
#[derive(Clone, Debug)]
pub struct Position {
    print: Fingerprint,
    pub(super) flags: Flags,
    pub(super) payload: Payload,
}

impl Position {
    /// Whether the page stands before this place and not after it.
    pub fn is_backward(&self) -> bool {
        self.flags.backward
    }
}
