//! The page that a client asks for.

use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OriginalUri};
use http::Uri;
use http::request::Parts;

use super::config::{MAX_ROWS, Settings, Totals};
use super::keyset::Keyset;
use super::page::{CursorPage, Total};
use super::scan::{Position, Scan};
use super::token::{CursorError, Flags};
use crate::link::{Link, Target};
use crate::problem::Problem;
use crate::query::{QueryString, invalid_parameter, shorten};

const CURSOR: &str = "cursor";
const LIMIT: &str = "limit";
const SORT: &str = "sort";
const INCLUDE_TOTAL: &str = "include_total";

/// Extractor of the page that a client asks for with `cursor`, `limit`, `sort` and
/// `include_total`.
///
/// | parameter | value | default |
/// | --- | --- | --- |
/// | `limit` | 1 to [`max_limit`](super::Pagination::max_limit) | 20 |
/// | `sort` | names of sortable fields, `-` before a descending one: `-price_cents,name` | of the type |
/// | `cursor` | `next_cursor` or `previous_cursor` of a page with the same other parameters | first page |
/// | `include_total` | `true` or `false` | `false` |
///
/// `fetch` reads the page through sqlx; it is there with one of the features `sqlite`, `postgres`
/// and `mysql`. [`select`](Self::select) takes rows in memory, [`statement`](Self::statement)
/// serves other clients.
///
/// # Errors
/// A 400 [`Problem`](struct@Problem) that names the parameter, what is wrong with it and what is allowed.
pub struct PageRequest<T> {
    pub(super) scan: Scan<T>,
    pub(super) position: Option<Position>,
    pub(super) limit: usize,
    pub(super) totals: Option<Totals>,
    /// Whether values of the client may be part of the statement.
    pub(super) from_client: bool,
    target: Target,
    /// The cursor as the client sent it.
    cursor: Option<String>,
}

impl<T> fmt::Debug for PageRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageRequest")
            .field("scan", &self.scan)
            .field("position", &self.position)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

// Derived, it would ask for `T: Clone`.
impl<T> Clone for PageRequest<T> {
    fn clone(&self) -> Self {
        Self {
            scan: self.scan.clone(),
            position: self.position.clone(),
            limit: self.limit,
            totals: self.totals,
            from_client: self.from_client,
            target: self.target.clone(),
            cursor: self.cursor.clone(),
        }
    }
}

impl<T: Keyset, S: Sync> FromRequestParts<S> for PageRequest<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let uri = original_uri(parts);
        let query = QueryString::parse(uri.query())?;
        for name in ["page", "page_size", "offset"] {
            if query.iter().any(|(found, _)| found == name) {
                let detail = "these pages are not numbered; follow `next_cursor`, and set their size with `limit`";
                return Err(invalid_parameter(name, detail));
            }
        }
        let read = Read {
            sort: query.single(SORT)?,
            cursor: (CURSOR, query.single(CURSOR)?),
            limit: (LIMIT, query.single(LIMIT)?),
            free: &[CURSOR, LIMIT, SORT, INCLUDE_TOTAL],
        };
        Self::read(parts, &uri, &query, &read)
    }
}

/// The parameters of a page, with the names they have here.
pub(super) struct Read<'a> {
    pub(super) sort: Option<&'a str>,
    pub(super) cursor: (&'static str, Option<&'a str>),
    pub(super) limit: (&'static str, Option<&'a str>),
    /// The parameters that may change from page to page.
    pub(super) free: &'static [&'static str],
}

impl<T: Keyset> PageRequest<T> {
    pub(super) fn read(
        parts: &Parts,
        uri: &Uri,
        query: &QueryString<'_>,
        read: &Read<'_>,
    ) -> Result<Self, Problem> {
        let settings = Settings::of(parts);
        let limit = limit(read.limit.0, read.limit.1, &settings)?;
        let totals = totals(query, &settings)?;
        let filters = filters(query, read.free, &settings);
        let from_client = read.cursor.1.is_some() || !filters.is_empty();
        let scan = scan(parts, uri, &filters, read.sort, settings)?;
        let (cursor, token) = read.cursor;
        let open = |token| scan.open(token).map_err(|error| refused(cursor, error));
        let position = token.map(open).transpose()?;
        Ok(Self {
            scan,
            position,
            limit,
            totals,
            from_client,
            target: Target::new(uri, &[CURSOR]),
            cursor: token.map(str::to_owned),
        })
    }

    pub(super) fn at_start(scan: Scan<T>, limit: usize) -> Self {
        Self {
            scan,
            position: None,
            limit: limit.min(MAX_ROWS),
            totals: None,
            from_client: false,
            target: Target::default(),
            cursor: None,
        }
    }

    /// The page of the same scan at a place that [`Scan::open`] gave. Rows are not counted again.
    ///
    /// # Errors
    /// When the place is one of another scan.
    pub fn at(mut self, position: Position) -> Result<Self, CursorError> {
        if !self.scan.has(&position) {
            return Err(CursorError::OtherQuery);
        }
        self.position = Some(position);
        self.cursor = None;
        self.totals = None;
        Ok(self)
    }

    /// Rows on the page, as asked for and allowed.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Whether the page stands before its cursor.
    pub fn is_backward(&self) -> bool {
        self.position.as_ref().is_some_and(Position::is_backward)
    }

    /// The names of the fields of the order and whether each descends; the unique ones included.
    pub fn order(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.scan.order.terms.iter().map(|term| {
            (
                T::FIELDS[term.field].name,
                term.direction == super::Direction::Desc,
            )
        })
    }

    /// The page of `rows`: up to [`limit`](Self::limit) plus one of them, in the order in which
    /// they were read, which is the reverse of the page's order for a backward page. The one
    /// more tells whether there are further pages.
    ///
    /// For those who run the [statement](Self::statement) themselves.
    ///
    /// # Errors
    /// An internal problem when the keys of a row are longer than a cursor may be.
    pub fn page_of(self, mut rows: Vec<T>, total: Option<Total>) -> Result<CursorPage<T>, Problem> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let backward = self.is_backward();
        if backward {
            rows.reverse();
        }
        let before = if backward {
            more
        } else {
            self.position.is_some()
        };
        let after = if backward { true } else { more };
        let (previous_cursor, next_cursor) = match (rows.first(), rows.last(), &self.position) {
            (Some(first), Some(last), _) => (
                before.then(|| self.scan.before(first)).transpose()?,
                after.then(|| self.scan.after(last)).transpose()?,
            ),
            (_, _, Some(position)) if backward => (None, Some(self.scan.turned(position)?)),
            (_, _, Some(position)) => (Some(self.scan.turned(position)?), None),
            _ => (None, None),
        };
        let links = self.links(previous_cursor.as_deref(), next_cursor.as_deref());
        Ok(CursorPage {
            has_more: next_cursor.is_some(),
            items: rows,
            next_cursor,
            previous_cursor,
            total,
            links,
        })
    }

    fn links(&self, previous: Option<&str>, next: Option<&str>) -> Vec<Link> {
        let link = |rel, parameters: &[(&str, &str)]| Link {
            rel,
            href: self.target.with(parameters),
        };
        let own = match (&self.cursor, &self.position) {
            (Some(cursor), _) => Some(link("self", &[(CURSOR, cursor)])),
            (None, None) => Some(link("self", &[])),
            // The position did not come with the request.
            (None, Some(_)) => None,
        };
        let mut links: Vec<_> = own.into_iter().collect();
        links.push(link("first", &[]));
        links.extend(previous.map(|cursor| link("prev", &[(CURSOR, cursor)])));
        links.extend(next.map(|cursor| link("next", &[(CURSOR, cursor)])));
        links
    }

    pub(super) fn flags(&self) -> Flags {
        self.position
            .as_ref()
            .map(|position| position.flags)
            .unwrap_or_default()
    }
}

/// The URI of the client, also below nested routers.
pub(super) fn original_uri(parts: &Parts) -> Uri {
    match parts.extensions.get::<OriginalUri>() {
        Some(OriginalUri(uri)) => uri.clone(),
        None => parts.uri.clone(),
    }
}

/// The number of rows on a page.
pub(super) fn limit(
    name: &str,
    given: Option<&str>,
    settings: &Settings,
) -> Result<usize, Problem> {
    let Some(text) = given else {
        return Ok(settings.default_limit.min(settings.max_limit));
    };
    let bounds = settings.limits();
    match whole_number(text) {
        Some(number) if settings.clamp => {
            let nearest = number.clamp(*bounds.start() as i128, *bounds.end() as i128);
            Ok(nearest as usize)
        }
        number => bounded(name, text, number, &bounds),
    }
}

/// A whole number within bounds, which the problem names.
pub(super) fn bounded(
    name: &str,
    text: &str,
    number: Option<i128>,
    bounds: &RangeInclusive<usize>,
) -> Result<usize, Problem> {
    number
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| bounds.contains(number))
        .ok_or_else(|| {
            let (low, high) = (bounds.start(), bounds.end());
            let detail = format!(
                "`{}` is not a whole number from {low} to {high}",
                shorten(text)
            );
            invalid_parameter(name, detail)
                .extension("minimum", low)
                .extension("maximum", high)
        })
}

/// A number written in digits alone, with an optional minus.
pub(super) fn whole_number(text: &str) -> Option<i128> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

pub(super) fn totals(
    query: &QueryString<'_>,
    settings: &Settings,
) -> Result<Option<Totals>, Problem> {
    match (query.single(INCLUDE_TOTAL)?, settings.totals) {
        (None | Some("false"), _) => Ok(None),
        (Some("true"), Totals::Refused) => Err(invalid_parameter(
            INCLUDE_TOTAL,
            "totals are not counted here; leave it out",
        )),
        (Some("true"), totals) => Ok(Some(totals)),
        (Some(other), _) => Err(invalid_parameter(
            INCLUDE_TOTAL,
            format!("`{}` is neither `true` nor `false`", shorten(other)),
        )),
    }
}

/// The parameters that must stay the same from page to page, in an order of their own.
fn filters<'a>(
    query: &'a QueryString<'_>,
    free: &[&str],
    settings: &Settings,
) -> Vec<(&'a str, &'a str)> {
    let unbound = |name: &str| settings.unbound.iter().any(|free| free == name);
    let is_free = |name: &str| free.contains(&name) || unbound(name);
    let mut filters: Vec<_> = query.iter().filter(|(name, _)| !is_free(name)).collect();
    filters.sort_unstable();
    filters
}

/// The scan of a request: bound to its path, to what the application binds it to, and to its
/// filters.
fn scan<T: Keyset>(
    parts: &Parts,
    uri: &Uri,
    filters: &[(&str, &str)],
    sort: Option<&str>,
    settings: Arc<Settings>,
) -> Result<Scan<T>, Problem> {
    let scope = settings.scope.as_ref().and_then(|scope| scope.of(parts));
    let scope = [uri.path(), scope.as_deref().unwrap_or_default()];
    let filters = filters.iter().flat_map(|(name, value)| [*name, *value]);
    let bound = scope.into_iter().chain(filters);
    Scan::with_settings(settings, sort, bound.map(str::as_bytes))
}

pub(super) fn refused(name: &str, error: CursorError) -> Problem {
    let detail = format!("{error}; start again without `{name}`");
    invalid_parameter(name, detail).code("invalid_cursor")
}
