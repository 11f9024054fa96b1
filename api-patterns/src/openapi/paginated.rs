//! [`Paginated`]: tells generators which operations answer with pages, and how to go on.

use serde_json::{Value, json};
use utoipa::Modify;
use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Response};

use super::operations;
use super::schema::{Members, Schemas};
use crate::pagination::Pagination;
use crate::pagination::openapi::Limits;

/// Adds `x-pagination` to every operation that answers with a page, and the `Link` header to the
/// response. It finds pages by the members of the response's schema.
///
/// | response | `x-pagination` |
/// | --- | --- |
/// | `CursorPage` | `{"type": "cursor", "cursor_param": "cursor", "limit_param": "limit", "results": "items", "next_cursor": "next_cursor", "previous_cursor": "previous_cursor", "has_more": "has_more"}` |
/// | `OffsetPage` | `{"type": "page", "page_param": "page", "limit_param": "page_size", "results": "items", "total": "total"}` |
/// | `Connection` | `{"type": "cursor", "cursor_param": "after", "limit_param": "first", "results": "edges", "next_cursor": "pageInfo.endCursor", "previous_cursor": "pageInfo.startCursor", "has_more": "pageInfo.hasNextPage"}` |
///
/// `…_param` are names of query parameters, and stand there only if the operation has them; the
/// others are members of the answer, a dot before a member of a member.
///
/// See the [module docs](super) for an example.
#[derive(Clone, Copy, Debug, Default)]
pub struct Paginated {
    limits: Option<Limits>,
    speakeasy: bool,
    fern: bool,
}

impl Paginated {
    /// Only `x-pagination`; the defaults of the parameters are left as they are.
    pub const fn new() -> Self {
        Self {
            limits: None,
            speakeasy: false,
            fern: false,
        }
    }

    /// Shows the limits of this layer in the parameters of paginated operations. Default: those of
    /// [`Pagination::plain`].
    #[must_use]
    pub fn settings(mut self, pagination: &Pagination) -> Self {
        self.limits = Some(pagination.limits());
        self
    }

    /// Also adds `x-speakeasy-pagination`. Default: not.
    #[must_use]
    pub const fn speakeasy(mut self) -> Self {
        self.speakeasy = true;
        self
    }

    /// Also adds `x-fern-pagination`. Default: not.
    #[must_use]
    pub const fn fern(mut self) -> Self {
        self.fern = true;
        self
    }

    fn describe(&self, operation: &mut Operation, style: &Style) {
        if let Some(limits) = &self.limits {
            limits.show(operation);
        }
        let has = |name: &str| parameters(operation).any(|parameter| parameter.name == name);
        let (place, limit) = (has(style.place.1), has(style.limit));
        let extensions = operation.extensions.get_or_insert_default();
        let mut add = |name: &str, value| drop(extensions.insert(name.to_owned(), value));
        add("x-pagination", style.extension(place, limit));
        if self.speakeasy && place {
            add("x-speakeasy-pagination", style.speakeasy(limit));
        }
        if self.fern && place {
            add("x-fern-pagination", style.fern());
        }
    }
}

/// One kind of page.
struct Style {
    /// The members by which it is told apart.
    members: &'static [&'static str],
    kind: &'static str,
    /// The key and the name of the parameter that says where the page is.
    place: (&'static str, &'static str),
    limit: &'static str,
    results: &'static str,
    /// Other members of the answer.
    outputs: &'static [(&'static str, &'static str)],
    has_link_header: bool,
}

const STYLES: [Style; 3] = [
    Style {
        members: &["items", "next_cursor", "previous_cursor", "has_more"],
        kind: "cursor",
        place: ("cursor_param", "cursor"),
        limit: "limit",
        results: "items",
        outputs: &[
            ("next_cursor", "next_cursor"),
            ("previous_cursor", "previous_cursor"),
            ("has_more", "has_more"),
        ],
        has_link_header: true,
    },
    Style {
        members: &["items", "total", "page", "page_size"],
        kind: "page",
        place: ("page_param", "page"),
        limit: "page_size",
        results: "items",
        outputs: &[("total", "total")],
        has_link_header: true,
    },
    Style {
        members: &["edges", "pageInfo"],
        kind: "cursor",
        place: ("cursor_param", "after"),
        limit: "first",
        results: "edges",
        outputs: &[
            ("next_cursor", "pageInfo.endCursor"),
            ("previous_cursor", "pageInfo.startCursor"),
            ("has_more", "pageInfo.hasNextPage"),
        ],
        has_link_header: false,
    },
];

impl Style {
    fn extension(&self, place: bool, limit: bool) -> Value {
        let mut value = json!({ "type": self.kind, "results": self.results });
        for (key, member) in self.outputs {
            value[key] = json!(member);
        }
        let parameters = [(place, self.place), (limit, ("limit_param", self.limit))];
        for (_, (key, name)) in parameters.into_iter().filter(|(there, _)| *there) {
            value[key] = json!(name);
        }
        value
    }

    fn next_cursor(&self) -> Option<&'static str> {
        let mut outputs = self.outputs.iter();
        let found = outputs.find(|(key, _)| *key == "next_cursor");
        found.map(|(_, member)| *member)
    }

    fn speakeasy(&self, limit: bool) -> Value {
        let input = |name, kind| json!({ "name": name, "in": "parameters", "type": kind });
        let mut outputs = json!({ "results": format!("$.{}", self.results) });
        let (strategy, kind) = match self.next_cursor() {
            Some(member) => {
                outputs["nextCursor"] = json!(format!("$.{member}"));
                ("cursor", "cursor")
            }
            None => ("offsetLimit", "page"),
        };
        let mut inputs = vec![input(self.place.1, kind)];
        inputs.extend(limit.then(|| input(self.limit, "limit")));
        json!({ "type": strategy, "inputs": inputs, "outputs": outputs })
    }

    fn fern(&self) -> Value {
        let place = format!("$request.{}", self.place.1);
        let results = format!("$response.{}", self.results);
        match self.next_cursor() {
            Some(member) => {
                let next = format!("$response.{member}");
                json!({ "cursor": place, "next_cursor": next, "results": results })
            }
            None => json!({ "offset": place, "results": results }),
        }
    }
}

impl Limits {
    /// Puts what holds into the parameters of an operation.
    fn show(&self, operation: &mut Operation) {
        if !self.totals {
            let parameters = operation.parameters.iter_mut();
            parameters.for_each(|parameters| parameters.retain(|parameter| !is_total(parameter)));
        }
        let parameters = operation.parameters.iter_mut().flatten();
        for parameter in parameters.filter_map(|parameter| match parameter {
            RefOr::T(parameter) => Some(parameter).filter(|parameter| is_query(parameter)),
            RefOr::Ref(_) => None,
        }) {
            let default = Some(json!(self.default_limit));
            let schema = match parameter.name.as_str() {
                "limit" | "page_size" => self.limit().default(default),
                "first" | "last" => self.limit(),
                "cursor" | "after" | "before" => self.cursor(),
                "page" => self.page(),
                _ => continue,
            };
            parameter.schema = Some(schema.into());
        }
    }
}

fn is_total(parameter: &RefOr<Parameter>) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.name == "include_total" && is_query(parameter))
}

fn is_query(parameter: &Parameter) -> bool {
    parameter.parameter_in == ParameterIn::Query
}

fn parameters(operation: &Operation) -> impl Iterator<Item = &Parameter> {
    let parameters = operation.parameters.iter().flatten();
    parameters.filter_map(|parameter| match parameter {
        RefOr::T(parameter) => Some(parameter).filter(|parameter| is_query(parameter)),
        RefOr::Ref(_) => None,
    })
}

impl Modify for Paginated {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.take();
        let none = Schemas::new();
        let schemas = components.as_ref().map_or(&none, |found| &found.schemas);
        for item in openapi.paths.paths.values_mut() {
            for operation in operations(item) {
                if let Some(style) = page_of(operation, schemas) {
                    self.describe(operation, style);
                }
            }
        }
        openapi.components = components;
    }
}

/// The kind of page that an operation answers with; its response gets the header.
fn page_of(operation: &mut Operation, schemas: &Schemas) -> Option<&'static Style> {
    let responses = operation.responses.responses.iter_mut();
    for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
        let RefOr::T(response) = response else {
            continue;
        };
        if let Some(style) = style_of(response, schemas) {
            if style.has_link_header {
                let header = response.headers.entry("Link".to_owned());
                header.or_insert_with(|| link_header().into());
            }
            return Some(style);
        }
    }
    None
}

fn link_header() -> utoipa::openapi::header::Header {
    let value = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new()
        .schema(Some(value))
        .description(Some(
            "The pages beside this one, where they exist, by their relations `self`, `first`, \
             `prev`, `next` and `last` (RFC 8288).",
        ))
        .build()
}

fn style_of(response: &Response, schemas: &Schemas) -> Option<&'static Style> {
    let contents = response.content.values();
    contents
        .filter_map(|content| match content {
            RefOr::T(content) => content.schema.as_ref(),
            RefOr::Ref(_) => None,
        })
        .find_map(|schema| {
            let members = Members::of(schema, schemas).names;
            let is = |style: &&Style| style.members.iter().all(|name| members.contains(name));
            STYLES.iter().find(is)
        })
}
