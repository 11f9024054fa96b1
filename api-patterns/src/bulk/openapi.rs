//! Bulk requests and their answers in an OpenAPI document.

use std::borrow::Cow;

use serde_json::json;
use utoipa::__dev::ComposeSchema;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ArrayBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Required};
use utoipa::{IntoParams, ToSchema};

use super::{Bulk, BulkDelete, BulkLines, Deleted, MultiStatus, Update};
use crate::openapi::schema::{Named, component, gather, gather_generic, integer, within};
use crate::problem::Problem;

/// The name under which a failure of an item is gathered.
const FAILURE: &str = "BulkFailure";

impl<T: ToSchema, const MAX: usize> ToSchema for Bulk<T, MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Bulk")
    }

    fn schemas(schemas: &mut Named) {
        gather_generic::<Self, T>(schemas);
    }
}

impl<T: ToSchema, const MAX: usize> ComposeSchema for Bulk<T, MAX> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let about = "Several items at once; each is told what became of it.";
        list_of("items", about, within::<T>(generics), MAX)
    }
}

impl<I: ToSchema, const MAX: usize> ToSchema for BulkDelete<I, MAX> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("BulkDelete")
    }

    fn schemas(schemas: &mut Named) {
        gather_generic::<Self, I>(schemas);
    }
}

impl<I: ToSchema, const MAX: usize> ComposeSchema for BulkDelete<I, MAX> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let about = "The ids of what is to be deleted; one that is given again counts once.";
        list_of("ids", about, within::<I>(generics), MAX)
    }
}

/// An object with one list and nothing else.
fn list_of(name: &str, about: &str, item: RefOr<Schema>, most: usize) -> RefOr<Schema> {
    let list = ArrayBuilder::new()
        .items(item)
        .min_items(Some(1))
        .max_items(Some(most));
    ObjectBuilder::new()
        .description(Some(about))
        .property(name, list)
        .required(name)
        .additional_properties(Some(false_schema()))
        .into()
}

fn false_schema() -> utoipa::openapi::schema::AdditionalProperties<Schema> {
    utoipa::openapi::schema::AdditionalProperties::FreeForm(false)
}

impl<I: ToSchema, D: ToSchema> ToSchema for Update<I, D> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Update")
    }

    fn schemas(schemas: &mut Named) {
        let data = component::<D>().map_or_else(|| D::name().into_owned(), |(name, _)| name);
        let name = format!("Update_{}_{data}", I::name());
        schemas.push((name, <Self as ComposeSchema>::compose(Vec::new())));
        gather::<I>(schemas);
        gather::<D>(schemas);
    }
}

impl<I: ToSchema, D: ToSchema> ComposeSchema for Update<I, D> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let mut generics = generics.into_iter();
        let id = within::<I>(generics.next().into_iter().collect());
        let data = within::<D>(generics.collect());
        ObjectBuilder::new()
            .description(Some("What is changed, and how."))
            .property("id", id)
            .property("data", data)
            .required("id")
            .required("data")
            .additional_properties(Some(false_schema()))
            .into()
    }
}

impl<R: ToSchema> ToSchema for MultiStatus<R> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("MultiStatus")
    }

    fn schemas(schemas: &mut Named) {
        gather_generic::<Self, R>(schemas);
        gather_failure(schemas);
    }
}

impl<R: ToSchema> ComposeSchema for MultiStatus<R> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let item = within::<R>(generics);
        let made = |about| {
            ArrayBuilder::new()
                .items(item.clone())
                .description(Some(about))
        };
        let classic = ObjectBuilder::new()
            .description(Some("What became of the items."))
            .property(
                "created",
                made("What was made, in the order of the request."),
            )
            .property(
                "updated",
                made("What was changed, in the order of the request."),
            )
            .property("errors", failures())
            .required("errors");
        either(classic, "body", item)
    }
}

impl<I: ToSchema> ToSchema for Deleted<I> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Deleted")
    }

    fn schemas(schemas: &mut Named) {
        gather_generic::<Self, I>(schemas);
        gather_failure(schemas);
    }
}

impl<I: ToSchema> ComposeSchema for Deleted<I> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let ids = ArrayBuilder::new()
            .items(within::<I>(generics))
            .description(Some("The ids of what was not there."));
        let count = integer("How many were there, and are deleted.").minimum(Some(0));
        let classic = ObjectBuilder::new()
            .description(Some("What became of the ids."))
            .property("deleted_count", count)
            .property("not_found_ids", ids)
            .property("errors", failures())
            .required("deleted_count")
            .required("not_found_ids");
        OneOfBuilder::new()
            .item(classic)
            .item(results(envelope()))
            .into()
    }
}

/// The classic body, or one envelope per item.
fn either(classic: ObjectBuilder, name: &str, body: RefOr<Schema>) -> RefOr<Schema> {
    let text = |about| {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some(about))
    };
    let envelope = envelope()
        .property("location", text("Where the item is."))
        .property("etag", text("The entity tag of the item."))
        .property(name, body);
    OneOfBuilder::new()
        .item(classic)
        .item(results(envelope))
        .into()
}

fn results(envelope: ObjectBuilder) -> ObjectBuilder {
    let results = ArrayBuilder::new()
        .items(envelope)
        .description(Some("One envelope per item, in the order of the request."));
    ObjectBuilder::new()
        .description(Some("What became of each item, with `envelope=items`."))
        .property("results", results)
        .required("results")
}

fn envelope() -> ObjectBuilder {
    ObjectBuilder::new()
        .property("index", index())
        .property("status", status(200))
        .property("problem", Ref::from_schema_name(Problem::name()))
        .required("index")
        .required("status")
}

fn failures() -> ArrayBuilder {
    ArrayBuilder::new()
        .items(Ref::from_schema_name(FAILURE))
        .description(Some("What failed, in the order of the request."))
}

fn gather_failure(schemas: &mut Named) {
    let detail = ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some("What is wrong with it."));
    let failure = ObjectBuilder::new()
        .description(Some("An item that failed."))
        .property("index", index())
        .property("detail", detail)
        .property("status", status(400))
        .property("problem", Ref::from_schema_name(Problem::name()));
    let failure = ["index", "detail", "status", "problem"]
        .into_iter()
        .fold(failure, ObjectBuilder::required);
    schemas.push((FAILURE.to_owned(), failure.into()));
    gather::<Problem>(schemas);
}

fn index() -> ObjectBuilder {
    integer("Its place in the request, from 0.").minimum(Some(0))
}

fn status(least: u16) -> ObjectBuilder {
    integer("The status that a request of its own would have had.")
        .minimum(Some(least))
        .maximum(Some(599))
}

macro_rules! parameters {
    ($([$($generics:tt)*] $type:ty: $($parameter:ident)*;)*) => {$(
        impl<$($generics)*> IntoParams for $type {
            fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
                vec![$($parameter()),*]
            }
        }
    )*};
}

parameters! {
    [T, const MAX: usize] Bulk<T, MAX>: mode stop_after shape prefer;
    [I, const MAX: usize] BulkDelete<I, MAX>: mode stop_after shape prefer;
    [T] BulkLines<T>: stop_after prefer;
}

fn mode() -> Parameter {
    let schema = choice(["partial", "atomic"]);
    let about = "Whether items succeed and fail each on its own, or stand and fall together.";
    parameter("mode", ParameterIn::Query, about, schema)
}

fn stop_after() -> Parameter {
    let about = "After so many failures no further item is tried; not with `mode=atomic`.";
    let number = integer("By default all items are tried.").minimum(Some(1));
    parameter("stop_after", ParameterIn::Query, about, number)
}

fn shape() -> Parameter {
    let about = "The shape of the answer: what was made and what failed, or one envelope per item.";
    parameter(
        "envelope",
        ParameterIn::Query,
        about,
        choice(["classic", "items"]),
    )
}

fn prefer() -> Parameter {
    let about = "`return=minimal` asks for failures alone (RFC 7240).";
    let text = ObjectBuilder::new().schema_type(Type::String);
    parameter("Prefer", ParameterIn::Header, about, text)
}

fn choice(values: [&'static str; 2]) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(values))
        .default(Some(json!(values[0])))
}

fn parameter(name: &str, place: ParameterIn, about: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(Required::False)
        .description(Some(about))
        .schema(Some(schema))
        .build()
}
