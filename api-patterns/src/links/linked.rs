//! [`Linked`]: an item or a page as a response with its links.

use std::fmt;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CONTENT_TYPE, VARY};
use http::{HeaderValue, StatusCode};
use serde::Serialize;

use super::definition::{Definition, Links};
use super::format::Part;
use super::future::Refused;
use super::kept;
use super::link::Link;
use super::program::Filled;
use super::represent::{Document, Represent};
use super::view::{self, View};
use crate::problem::Problem;

/// An item whose type derives [`Links`], or a page of such items, as a response with its links.
///
/// The rendering, the base URL and `Accept` are the business of
/// [`LinksLayer`](super::LinksLayer); without it the links are plain and relative to the host.
///
/// `Linked` of an item is also [`Serialize`], for self-describing formats: inside of other documents,
/// `Json(Linked(item))` among them, the links are always plain and nothing is negotiated. A page
/// writes its items several times faster.
///
/// # Errors
/// As a response: 406 where the client accepts none of the renderings that the layer offers and the
/// method is safe (an unsafe one has done its work and answers in the default rendering), and 500
/// for an item that does not serialize as an object. The layer sees to it that neither becomes a
/// success under `(StatusCode, Linked(…))`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linked<T>(pub T);

impl<T> Linked<T> {
    /// Tells the conditions of links what they ask beside the item, as who the caller is.
    pub fn with<C>(self, context: C) -> LinkedWith<T, C> {
        LinkedWith {
            value: self.0,
            context,
            added: Vec::new(),
            created: false,
        }
    }

    /// Adds a link to the document: to the item's own, or to those of the page.
    pub fn link(self, link: Link) -> LinkedWith<T> {
        self.with(()).link(link)
    }

    /// Answers 201 with the `self` link as `Location`.
    pub fn created(self) -> LinkedWith<T>
    where
        T: Links,
    {
        self.with(()).created()
    }
}

impl<T: Links<Context = ()>> Linked<T> {
    /// Where the item is: its `self` link, as [`created`](Self::created) tells it in `Location`. For
    /// answers about several items. Empty where the link is left out.
    ///
    /// ```
    /// use api_patterns::links::{Linked, Links};
    ///
    /// #[derive(Links)]
    /// #[links(base = "/products/{id}")]
    /// struct Product { id: i64 }
    ///
    /// assert_eq!(Linked(Product { id: 7 }).location(), "/products/7");
    /// ```
    pub fn location(&self) -> String {
        const {
            assert!(
                has_self(T::DEFINITION),
                "without a `base` there is no location"
            )
        };
        let program = kept::program(T::DEFINITION, &[], Part::Address, &view::current());
        let mut filled = Filled::default();
        self.0.values(&mut filled.values);
        filled.conditions = self.0.conditions(&());
        let mut location = Vec::new();
        program.run(&filled, &mut location);
        // What is not ASCII has been encoded.
        String::from_utf8_lossy(&location).into_owned()
    }
}

impl<T: Represent<()>> IntoResponse for Linked<T> {
    fn into_response(self) -> Response {
        self.with(()).into_response()
    }
}

/// [`Linked`] with what its conditions ask, links of its own, or a status.
#[derive(Clone)]
pub struct LinkedWith<T, C = ()> {
    pub(super) value: T,
    pub(super) context: C,
    added: Vec<Link>,
    created: bool,
}

impl<T: fmt::Debug, C> fmt::Debug for LinkedWith<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkedWith")
            .field("value", &self.value)
            .field("added", &self.added)
            .finish_non_exhaustive()
    }
}

impl<T, C> LinkedWith<T, C> {
    /// Adds a link to the document: to the item's own, or to those of the page.
    #[must_use]
    pub fn link(mut self, link: Link) -> Self {
        self.added.push(link);
        self
    }

    /// Answers 201 with the `self` link as `Location`.
    #[must_use]
    pub fn created(mut self) -> Self
    where
        T: Links,
    {
        const {
            assert!(
                has_self(T::DEFINITION),
                "without a `base` there is no `Location`"
            )
        };
        self.created = true;
        self
    }
}

impl<T: Represent<C>, C> IntoResponse for LinkedWith<T, C> {
    fn into_response(self) -> Response {
        let view = view::current();
        let mut response = match self.document(&view) {
            Ok(response) => response,
            Err(problem) => {
                let refused = Refused(problem.status());
                let mut response = problem.into_response();
                response.extensions_mut().insert(refused);
                response
            }
        };
        if view.is_negotiated() {
            let vary = HeaderValue::from_name(ACCEPT);
            response.headers_mut().append(VARY, vary);
        }
        response
    }
}

impl<T: Represent<C>, C> LinkedWith<T, C> {
    fn document(&self, view: &View) -> Result<Response, Problem> {
        let rendering = view.rendering.ok_or_else(|| not_acceptable(view))?;
        let mut document = Document::new(view, rendering, &self.added);
        document.locates = self.created;
        self.value
            .represent(&self.context, &mut document)
            .map_err(Problem::internal)?;
        let Document { body, headers, .. } = document;
        let mut response = Response::new(Body::from(body));
        if self.created {
            *response.status_mut() = StatusCode::CREATED;
        }
        *response.headers_mut() = headers;
        let media_type = HeaderValue::from_static(rendering.media_type());
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        Ok(response)
    }
}

/// Whether the item says where it is.
const fn has_self(definition: &Definition) -> bool {
    let mut nth = 0;
    while nth < definition.links.len() {
        if matches!(definition.links[nth].rel.as_bytes(), b"self") {
            return true;
        }
        nth += 1;
    }
    false
}

/// 406 with the media types that there are.
fn not_acceptable(view: &View) -> Problem {
    let types: Vec<_> = view.offered.iter().map(|form| form.media_type()).collect();
    Problem::new(StatusCode::NOT_ACCEPTABLE)
        .code("not_acceptable")
        .detail(format!("`Accept` allows none of {}", types.join(", ")))
        .extension("available", types)
}

impl<T: Links<Context = ()> + Serialize> Serialize for Linked<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::nested::serialize(&self.0, &(), &[], serializer)
    }
}

impl<T: Links<Context = C> + Serialize, C> Serialize for LinkedWith<T, C> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        super::nested::serialize(&self.value, &self.context, &self.added, serializer)
    }
}
