//! Patches in an OpenAPI document.

use std::borrow::Cow;

use serde_json::Value;
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{
    AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat,
    SchemaType, Type,
};

use super::operation::MAX_OPERATIONS;
use super::schema::Patch;
use super::{JsonPatch, MergePatch};
use crate::openapi::schema::gather_outer;

type Schemas = Vec<(String, RefOr<Schema>)>;

/// The schema of a merge patch: the members of the resource that may change, none required.
pub fn changes_schema<T: Patch + ToSchema>() -> RefOr<Schema> {
    let known = match T::schema() {
        RefOr::T(Schema::Object(object)) => object.properties,
        _ => Default::default(),
    };
    let mutable = T::members().iter().filter(|member| member.is_mutable());
    let object = ObjectBuilder::new()
        .schema_type(Type::Object)
        .description(Some(
            "The members to change (RFC 7396): those that are left out stay as they are.",
        ))
        .min_properties(Some(1))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    mutable
        .fold(object, |object, member| {
            let schema = known.get(member.name()).cloned();
            // Any value, where the resource describes itself by other means.
            let any = || ObjectBuilder::new().schema_type(SchemaType::AnyValue);
            object.property(member.name(), schema.unwrap_or_else(|| any().into()))
        })
        .into()
}

// utoipa's macros ask a generic type for this one, and not for `PartialSchema`.
impl<T: Patch + ToSchema> ComposeSchema for MergePatch<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        changes_schema::<T>()
    }
}

impl<T: Patch + ToSchema> ToSchema for MergePatch<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MergePatch")
    }

    fn schemas(schemas: &mut Schemas) {
        gather_outer::<Self, T>(schemas);
        T::schemas(schemas);
    }
}

impl<T> ComposeSchema for JsonPatch<T> {
    fn compose(_: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let operation = OneOfBuilder::new()
            .item(operation(&["add", "replace", "test"], Some("value")))
            .item(operation(&["remove"], None))
            .item(operation(&["move", "copy"], Some("from")));
        ArrayBuilder::new()
            .items(operation)
            .min_items(Some(1))
            .max_items(Some(MAX_OPERATIONS))
            .description(Some(
                "Operations that are applied in order, all or none (RFC 6902).",
            ))
            .into()
    }
}

impl<T> ToSchema for JsonPatch<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("JsonPatch")
    }
}

fn operation(names: &[&'static str], needs: Option<&'static str>) -> ObjectBuilder {
    let names = names.iter().map(|name| Value::from(*name));
    let op = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names));
    let object = ObjectBuilder::new()
        .property("op", op)
        .property("path", pointer("The place in the resource."))
        .required("op")
        .required("path");
    match needs {
        Some("from") => object
            .property("from", pointer("The place that the value comes from."))
            .required("from"),
        Some(name) => object
            .property(
                name,
                ObjectBuilder::new()
                    .schema_type(SchemaType::AnyValue)
                    .description(Some("Any JSON value.")),
            )
            .required(name),
        None => object,
    }
}

fn pointer(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::Custom("json-pointer".to_owned())))
        .description(Some(description))
}
