//! The schemas of links in the renderings that are not plain.

use utoipa::openapi::schema::{
    AdditionalProperties, AnyOfBuilder, ArrayBuilder, Schema, SchemaFormat, Type,
};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr};

use super::schema::{Schemas, boolean};
use crate::links::Rendering;

/// Adds a shape and those that it refers to.
pub(super) fn shape(name: &'static str, schemas: &mut Schemas) -> Ref {
    if !schemas.contains_key(name) {
        let made = make(name);
        schemas.insert(name.to_owned(), made);
        let within: &[&'static str] = match name {
            HAL_LINKS => &["HalLink"],
            HAL_TEMPLATES => &["HalTemplate"],
            JSON_API_LINKS => &["JsonApiLink"],
            _ => &[],
        };
        within.iter().for_each(|name| drop(shape(name, schemas)));
    }
    Ref::from_schema_name(name)
}

pub(super) const HAL_LINKS: &str = "HalLinks";
pub(super) const HAL_TEMPLATES: &str = "HalTemplates";
pub(super) const JSON_API_LINKS: &str = "JsonApiLinks";

/// What goes before the names of the components of a rendering.
pub(super) fn prefix(rendering: Rendering) -> &'static str {
    match rendering {
        Rendering::Plain => "Linked_",
        Rendering::Header => "",
        Rendering::Hal => "Hal_",
        Rendering::HalForms => "HalForms_",
        Rendering::JsonApi => "JsonApi_",
    }
}

fn make(name: &str) -> RefOr<Schema> {
    match name {
        HAL_LINKS => hal_links(),
        HAL_TEMPLATES => map("The requests that change something, by their names.")
            .additional_properties(Some(Ref::from_schema_name("HalTemplate")))
            .into(),
        JSON_API_LINKS => json_api_links(),
        "HalLink" => hal_link(),
        "HalTemplate" => hal_template(),
        _ => json_api_link(),
    }
}

fn hal_links() -> RefOr<Schema> {
    let link = || Ref::from_schema_name("HalLink");
    let one_or_more = AnyOfBuilder::new()
        .item(link())
        .item(ArrayBuilder::new().items(link()))
        .build();
    map("The links by their relations.")
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(Schema::AnyOf(
            one_or_more,
        )))))
        .into()
}

fn hal_link() -> RefOr<Schema> {
    ObjectBuilder::new()
        .property(
            "href",
            href("Where the link leads; a template of RFC 6570 where `templated` is true."),
        )
        .property("templated", boolean("Whether `href` is a template."))
        .property("title", text("A label for people."))
        .property("type", text("The media type of what is there."))
        .property("name", text("Tells links of one relation apart."))
        .required("href")
        .into()
}

fn hal_template() -> RefOr<Schema> {
    let kind = text("What is typed in.").enum_values(Some(["text", "number", "checkbox"]));
    let property = ObjectBuilder::new()
        .property("name", text("A member of the request's body."))
        .property("type", kind)
        .property("required", boolean("Whether the request must have it."))
        .required("name")
        .required("type");
    ObjectBuilder::new()
        .property("method", text("The HTTP method to send it with."))
        .property("target", href("Where to send it."))
        .property("contentType", text("The media type of the body."))
        .property("title", text("A label for people."))
        .property("properties", ArrayBuilder::new().items(property))
        .required("method")
        .required("target")
        .required("contentType")
        .into()
}

fn json_api_links() -> RefOr<Schema> {
    let reference = text("Where the link leads.")
        .format(Some(SchemaFormat::Custom("uri-reference".to_owned())));
    let link = AnyOfBuilder::new()
        .item(reference)
        .item(Ref::from_schema_name("JsonApiLink"))
        .build();
    map("The links by their relations.")
        .additional_properties(Some(AdditionalProperties::RefOr(RefOr::T(Schema::AnyOf(
            link,
        )))))
        .into()
}

fn json_api_link() -> RefOr<Schema> {
    let meta = ObjectBuilder::new()
        .property(
            "method",
            text("The HTTP method to follow it with; `GET` where there is none."),
        )
        .required("method");
    ObjectBuilder::new()
        .property("href", href("Where the link leads."))
        .property("title", text("A label for people."))
        .property("type", text("The media type of what is there."))
        .property("meta", meta)
        .required("href")
        .into()
}

fn map(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(description))
}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
}

fn href(description: &str) -> ObjectBuilder {
    text(description).format(Some(SchemaFormat::Custom("uri-template".to_owned())))
}
