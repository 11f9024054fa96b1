//! Pages in an OpenAPI document: the schemas of the answers, the parameters of the requests.

use std::borrow::Cow;

use serde_json::json;
use utoipa::__dev::ComposeSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, Schema, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Required};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::config::Totals;
use super::order::MAX_TERMS;
use super::{
    Connection, CursorPage, Direction, Edge, Field, Keyset, OffsetPage, OffsetRequest, PageInfo,
    PageRequest, Pagination, RelayRequest,
};
use crate::openapi::schema::{
    Named, boolean, gather, gather_generic, integer, nullable_text, within,
};

/// The settings that the document shows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) default_limit: usize,
    pub(crate) max_limit: usize,
    pub(crate) clamp: bool,
    pub(crate) max_cursor: usize,
    pub(crate) max_offset: usize,
    pub(crate) totals: bool,
}

impl Pagination {
    pub(crate) fn limits(&self) -> Limits {
        let settings = &self.settings;
        Limits {
            default_limit: settings.default_limit.min(settings.max_limit),
            max_limit: settings.max_limit,
            clamp: settings.clamp,
            max_cursor: settings.max_cursor,
            max_offset: settings.max_offset,
            totals: settings.totals != Totals::Refused,
        }
    }
}

impl Limits {
    /// The schema of a number of rows on a page.
    pub(crate) fn limit(&self) -> ObjectBuilder {
        let (default, most) = (self.default_limit, self.max_limit);
        // With `clamp_limit` a number outside the bounds is no mistake.
        match self.clamp {
            true => integer(&format!(
                "{default} by default; less than 1 stands for 1, and more than {most} for {most}."
            )),
            false => integer(&format!("{default} by default, {most} at the most."))
                .minimum(Some(1))
                .maximum(Some(most as u64)),
        }
    }

    /// The schema of a page's number: the last one is that of the smallest pages.
    pub(crate) fn page(&self) -> ObjectBuilder {
        let reach = format!(
            "Pages begin among the first {} items.",
            self.max_offset.saturating_add(1)
        );
        integer(&reach)
            .minimum(Some(1))
            .maximum(Some(self.max_offset as u64 + 1))
            .default(Some(json!(1)))
    }

    /// The schema of a cursor.
    pub(crate) fn cursor(&self) -> ObjectBuilder {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .pattern(Some("^[A-Za-z0-9_-]+$"))
            .max_length(Some(self.max_cursor))
    }
}

macro_rules! generic {
    ($($name:ident: $schema:ident),*) => {$(
        impl<T: ToSchema> ToSchema for $name<T> {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn schemas(schemas: &mut Named) {
                gather_generic::<Self, T>(schemas);
            }
        }

        // utoipa's macros ask a generic type for this one, and not for `PartialSchema`.
        impl<T: ToSchema> ComposeSchema for $name<T> {
            fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
                $schema(within::<T>(generics)).into()
            }
        }
    )*};
}

generic! { CursorPage: cursor_page, OffsetPage: offset_page, Edge: edge }

/// A page in the order of a cursor, of items with this schema.
pub(crate) fn cursor_page(item: RefOr<Schema>) -> ObjectBuilder {
    let page = ObjectBuilder::new()
        .description(Some(
            "A page of a list, with the cursors of the pages beside it.",
        ))
        .property("items", ArrayBuilder::new().items(item))
        .property(
            "next_cursor",
            nullable_text("The `cursor` of the page after this one; null where there is none."),
        )
        .property(
            "previous_cursor",
            nullable_text("The `cursor` of the page before this one; null where there is none."),
        )
        .property(
            "has_more",
            boolean("Whether there is a page after this one."),
        );
    let page = totals(
        page,
        "The number of all items, where `include_total` asked for it.",
    );
    ["items", "next_cursor", "previous_cursor", "has_more"]
        .into_iter()
        .fold(page, ObjectBuilder::required)
}

/// A numbered page of items with this schema.
pub(crate) fn offset_page(item: RefOr<Schema>) -> ObjectBuilder {
    let number = |low, description| integer(description).minimum(Some(low));
    let page = ObjectBuilder::new()
        .description(Some(
            "A numbered page of a list: with `page` and `page_size`, or with `offset` and `limit` \
             where the request had those.",
        ))
        .property("items", ArrayBuilder::new().items(item))
        .property("page", number(1, "The number of this page."))
        .property("page_size", number(1, "Most items on a page."))
        .property("offset", number(0, "The items before this page."))
        .property("limit", number(1, "Most items on a page."));
    totals(page, "The number of all items.")
        .required("items")
        .required("total")
}

fn totals(page: ObjectBuilder, description: &str) -> ObjectBuilder {
    let relation = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(["at_least", "estimate"]))
        .description(Some(
            "What `total` is where it is not exact: counting stopped there, or it is a guess.",
        ));
    page.property("total", count(description))
        .property("total_relation", relation)
}

fn count(description: &str) -> ObjectBuilder {
    integer(description)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
}

fn edge(node: RefOr<Schema>) -> ObjectBuilder {
    let cursor = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("The cursor at this item, for `after` or `before`."));
    ObjectBuilder::new()
        .property("cursor", cursor)
        .property("node", node)
        .required("cursor")
        .required("node")
}

impl<T: ToSchema> ToSchema for Connection<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Connection")
    }

    fn schemas(schemas: &mut Named) {
        gather_generic::<Self, T>(schemas);
        gather::<Edge<T>>(schemas);
        gather::<PageInfo>(schemas);
    }
}

impl<T: ToSchema> ComposeSchema for Connection<T> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let edges = within::<Edge<T>>(vec![Edge::<T>::compose(generics)]);
        ObjectBuilder::new()
            .description(Some("A page as a Relay connection."))
            .property("edges", ArrayBuilder::new().items(edges))
            .property("pageInfo", Ref::from_schema_name(PageInfo::name()))
            .property(
                "totalCount",
                count("The number of all items, where `include_total` asked for it."),
            )
            .required("edges")
            .required("pageInfo")
            .into()
    }
}

impl ToSchema for PageInfo {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("PageInfo")
    }
}

impl PartialSchema for PageInfo {
    fn schema() -> RefOr<Schema> {
        let beside = |side| format!("Whether there are items {side} edge, as far as is known.");
        let info = ObjectBuilder::new()
            .property(
                "startCursor",
                nullable_text("The cursor of the first edge."),
            )
            .property("endCursor", nullable_text("The cursor of the last edge."))
            .property("hasPreviousPage", boolean(&beside("before the first")))
            .property("hasNextPage", boolean(&beside("after the last")));
        ["startCursor", "endCursor", "hasPreviousPage", "hasNextPage"]
            .into_iter()
            .fold(info, ObjectBuilder::required)
            .into()
    }
}

impl<T: Keyset> IntoParams for PageRequest<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limits = Pagination::plain().limits();
        let limit = limits.limit().default(Some(json!(limits.default_limit)));
        let mut parameters = vec![
            parameter(
                "cursor",
                "`next_cursor` or `previous_cursor` of a page that was asked for with the same \
                 other parameters; `limit` and `include_total` may change. Default: the first page.",
                limits.cursor(),
            ),
            parameter("limit", "Most items on the page.", limit),
        ];
        parameters.extend(sort::<T>());
        parameters.push(include_total());
        parameters
    }
}

/// `page` and `page_size`. `offset` and `limit` are understood in their place, and never beside
/// them, which a document cannot say: tools that fill in every parameter would send both.
impl<T: Keyset> IntoParams for OffsetRequest<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limits = Pagination::plain().limits();
        let size = limits.limit().default(Some(json!(limits.default_limit)));
        let mut parameters = vec![
            parameter(
                "page",
                "The number of the page. In place of `page` and `page_size`, `offset` and `limit` \
                 are understood.",
                limits.page(),
            ),
            parameter("page_size", "Most items on the page.", size),
        ];
        parameters.extend(sort::<T>());
        parameters
    }
}

impl<T: Keyset> IntoParams for RelayRequest<T> {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let limits = Pagination::plain().limits();
        let cursor = |name, side, size| {
            let text = format!("The cursor {side} the page begins; with `{size}`.");
            parameter(name, &text, limits.cursor())
        };
        let size = |name, instead| {
            let text = format!("Most items on the page; not with {instead}.");
            parameter(name, &text, limits.limit())
        };
        let mut parameters = vec![
            size("first", "`last` and `before`"),
            cursor("after", "after which", "first"),
            size("last", "`first` and `after`; needs `before`"),
            cursor("before", "before which", "last"),
        ];
        parameters.extend(sort::<T>());
        parameters.push(include_total());
        parameters
    }
}

fn parameter(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn include_total() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .default(Some(json!(false)));
    parameter("include_total", "Whether to count all items.", schema)
}

/// The order, where clients may choose it.
fn sort<T: Keyset>() -> Option<Parameter> {
    let sortable = T::FIELDS.iter().filter(|field| field.sortable);
    let names: Vec<_> = sortable.map(Field::name).collect();
    if names.is_empty() {
        return None;
    }
    let description = format!(
        "Up to {MAX_TERMS} different fields to sort by, separated by commas, `-` before a \
         descending one. Fields: {}.",
        names.join(", ")
    );
    let mut schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern(&names)));
    if T::DEFAULT
        .iter()
        .all(|(field, _)| T::FIELDS[*field].sortable)
    {
        schema = schema.default(Some(json!(default_sort::<T>())));
    }
    Some(parameter("sort", &description, schema))
}

fn default_sort<T: Keyset>() -> String {
    let term = |(field, direction): &(usize, Direction)| {
        let sign = match direction {
            Direction::Asc => "",
            Direction::Desc => "-",
        };
        format!("{sign}{}", T::FIELDS[*field].name)
    };
    T::DEFAULT.iter().map(term).collect::<Vec<_>>().join(",")
}

/// Any of the names, each once.
fn pattern(names: &[&str]) -> String {
    let names: Vec<_> = names.iter().map(|name| escaped(name)).collect();
    let term = format!("-?(?:{})", names.join("|"));
    // A name that comes again after a comma.
    let again = r"(?!(?:.*,)?-?([^,]+),(?:.*,)?-?\1(?:,|$))";
    match names.len().min(MAX_TERMS) - 1 {
        0 => format!("^{term}$"),
        more => format!("^{again}{term}(?:,{term}){{0,{more}}}$"),
    }
}

fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_punctuation() && !matches!(c, '_' | '-') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::pattern;

    #[test]
    fn one_name_needs_no_look_ahead() {
        assert_eq!(pattern(&["id"]), "^-?(?:id)$");
        let some = pattern(&["id", "p.name"]);
        assert!(
            some.starts_with("^(?!") && some.ends_with(r"-?(?:id|p\.name)){0,1}$"),
            "{some}"
        );
    }
}
