//! What an application says once about all its pages.

use std::ops::RangeInclusive;
use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::middleware::AddExtension;
use http::request::Parts;
use tower_layer::Layer;

use super::token::{Codec, CursorKey};

/// The pages of a router: how cursors are protected, how long pages are, whether totals are counted.
///
/// A layer. Routes without it have the settings of [`Pagination::plain`].
///
/// # Example
/// ```
/// use api_patterns::pagination::{CursorKey, Pagination, Totals};
/// use axum::Router;
///
/// let key = CursorKey::new(b"32 bytes from a random generator")?;
/// let app: Router = Router::new()
///     // .route("/products", get(list))
///     .layer(Pagination::signed([key]).max_limit(200).totals(Totals::Exact));
/// # Ok::<_, api_patterns::pagination::CursorKeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pagination {
    pub(super) settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) codec: Codec,
    pub(super) default_limit: usize,
    pub(super) max_limit: usize,
    pub(super) clamp: bool,
    pub(super) totals: Totals,
    pub(super) max_cursor: usize,
    pub(super) max_offset: usize,
    pub(super) unbound: Vec<String>,
    pub(super) scope: Option<Scope>,
}

/// Most rows that any limit can be set to: one more still fits what databases count in.
pub(super) const MAX_ROWS: usize = i32::MAX as usize - 1;

type ScopeFn = dyn Fn(&Parts) -> Option<String> + Send + Sync;

#[derive(Clone)]
pub(super) struct Scope(Arc<ScopeFn>);

impl Scope {
    pub(super) fn of(&self, parts: &Parts) -> Option<String> {
        (self.0)(parts)
    }
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scope(..)")
    }
}

impl Settings {
    pub(super) fn limits(&self) -> RangeInclusive<usize> {
        1..=self.max_limit
    }

    /// The settings that hold for a request.
    pub(super) fn of(parts: &Parts) -> Arc<Self> {
        static DEFAULT: LazyLock<Pagination> = LazyLock::new(Pagination::plain);
        let pagination: &Pagination = parts.extensions.get().unwrap_or(&DEFAULT);
        Arc::clone(&pagination.settings)
    }
}

/// What is done for a client that asks for the number of all rows with `include_total=true`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Totals {
    /// It is told that there are none. A numbered page counts as far as its pages reach, to
    /// [`max_offset`](Pagination::max_offset).
    Refused,
    /// All rows are counted, which reads all of them on most databases.
    Exact,
    /// Rows are counted up to this number; more are told as "at least".
    Capped(u64),
    /// The planner's guess on PostgreSQL; a count capped at 10,000 on the other databases. In
    /// memory the number is at hand.
    Estimated,
}

impl Pagination {
    fn new(codec: Codec) -> Self {
        let settings = Settings {
            codec,
            default_limit: 20,
            max_limit: 100,
            clamp: false,
            totals: Totals::Capped(10_000),
            max_cursor: 4096,
            max_offset: 10_000,
            unbound: Vec::new(),
            scope: None,
        };
        Self {
            settings: Arc::new(settings),
        }
    }

    /// Cursors that clients can read and forge. A forged one reaches no other row than the
    /// filters allow, and can start a page anywhere among them.
    pub fn plain() -> Self {
        Self::new(Codec::Plain)
    }

    /// Cursors with a signature of 128 bits (HMAC-SHA-256), so that clients cannot make their
    /// own. The first key signs, all of them verify: to rotate, put the new one in front.
    ///
    /// # Panics
    /// Without a key.
    pub fn signed(keys: impl IntoIterator<Item = CursorKey>) -> Self {
        let codec = Codec::signed(keys);
        assert!(codec.has_keys(), "signed cursors need at least one key");
        Self::new(codec)
    }

    /// Cursors whose key values clients cannot read either (AES-256-GCM-SIV). Keys rotate as
    /// with [`signed`](Self::signed).
    ///
    /// # Panics
    /// Without a key.
    #[cfg(feature = "sealed-cursors")]
    pub fn sealed(keys: impl IntoIterator<Item = CursorKey>) -> Self {
        let codec = Codec::sealed(keys);
        assert!(codec.has_keys(), "sealed cursors need at least one key");
        Self::new(codec)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// Rows on a page when the client does not say, [`max_limit`](Self::max_limit) at the most.
    /// Default: 20.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn default_limit(self, rows: usize) -> Self {
        assert!(rows > 0, "a page has at least one row");
        self.set(|settings| {
            settings.default_limit = rows;
        })
    }

    /// Most rows on a page. Default: 100.
    ///
    /// # Panics
    /// When it is 0.
    #[must_use]
    pub fn max_limit(self, rows: usize) -> Self {
        assert!(rows > 0, "a page has at least one row");
        self.set(|settings| {
            settings.max_limit = rows.min(MAX_ROWS);
        })
    }

    /// Takes the nearest allowed `limit` for a number outside the bounds. Default: a 400 problem
    /// that names them.
    #[must_use]
    pub fn clamp_limit(self) -> Self {
        self.set(|settings| settings.clamp = true)
    }

    /// What `include_total=true` does. Default: [`Totals::Capped`] at 10,000.
    #[must_use]
    pub fn totals(self, totals: Totals) -> Self {
        self.set(|settings| settings.totals = totals)
    }

    /// Longest cursor, in characters, that is made or looked at. Default: 4096. It bounds the
    /// length of the text that can be sorted by to about three quarters of this: a page whose
    /// edge holds a longer one is a 500 and says so in the log, so bound the length of sortable
    /// text where it comes in.
    #[must_use]
    pub fn max_cursor(self, characters: usize) -> Self {
        self.set(|settings| settings.max_cursor = characters)
    }

    /// Most rows that an [`OffsetRequest`](super::OffsetRequest) may skip, since the database
    /// reads all of them. Default: 10,000.
    #[must_use]
    pub fn max_offset(self, rows: usize) -> Self {
        self.set(|settings| settings.max_offset = rows)
    }

    /// Query parameters that may change from page to page, such as `fields`. Default: none but
    /// `cursor`, `limit` and `include_total`.
    #[must_use]
    pub fn unbound_parameters(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set(|settings| settings.unbound = names.into_iter().map(Into::into).collect())
    }

    /// Binds cursors to something else of the request, such as the caller: what `scope` returns
    /// must be the same when the cursor comes back. It keeps honest clients from mixing cursors
    /// up; a client can make a plain one for any scope. Default: nothing.
    #[must_use]
    pub fn bind_to(self, scope: impl Fn(&Parts) -> Option<String> + Send + Sync + 'static) -> Self {
        self.set(|settings| settings.scope = Some(Scope(Arc::new(scope))))
    }
}

impl<S> Layer<S> for Pagination {
    type Service = AddExtension<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Extension(self.clone()).layer(inner)
    }
}
