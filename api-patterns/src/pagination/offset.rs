//! Numbered pages, for collections that are small and clients that jump.

use std::ops::Range;

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::Totals;
use super::config::Settings;
use super::extract::{bounded, limit, original_uri, whole_number};
use super::keyset::Keyset;
use super::order::Order;
use super::page::{Total, respond};
use crate::link::{Link, Target};
use crate::problem::Problem;
use crate::query::{QueryString, invalid_parameter};

/// Extractor of a numbered page: `page` and `page_size`, or `offset` and `limit`; and `sort`.
///
/// | parameter | value | default |
/// | --- | --- | --- |
/// | `page` | 1 and up | 1 |
/// | `page_size`, `limit` | 1 to [`max_limit`](super::Pagination::max_limit) | 20 |
/// | `offset` | 0 to [`max_offset`](super::Pagination::max_offset) | 0 |
/// | `sort` | names of sortable fields, `-` before a descending one | of the type |
///
/// The database reads and throws away every row before the page, and a row that is inserted or
/// deleted meanwhile moves the others across the border of a page, so that clients see a row
/// twice or not at all. [`PageRequest`](super::PageRequest) has neither fault.
///
/// # Errors
/// A 400 [`Problem`](struct@Problem) that names the parameter, what is wrong with it and what is allowed.
pub struct OffsetRequest<T> {
    order: Order,
    skip: usize,
    limit: usize,
    style: Style,
    max_offset: usize,
    totals: Totals,
    /// Whether values of the client may be part of the statement.
    #[cfg_attr(not(feature = "__sqlx"), allow(dead_code))]
    from_client: bool,
    target: Target,
    item: std::marker::PhantomData<fn(&T)>,
}

/// The pair of parameters that the client speaks in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Numbered,
    Offset,
}

const OWN: &[&str] = &["page", "page_size", "offset", "limit", "sort"];

impl<T> Clone for OffsetRequest<T> {
    fn clone(&self) -> Self {
        Self {
            order: self.order.clone(),
            target: self.target.clone(),
            ..*self
        }
    }
}

impl<T> std::fmt::Debug for OffsetRequest<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OffsetRequest")
            .field("order", &self.order)
            .field("skip", &self.skip)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

impl<T: Keyset, S: Sync> FromRequestParts<S> for OffsetRequest<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let uri = original_uri(parts);
        let query = QueryString::parse(uri.query())?;
        if query.iter().any(|(name, _)| name == "cursor") {
            let detail =
                "these pages are numbered; ask for `page` and `page_size`, or `offset` and `limit`";
            return Err(invalid_parameter("cursor", detail));
        }
        let settings = Settings::of(parts);
        let (style, limit, skip) = window(&query, &settings)?;
        Ok(Self {
            order: Order::of::<T>(query.single("sort")?)?,
            skip,
            limit,
            style,
            max_offset: settings.max_offset,
            // A page number means little without the number of pages, as far as they reach.
            totals: match settings.totals {
                Totals::Refused => Totals::Capped(settings.max_offset as u64),
                totals => totals,
            },
            from_client: query.iter().any(|(name, _)| !OWN.contains(&name)),
            target: Target::new(&uri, &["page", "page_size", "offset", "limit"]),
            item: std::marker::PhantomData,
        })
    }
}

/// The parameters that the client speaks in, the rows on its page and those before it.
fn window(query: &QueryString<'_>, settings: &Settings) -> Result<(Style, usize, usize), Problem> {
    let (page, page_size) = (query.single("page")?, query.single("page_size")?);
    let (offset, rows) = (query.single("offset")?, query.single("limit")?);
    let style = match (page.or(page_size), offset.or(rows)) {
        (Some(_), Some(_)) => {
            let name = if offset.is_some() { "offset" } else { "limit" };
            return Err(invalid_parameter(
                name,
                "cannot be combined with `page` and `page_size`",
            ));
        }
        (None, Some(_)) => Style::Offset,
        _ => Style::Numbered,
    };
    let (limit, skip) = match style {
        Style::Offset => {
            let limit = limit("limit", rows, settings)?;
            (limit, number("offset", offset, 0, 0, settings.max_offset)?)
        }
        Style::Numbered => {
            let limit = limit("page_size", page_size, settings)?;
            let last = settings.max_offset / limit + 1;
            (limit, (number("page", page, 1, 1, last)? - 1) * limit)
        }
    };
    Ok((style, limit, skip))
}

fn number(
    name: &str,
    given: Option<&str>,
    default: usize,
    low: usize,
    high: usize,
) -> Result<usize, Problem> {
    match given {
        None => Ok(default),
        Some(text) => bounded(name, text, whole_number(text), &(low..=high)),
    }
}

impl<T: Keyset> OffsetRequest<T> {
    /// The rows of the page, counted from 0 in the order of [`sort`](Self::select).
    pub fn rows(&self) -> Range<usize> {
        self.skip..self.skip + self.limit
    }

    /// The page of its rows, already read, and the number of all rows. One row more than the page
    /// holds tells that there is a next page.
    pub fn page_of(self, mut items: Vec<T>, total: Total) -> OffsetPage<T> {
        let links = self.links(items.len() > self.limit, total);
        items.truncate(self.limit);
        OffsetPage {
            items,
            total,
            skip: self.skip,
            limit: self.limit,
            style: self.style,
            links,
        }
    }

    /// The page of `rows`, which may come in any order.
    pub fn select(self, rows: impl IntoIterator<Item = T>) -> OffsetPage<T> {
        let mut rows: Vec<T> = rows.into_iter().collect();
        let total = super::memory::count(rows.len() as u64, self.totals);
        super::memory::sort(&self.order, &mut rows);
        let items = rows
            .into_iter()
            .skip(self.skip)
            .take(self.limit + 1)
            .collect();
        self.page_of(items, total)
    }

    fn links(&self, more: bool, total: Total) -> Vec<Link> {
        let count = usize::try_from(total.count()).unwrap_or(usize::MAX);
        // An offset that is no multiple of the limit keeps its phase.
        let phase = self.skip % self.limit;
        let last = count
            .checked_sub(phase + 1)
            .map_or(0, |rest| phase + rest / self.limit * self.limit);
        let known = matches!(total, Total::Exact(_));
        let more = more || (known && self.skip + self.limit < count);
        let reachable = |skip: &usize| *skip <= self.max_offset;
        let next = Some(self.skip + self.limit)
            .filter(|_| more)
            .filter(reachable);
        let back = self.skip.saturating_sub(self.limit);
        let previous = (self.skip > 0).then(|| if known { back.min(last) } else { back });
        let last = Some(last).filter(|_| known).filter(reachable);
        [
            Some(("self", self.skip)),
            Some(("first", 0)),
            previous.map(|skip| ("prev", skip)),
            next.map(|skip| ("next", skip)),
            last.map(|skip| ("last", skip)),
        ]
        .into_iter()
        .flatten()
        .map(|(rel, skip)| Link {
            rel,
            href: self.href(skip),
        })
        .collect()
    }

    fn href(&self, skip: usize) -> String {
        let limit = self.limit.to_string();
        match self.style {
            Style::Numbered => {
                let page = (skip / self.limit + 1).to_string();
                self.target.with(&[("page", &page), ("page_size", &limit)])
            }
            Style::Offset => self
                .target
                .with(&[("offset", &skip.to_string()), ("limit", &limit)]),
        }
    }
}

#[cfg(feature = "__sqlx")]
impl<T: Keyset> OffsetRequest<T> {
    /// Reads the page and the number of all rows through sqlx; `query` is as in
    /// [`PageRequest::fetch`](super::PageRequest::fetch).
    ///
    /// # Errors
    /// As there.
    // As there: the future is `Send` whatever it reads from.
    pub fn fetch<'c, DB, A, F>(
        self,
        db: A,
        query: F,
    ) -> impl Future<Output = Result<OffsetPage<T>, Problem>> + Send
    where
        DB: crate::sql::SqlDatabase,
        A: sqlx::Acquire<'c, Database = DB> + Send,
        F: Fn(&mut sqlx::QueryBuilder<DB>) + Send + Sync,
        T: for<'r> sqlx::FromRow<'r, DB::Row> + Send + Unpin,
    {
        use super::fetch::{count, failed};

        let acquired = db.acquire();
        async move {
            let failed = |error| failed(error, self.from_client);
            let mut statement = sqlx::QueryBuilder::new("SELECT * FROM (");
            query(&mut statement);
            statement.push(") AS page");
            statement.push(super::statement::order_by::<T>(&self.order, DB::DIALECT));
            statement.push(format_args!(
                " LIMIT {} OFFSET {}",
                self.limit + 1,
                self.skip
            ));
            let mut connection = acquired.await.map_err(failed)?;
            let total = count(self.totals, &query, &mut connection)
                .await
                .map_err(failed)?;
            let rows = DB::rows(statement, &mut connection).await.map_err(failed)?;
            let rows = rows.iter().map(T::from_row).collect::<Result<_, _>>();
            Ok(self.page_of(rows.map_err(Problem::internal)?, total))
        }
    }
}

/// A numbered page of rows.
///
/// As JSON: `{"items": […], "total": 57, "page": 2, "page_size": 20}`, or with `offset` and `limit`
/// when the client used those. As a response also `Link` with `self`, `first`, `prev`, `next` and
/// `last`, where they exist (RFC 8288).
#[derive(Clone, Debug)]
pub struct OffsetPage<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The number of all rows.
    pub total: Total,
    skip: usize,
    limit: usize,
    style: Style,
    pub(super) links: Vec<Link>,
}

impl<T> OffsetPage<T> {
    /// The page with other rows: what a client sees in the place of what was read.
    #[must_use]
    pub fn map<U>(self, row: impl FnMut(T) -> U) -> OffsetPage<U> {
        OffsetPage {
            items: self.items.into_iter().map(row).collect(),
            total: self.total,
            skip: self.skip,
            limit: self.limit,
            style: self.style,
            links: self.links,
        }
    }
}

impl<T: Serialize> Serialize for OffsetPage<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut page = serializer.serialize_struct("OffsetPage", 5)?;
        page.serialize_field("items", &self.items)?;
        self.members(&mut page)?;
        page.end()
    }
}

impl<T> OffsetPage<T> {
    /// What the page says beside its rows.
    pub(super) fn members<S: SerializeStruct>(&self, page: &mut S) -> Result<(), S::Error> {
        page.serialize_field("total", &self.total.count())?;
        if let Some(relation) = self.total.relation() {
            page.serialize_field("total_relation", relation)?;
        }
        match self.style {
            Style::Numbered => {
                page.serialize_field("page", &(self.skip / self.limit + 1))?;
                page.serialize_field("page_size", &self.limit)?;
            }
            Style::Offset => {
                page.serialize_field("offset", &self.skip)?;
                page.serialize_field("limit", &self.limit)?;
            }
        }
        Ok(())
    }
}

impl<T: Serialize> IntoResponse for OffsetPage<T> {
    fn into_response(self) -> Response {
        respond(&self, self.items.len(), &self.links)
    }
}
