//! Preconditions in an OpenAPI document: the header fields, and the answers that they bring about.

use serde_json::json;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{
    Header, HeaderBuilder, ObjectBuilder, RefOr, Required, Response, ResponseBuilder,
};
use utoipa::{IntoParams, IntoResponses};

use super::Preconditions;
use crate::problem::openapi as problems;

type Responses = std::collections::BTreeMap<String, RefOr<Response>>;

/// What a `GET` or `HEAD` with [`Preconditions`] has in a document: `If-None-Match` and
/// `If-Modified-Since`, and the answers 304, 400 and 412.
///
/// # Example
/// ```
/// use api_patterns::conditional::ReadPreconditions;
///
/// #[utoipa::path(get, path = "/products/{id}", params(ReadPreconditions),
///     responses((status = 200), ReadPreconditions))]
/// async fn show() {}
///
/// #[derive(utoipa::OpenApi)]
/// #[openapi(paths(show))]
/// struct Api;
///
/// let document = serde_json::to_value(<Api as utoipa::OpenApi>::openapi())?;
/// let show = &document["paths"]["/products/{id}"]["get"];
/// assert_eq!(show["parameters"][0]["name"], "If-None-Match");
/// assert!(show["responses"]["304"]["headers"]["ETag"].is_object());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ReadPreconditions;

/// What a change with [`Preconditions`] has in a document: `If-Match` and `If-Unmodified-Since`,
/// and the answers 400 and 412. See [`ReadPreconditions`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct WritePreconditions;

/// What a change that [requires](Preconditions::require) a precondition has in a document: as
/// [`WritePreconditions`], and 428. See [`ReadPreconditions`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct RequiredPreconditions;

/// All four fields, for an operation that does not say what it does.
impl IntoParams for Preconditions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [reading(), writing()].concat()
    }
}

impl IntoParams for ReadPreconditions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        reading()
    }
}

impl IntoParams for WritePreconditions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        writing()
    }
}

impl IntoParams for RequiredPreconditions {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        writing()
    }
}

impl IntoResponses for Preconditions {
    fn responses() -> Responses {
        ReadPreconditions::responses()
    }
}

impl IntoResponses for ReadPreconditions {
    fn responses() -> Responses {
        let mut responses = WritePreconditions::responses();
        responses.insert("304".to_owned(), not_modified().into());
        responses
    }
}

impl IntoResponses for WritePreconditions {
    fn responses() -> Responses {
        [("400", problems::response(400)), ("412", failed())]
            .map(|(status, response)| (status.to_owned(), response.into()))
            .into()
    }
}

impl IntoResponses for RequiredPreconditions {
    fn responses() -> Responses {
        let mut responses = WritePreconditions::responses();
        responses.insert("428".to_owned(), problems::response(428).into());
        responses
    }
}

fn reading() -> Vec<Parameter> {
    vec![
        parameter(
            "If-None-Match",
            "Tags of representations that the client has, or `*`: 304 where one of them is current.",
            tags(),
        ),
        parameter(
            "If-Modified-Since",
            "304 where the resource was not changed after this date. Ignored beside `If-None-Match`, and where the resource has no date.",
            date(),
        ),
    ]
}

fn writing() -> Vec<Parameter> {
    vec![
        parameter(
            "If-Match",
            "Tags of the states that may be changed, or `*` for any: 412 where none is current.",
            tags(),
        ),
        parameter(
            "If-Unmodified-Since",
            "412 where the resource was changed after this date. Ignored beside `If-Match`, and where the resource has no date.",
            date(),
        ),
    ]
}

fn parameter(name: &str, description: &str, schema: ObjectBuilder) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn tags() -> ObjectBuilder {
    text()
        .pattern(Some(
            r#"^(\*|(W/)?"[!#-~]*"([ \t]*,[ \t]*(W/)?"[!#-~]*")*)$"#,
        ))
        .examples([json!("\"7\"")])
}

fn date() -> ObjectBuilder {
    text().examples([json!("Sun, 06 Nov 1994 08:49:37 GMT")])
}

fn not_modified() -> Response {
    let description = "Not Modified: the client has the current representation already.";
    with_validators(ResponseBuilder::new().description(description).build())
}

fn failed() -> Response {
    with_validators(problems::response(412))
}

fn with_validators(mut response: Response) -> Response {
    let fields = [
        ("ETag", "The tag of the current state."),
        (
            "Last-Modified",
            "When the resource was changed last, where that is known.",
        ),
    ];
    for (name, description) in fields {
        let header = header(description).into();
        response.headers.insert(name.to_owned(), header);
    }
    response
}

fn header(description: &str) -> Header {
    HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some(description))
        .build()
}
