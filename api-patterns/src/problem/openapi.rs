//! Problems in an OpenAPI document: their schema, and the responses that carry them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::{Map, Value, json};
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{
    Content, ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

use super::derived::Case;
use super::{FieldError, Problem};

pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// Responses by their status, as utoipa has them.
pub(super) type Responses = BTreeMap<String, RefOr<Response>>;

/// Problem responses of up to eight statuses, for `responses(…)` of
/// [`utoipa::path`](macro@utoipa::path).
///
/// What `responses(…)` names later replaces what it named before for the same status: name what
/// is described in more detail last. A status outside 400 to 599 does not compile.
///
/// # Example
/// ```
/// use api_patterns::problem::Problems;
///
/// #[utoipa::path(post, path = "/orders", responses((status = 204), Problems<409, 412, 429>))]
/// async fn order() {}
///
/// #[derive(utoipa::OpenApi)]
/// #[openapi(paths(order))]
/// struct Api;
///
/// let document = serde_json::to_value(<Api as utoipa::OpenApi>::openapi())?;
/// let conflict = &document["paths"]["/orders"]["post"]["responses"]["409"];
/// assert!(conflict["content"]["application/problem+json"]["schema"].is_object());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Problems<
    const A: u16,
    const B: u16 = 0,
    const C: u16 = 0,
    const D: u16 = 0,
    const E: u16 = 0,
    const F: u16 = 0,
    const G: u16 = 0,
    const H: u16 = 0,
>;

impl<
    const A: u16,
    const B: u16,
    const C: u16,
    const D: u16,
    const E: u16,
    const F: u16,
    const G: u16,
    const H: u16,
> IntoResponses for Problems<A, B, C, D, E, F, G, H>
{
    fn responses() -> Responses {
        const {
            let rest = [B, C, D, E, F, G, H];
            assert!(
                matches!(A, 400..=599),
                "a problem has a status from 400 to 599"
            );
            let mut nth = 0;
            while nth < rest.len() {
                assert!(
                    matches!(rest[nth], 0 | 400..=599),
                    "a problem has a status from 400 to 599"
                );
                nth += 1;
            }
        }
        let statuses = [A, B, C, D, E, F, G, H];
        let named = statuses.into_iter().filter(|status| *status > 0);
        named
            .map(|status| (status.to_string(), response(status).into()))
            .collect()
    }
}

/// Any problem: the `default` response, for what has no status of its own in the document.
impl IntoResponses for Problem {
    fn responses() -> Responses {
        let response = describe("Any other problem", None, BTreeMap::new());
        BTreeMap::from([("default".to_owned(), response.into())])
    }
}

impl ToSchema for Problem {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Problem")
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((FieldError::name().into_owned(), FieldError::schema()));
    }
}

impl PartialSchema for Problem {
    fn schema() -> RefOr<Schema> {
        problem_schema(Ref::from_schema_name(FieldError::name()).into())
    }
}

impl ToSchema for FieldError {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("FieldError")
    }
}

impl PartialSchema for FieldError {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some(
                "What is wrong with one place of the request: `pointer`, `parameter` or `header` \
                 says where.",
            ))
            .property(
                "pointer",
                text("A place in the body, as a JSON pointer (RFC 6901)."),
            )
            .property("parameter", text("A parameter of the query, path or form."))
            .property("header", text("A header field."))
            .property("detail", text("What is wrong there."))
            .property(
                "code",
                text("A stable, machine-readable name of the mistake."),
            )
            .required("detail")
            .into()
    }
}

/// The schema of a problem without references, for documents that nobody has gathered it for.
pub(crate) fn inline_schema() -> RefOr<Schema> {
    problem_schema(FieldError::schema())
}

fn problem_schema(error: RefOr<Schema>) -> RefOr<Schema> {
    let uri = |description| {
        text(description).format(Some(SchemaFormat::Custom("uri-reference".to_owned())))
    };
    let status = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .description(Some("The HTTP status."))
        .minimum(Some(400))
        .maximum(Some(599));
    let errors = ArrayBuilder::new()
        .items(error)
        .description(Some("Each wrong place of the request."));
    ObjectBuilder::new()
        .description(Some(
            "Problem details (RFC 9457). Further members belong to the problem's code.",
        ))
        .property("type", uri("The type of problem."))
        .property("title", text("The name of the type of problem."))
        .property("status", status)
        .property("detail", text("What is wrong this time."))
        .property("instance", uri("This occurrence of the problem."))
        .property(
            "code",
            text("A stable, machine-readable name of the problem."),
        )
        .property("errors", errors)
        .required("type")
        .required("title")
        .required("status")
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .into()
}

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(description))
}

/// The problem response of this status.
pub(crate) fn response(status: u16) -> Response {
    describe(reason(status), Some(status), BTreeMap::new())
}

fn reason(status: u16) -> &'static str {
    let status = StatusCode::from_u16(status).ok();
    status
        .and_then(|status| status.canonical_reason())
        .unwrap_or("A problem")
}

/// A response with an example of each code.
fn describe(reason: &str, status: Option<u16>, examples: BTreeMap<String, Example>) -> Response {
    let description = description(reason, examples.keys());
    let examples = examples.into_iter().map(|(code, example)| {
        let entry = ExampleBuilder::new().value(Some(example.value));
        (
            code,
            entry.summary(example.summary.unwrap_or_default()).build(),
        )
    });
    let content = ContentBuilder::new()
        .schema(Some(inline_schema()))
        .examples_from_iter(examples)
        .build();
    let response = ResponseBuilder::new()
        .description(description)
        .content(PROBLEM_JSON, content);
    match status {
        Some(429 | 503) => {
            let header = HeaderBuilder::new().schema(Some(text(
                "When to try again: seconds, or a date (RFC 9110 §10.2.3).",
            )));
            response.header("Retry-After", header.build()).build()
        }
        _ => response.build(),
    }
}

/// What a response is about, and the codes it may have.
fn description<'a>(reason: &str, codes: impl Iterator<Item = &'a String>) -> String {
    let codes: Vec<_> = codes.map(|code| format!("`{code}`")).collect();
    match codes.is_empty() {
        true => reason.to_owned(),
        false => format!("{reason}: {}", codes.join(", ")),
    }
}

struct Example {
    summary: Option<&'static str>,
    value: Value,
}

impl Case {
    /// The problem of this case, as far as it does not depend on the request.
    fn example(&self) -> Example {
        let mut members = Map::new();
        members.insert("type".into(), json!(self.type_uri.unwrap_or("about:blank")));
        members.insert(
            "title".into(),
            json!(self.title.unwrap_or(reason(self.status))),
        );
        members.insert("status".into(), json!(self.status));
        let texts = [("detail", self.detail), ("code", self.code)];
        for (name, text) in texts {
            members.extend(text.map(|text| (name.to_owned(), json!(text))));
        }
        Example {
            summary: self.summary,
            value: members.into(),
        }
    }
}

/// The responses of an error type: one per status, with the codes it may have.
pub(super) fn of_cases(cases: &[Case], inner: impl IntoIterator<Item = Responses>) -> Responses {
    let mut statuses: BTreeMap<u16, BTreeMap<String, Example>> = BTreeMap::new();
    for case in cases {
        let codes = statuses.entry(case.status).or_default();
        if let Some(code) = case.code {
            let entry = codes.entry(code.to_owned());
            entry.or_insert_with(|| case.example());
        }
    }
    let own = statuses.into_iter().map(|(status, examples)| {
        let response = describe(reason(status), Some(status), examples);
        (status.to_string(), response.into())
    });
    let mut responses: Responses = own.collect();
    for (status, response) in inner.into_iter().flatten() {
        match responses.get_mut(&status) {
            Some(known) => merge(known, response),
            None => drop(responses.insert(status, response)),
        }
    }
    responses
}

/// Adds what another response with the same status says: the examples of a problem, and whatever
/// else somebody has described by hand.
pub(crate) fn merge(known: &mut RefOr<Response>, other: RefOr<Response>) {
    let (RefOr::T(known), RefOr::T(mut other)) = (known, other) else {
        return;
    };
    let problem = other.content.swap_remove(PROBLEM_JSON);
    for (name, header) in other.headers {
        known.headers.entry(name).or_insert(header);
    }
    for (kind, content) in other.content {
        known.content.entry(kind).or_insert(content);
    }
    match (known.content.get_mut(PROBLEM_JSON), problem) {
        (Some(RefOr::T(content)), Some(RefOr::T(problem))) => {
            for (code, example) in problem.examples {
                content.examples.entry(code).or_insert(example);
            }
            let reason = known.description.split(": ").next().unwrap_or_default();
            known.description = description(reason, content.examples.keys());
        }
        (_, problem) => {
            let problem = problem.map(|problem| (PROBLEM_JSON.to_owned(), problem));
            known.content.extend(problem);
            known.description = format!("{}; {}", known.description, other.description);
        }
    }
}

/// Refers to the component instead of repeating its schema; true where it did.
pub(crate) fn refer(content: &mut Content, inline: &RefOr<Schema>) -> bool {
    let repeats = content.schema.as_ref() == Some(inline);
    if repeats {
        content.schema = Some(Ref::from_schema_name(Problem::name()).into());
    }
    repeats
}

/// The schema of a problem as the classic envelope.
pub(crate) fn classic_schema() -> RefOr<Schema> {
    let errors = ArrayBuilder::new()
        .items(Ref::from_schema_name(FieldError::name()))
        .description(Some("Each wrong place of the request."));
    let details = ObjectBuilder::new()
        .schema_type(Type::Object)
        .property("errors", errors)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)));
    let success = ObjectBuilder::new()
        .schema_type(Type::Boolean)
        .enum_values(Some([false]));
    let members = [
        (
            "error_code",
            "A stable, machine-readable name of the problem.",
        ),
        ("message", "What is wrong, in words."),
    ];
    let envelope = ObjectBuilder::new()
        .property("success", success)
        .property("details", details)
        .required("success")
        .required("details");
    members
        .into_iter()
        .fold(envelope, |envelope, (name, description)| {
            envelope.property(name, text(description)).required(name)
        })
        .into()
}
