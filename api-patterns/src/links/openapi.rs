//! Linked items and pages in an OpenAPI document, in the plain rendering.

use std::borrow::Cow;

use serde_json::json;
use utoipa::__dev::ComposeSchema;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::schema::{
    AdditionalProperties, AllOfBuilder, ArrayBuilder, ArrayItems, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{Definition, Link, Linked, Links};
use crate::openapi::schema::{Named, boolean, gather, gather_outer, within};
#[cfg(feature = "pagination")]
use crate::pagination::{
    CursorPage, OffsetPage,
    openapi::{cursor_page, offset_page},
};

/// What other renderings call the items of a schema, and which member is their id.
pub(crate) const RESOURCE: &str = "x-resource";

/// What [`Linked`] can hold, with its schema.
#[diagnostic::on_unimplemented(
    message = "`Linked<{Self}>` has no schema",
    note = "items derive `Links` and `utoipa::ToSchema`; pages hold such items"
)]
pub trait Describe: ToSchema {
    /// What its items link to.
    const DEFINITION: &'static Definition;

    /// The schema without the links of the whole; `composed` is that of the item.
    fn without_links(composed: Vec<RefOr<Schema>>) -> RefOr<Schema>;

    /// Gathers what that refers to.
    fn gather(schemas: &mut Named);
}

impl<T: Links + ToSchema> Describe for T {
    const DEFINITION: &'static Definition = <T as Links>::DEFINITION;

    fn without_links(composed: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        opened(T::schema()).unwrap_or_else(|| within::<T>(composed))
    }

    fn gather(schemas: &mut Named) {
        gather::<T>(schemas);
    }
}

/// A schema that refuses other members, without this refusal: links are such members.
fn opened(schema: RefOr<Schema>) -> Option<RefOr<Schema>> {
    let RefOr::T(Schema::Object(mut object)) = schema else {
        return None;
    };
    let refusal = AdditionalProperties::FreeForm(false);
    (object.additional_properties.as_deref() == Some(&refusal)).then(|| {
        object.additional_properties = None;
        Schema::Object(object).into()
    })
}

macro_rules! pages {
    ($($page:ident: $schema:ident),*) => {$(
        impl<T: Links + ToSchema> Describe for $page<T>
        where
            Self: ToSchema,
        {
            const DEFINITION: &'static Definition = <T as Links>::DEFINITION;

            fn without_links(composed: Vec<RefOr<Schema>>) -> RefOr<Schema> {
                let item = item_of(&composed).unwrap_or_else(T::schema);
                let item = Linked::<T>::compose(vec![item]);
                $schema(within::<Linked<T>>(vec![item])).into()
            }

            fn gather(schemas: &mut Named) {
                gather::<Linked<T>>(schemas);
            }
        }
    )*};
}

pages! { Vec: list }
#[cfg(feature = "pagination")]
pages! { CursorPage: cursor_page, OffsetPage: offset_page }

/// A list without pages, of items with this schema.
fn list(item: RefOr<Schema>) -> ObjectBuilder {
    ObjectBuilder::new()
        .description(Some("All there is."))
        .property("items", ArrayBuilder::new().items(item))
        .required("items")
}

/// The schema of the items in that of a page or a list, which utoipa's macros hand over.
fn item_of(composed: &[RefOr<Schema>]) -> Option<RefOr<Schema>> {
    let array = match composed.first()? {
        RefOr::T(Schema::Object(page)) => match page.properties.get("items")? {
            RefOr::T(Schema::Array(array)) => array,
            _ => return None,
        },
        RefOr::T(Schema::Array(array)) => array,
        _ => return None,
    };
    match &array.items {
        ArrayItems::RefOrSchema(item) => Some(RefOr::clone(item)),
        ArrayItems::False => None,
    }
}

impl<T: Describe> ToSchema for Linked<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Linked")
    }

    fn schemas(schemas: &mut Named) {
        gather_outer::<Self, T>(schemas);
        gather::<Link>(schemas);
        <T as Describe>::gather(schemas);
    }
}

impl<T: Describe> ComposeSchema for Linked<T> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let links = ArrayBuilder::new()
            .items(Ref::from_schema_name(<Link as ToSchema>::name()))
            .description(Some("Where to go from here."));
        let links = ObjectBuilder::new()
            .property("links", links)
            .required("links");
        let Definition { resource, id, .. } = <T as Describe>::DEFINITION;
        let resource = json!({ "name": resource, "id": id });
        AllOfBuilder::new()
            .item(T::without_links(generics))
            .item(links)
            .extensions(Some(Extensions::from_iter([(RESOURCE, resource)])))
            .into()
    }
}

impl ToSchema for Link {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Link")
    }
}

impl PartialSchema for Link {
    fn schema() -> RefOr<Schema> {
        let text = |description| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(description))
        };
        // A template of RFC 6570 is no URI reference, so the format says nothing of it.
        let href = text("Where the link leads; a template of RFC 6570 where `templated` is true.")
            .format(Some(SchemaFormat::Custom("uri-template".to_owned())));
        ObjectBuilder::new()
            .property("href", href)
            .property(
                "rel",
                text("What is there: a registered relation, a URI or a curie."),
            )
            .property("method", text("The HTTP method to follow it with."))
            .property("templated", boolean("Whether `href` is a template."))
            .property("title", text("A label for people."))
            .property("type", text("The media type of what is there."))
            .property("name", text("Tells links of one relation apart."))
            .required("href")
            .required("rel")
            .required("method")
            .into()
    }
}
