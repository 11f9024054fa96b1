//! Pages as Relay connections: `first`, `after`, `last`, `before`; `edges` and `pageInfo`.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use serde::Serialize;

use super::extract::{PageRequest, Read, original_uri};
use super::keyset::Keyset;
use super::page::{CursorPage, Total, respond};
use super::token::Flags;
use crate::problem::Problem;
use crate::query::{QueryString, invalid_parameter};

const FREE: &[&str] = &["first", "after", "last", "before", "sort", "include_total"];

/// Extractor of a page in the parameters of Relay's cursor connections specification: `first`
/// and `after`, or `last` and `before`; `sort` and `include_total` as in [`PageRequest`].
///
/// # Example
/// ```
/// use api_patterns::pagination::{Connection, Keyset, RelayRequest};
/// use api_patterns::problem::Problem;
///
/// #[derive(Keyset)]
/// #[keyset(unique = id, default = "-id")]
/// struct Message { id: i64 }
///
/// async fn list(relay: RelayRequest<Message>) -> Result<Connection<Message>, Problem> {
///     relay.connect(async |page| page.select(messages())).await
/// }
/// # fn messages() -> Vec<Message> { vec![] }
/// ```
///
/// # Errors
/// A 400 [`Problem`](struct@Problem) that names the parameter, what is wrong with it and what is allowed.
pub struct RelayRequest<T> {
    page: PageRequest<T>,
}

impl<T> Clone for RelayRequest<T> {
    fn clone(&self) -> Self {
        Self {
            page: self.page.clone(),
        }
    }
}

impl<T> std::fmt::Debug for RelayRequest<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("RelayRequest").field(&self.page).finish()
    }
}

impl<T: Keyset, S: Sync> FromRequestParts<S> for RelayRequest<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let uri = original_uri(parts);
        let query = QueryString::parse(uri.query())?;
        let (first, after) = (query.single("first")?, query.single("after")?);
        let (last, before) = (query.single("last")?, query.single("before")?);
        if let (Some(_), Some(_)) = (first.or(after), last.or(before)) {
            let name = if last.is_some() { "last" } else { "before" };
            return Err(invalid_parameter(
                name,
                "cannot be combined with `first` and `after`",
            ));
        }
        let backward = last.or(before).is_some();
        for (name, instead) in [("cursor", "after"), ("limit", "first")] {
            if query.single(name)?.is_some() {
                let detail = format!("is called `{instead}` here");
                return Err(invalid_parameter(name, detail));
            }
        }
        let sort = query.single("sort")?;
        let read = match backward {
            false => Read {
                sort,
                cursor: ("after", after),
                limit: ("first", first),
                free: FREE,
            },
            true => Read {
                sort,
                cursor: ("before", before),
                limit: ("last", last),
                free: FREE,
            },
        };
        let mut page = PageRequest::read(parts, &uri, &query, &read)?;
        // The cursor of an edge stands at its row: which way to go is said by the parameter.
        match &mut page.position {
            Some(position) => {
                position.flags = Flags {
                    backward,
                    inclusive: false,
                }
            }
            None if backward => return Err(invalid_parameter("last", "needs `before` with it")),
            None => {}
        }
        Ok(Self { page })
    }
}

impl<T: Keyset> RelayRequest<T> {
    /// The connection of the page that `fetch` reads: with `PageRequest::fetch`,
    /// [`PageRequest::select`], or any other way.
    ///
    /// # Errors
    /// Those of `fetch`; an internal problem when the keys of a row are longer than a cursor may
    /// be.
    pub async fn connect<F, R>(self, fetch: F) -> Result<Connection<T>, Problem>
    where
        F: FnOnce(PageRequest<T>) -> R,
        R: Future<Output = Result<CursorPage<T>, Problem>>,
    {
        let scan = self.page.scan.clone();
        let page = fetch(self.page).await?;
        let edge = |node: T| {
            Ok(Edge {
                cursor: scan.after(&node)?,
                node,
            })
        };
        let edges = page
            .items
            .into_iter()
            .map(edge)
            .collect::<Result<Vec<_>, Problem>>()?;
        Ok(Connection {
            page_info: PageInfo {
                start_cursor: edges.first().map(|edge| edge.cursor.clone()),
                end_cursor: edges.last().map(|edge| edge.cursor.clone()),
                has_previous_page: page.previous_cursor.is_some(),
                has_next_page: page.next_cursor.is_some(),
            },
            edges,
            total_count: page.total.map(Total::count),
        })
    }
}

/// A page as Relay's cursor connections specification has it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Connection<T> {
    /// The rows with their cursors.
    pub edges: Vec<Edge<T>>,
    /// Where the page stands.
    pub page_info: PageInfo,
    /// The number of all rows, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_count: Option<u64>,
}

/// A row of a [`Connection`].
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Edge<T> {
    /// The cursor at this row, for `after` or `before`.
    pub cursor: String,
    /// The row.
    pub node: T,
}

/// Where a [`Connection`] stands.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PageInfo {
    /// The cursor of the first edge.
    pub start_cursor: Option<String>,
    /// The cursor of the last edge.
    pub end_cursor: Option<String>,
    /// Whether there are rows before the first edge, as far as is known.
    pub has_previous_page: bool,
    /// Whether there are rows after the last edge, as far as is known.
    pub has_next_page: bool,
}

impl<T> Connection<T> {
    /// The connection with other rows: what a client sees in the place of what was read.
    #[must_use]
    pub fn map<U>(self, mut row: impl FnMut(T) -> U) -> Connection<U> {
        let edge = |edge: Edge<T>| Edge {
            cursor: edge.cursor,
            node: row(edge.node),
        };
        Connection {
            edges: self.edges.into_iter().map(edge).collect(),
            page_info: self.page_info,
            total_count: self.total_count,
        }
    }
}

impl<T: Serialize> IntoResponse for Connection<T> {
    fn into_response(self) -> Response {
        respond(&self, self.edges.len(), &[])
    }
}
