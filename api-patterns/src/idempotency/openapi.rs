//! Keys in an OpenAPI document: the header field, and the answers that it brings about.

use std::time::Duration;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Header, HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Required, Response};
use utoipa::{IntoParams, IntoResponses, Modify};

use super::IdempotencyKey;
use crate::problem::derived::{Case, responses};
use crate::problem::openapi::merge;

const NAME: &str = "Idempotency-Key";
/// Bare, or in quotes, where a quote and a backslash have one in front of them.
const KEYS: &str = r#"^([!#-+\--:<-~]{1,255}|"([!#-\[\]-~]|\\["\\]){1,255}")$"#;

type Responses = std::collections::BTreeMap<String, RefOr<Response>>;

/// The field, not required, for a layer with the default settings.
///
/// # Example
/// ```
/// use api_patterns::idempotency::IdempotencyKey;
///
/// #[utoipa::path(post, path = "/orders", params(IdempotencyKey),
///     responses((status = 201), IdempotencyKey))]
/// async fn order() {}
///
/// #[derive(utoipa::OpenApi)]
/// #[openapi(paths(order))]
/// struct Api;
///
/// let document = serde_json::to_value(<Api as utoipa::OpenApi>::openapi())?;
/// let order = &document["paths"]["/orders"]["post"];
/// assert_eq!(order["parameters"][0]["name"], "Idempotency-Key");
/// assert!(order["responses"]["409"]["headers"]["Retry-After"].is_object());
/// # Ok::<(), serde_json::Error>(())
/// ```
impl IntoParams for IdempotencyKey {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        vec![IdempotentOperations::new().parameter()]
    }
}

/// What the layer answers with: 400, 409, 422 and 503. A response of the same status that is named
/// later takes the place of one of these; [`IdempotentOperations`] adds to it.
impl IntoResponses for IdempotencyKey {
    fn responses() -> Responses {
        IdempotentOperations::new().responses()
    }
}

/// Adds the field, and the answers of the layer, to every `POST` and `PATCH` of a document.
///
/// A parameter of the operation's own stays as it is; to a response of its own the codes of the
/// layer are added. Successes get `Idempotency-Replayed`.
///
/// # Example
/// ```
/// use api_patterns::idempotency::IdempotentOperations;
/// use utoipa::OpenApi;
///
/// #[utoipa::path(post, path = "/orders", responses((status = 201, description = "Ordered")))]
/// async fn order() {}
///
/// const KEYS: IdempotentOperations = IdempotentOperations::new().required();
///
/// #[derive(OpenApi)]
/// #[openapi(paths(order), modifiers(&KEYS))]
/// struct Api;
///
/// let document = serde_json::to_value(Api::openapi())?;
/// let order = &document["paths"]["/orders"]["post"];
/// assert_eq!(order["parameters"][0]["required"], true);
/// assert!(order["responses"]["201"]["headers"]["Idempotency-Replayed"].is_object());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct IdempotentOperations {
    required: bool,
    keep: Duration,
}

impl Default for IdempotentOperations {
    fn default() -> Self {
        Self::new()
    }
}

impl IdempotentOperations {
    /// For a layer with the default settings.
    pub const fn new() -> Self {
        Self {
            required: false,
            keep: Duration::from_secs(24 * 60 * 60),
        }
    }

    /// For a layer that is [`required`](super::IdempotencyLayer::required). Default: it is not.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// How long answers are kept, as the layer's [`keep`](super::IdempotencyLayer::keep): clients
    /// have to know it. Default: 24 hours.
    #[must_use]
    pub const fn keep(mut self, keep: Duration) -> Self {
        self.keep = keep;
        self
    }

    fn parameter(&self) -> Parameter {
        let description = format!(
            "A name for this request, such as a UUID, bare or in double quotes. The same request \
             with the same key has its effect once: copies get the answer of the first, which is \
             kept for {}.",
            in_words(self.keep)
        );
        let schema = ObjectBuilder::new()
            .schema_type(Type::String)
            .min_length(Some(1))
            .max_length(Some(512))
            .pattern(Some(KEYS));
        let required = match self.required {
            true => Required::True,
            false => Required::False,
        };
        ParameterBuilder::new()
            .name(NAME)
            .parameter_in(ParameterIn::Header)
            .required(required)
            .description(Some(description))
            .schema(Some(schema))
            .build()
    }

    fn responses(&self) -> Responses {
        let cases = CASES
            .iter()
            .filter(|case| self.required || case.code != Some(MISSING));
        let cases: Vec<_> = cases.copied().collect();
        let mut responses = responses(&cases, []);
        if let Some(RefOr::T(conflict)) = responses.get_mut("409") {
            let when = header("When to repeat a request whose first copy is at work, in seconds.");
            conflict
                .headers
                .insert("Retry-After".to_owned(), RefOr::T(when));
        }
        responses
    }

    fn describe(&self, operation: &mut Operation) {
        let parameters = operation.parameters.get_or_insert_default();
        let is_there = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(parameter) if parameter.name.eq_ignore_ascii_case(NAME));
        if !parameters.iter().any(is_there) {
            parameters.push(RefOr::T(self.parameter()));
        }
        let known = &mut operation.responses.responses;
        for (status, response) in known.iter_mut() {
            if let (true, RefOr::T(response)) = (status.starts_with('2'), response) {
                let replayed = header("`true` where this is the answer to an earlier copy.");
                let entry = response.headers.entry("Idempotency-Replayed".to_owned());
                entry.or_insert(RefOr::T(replayed));
            }
        }
        for (status, response) in self.responses() {
            match known.get_mut(&status) {
                Some(own) => merge(own, response),
                None => drop(known.insert(status, response)),
            }
        }
    }
}

impl Modify for IdempotentOperations {
    fn modify(&self, openapi: &mut OpenApi) {
        for item in openapi.paths.paths.values_mut() {
            let covered = [&mut item.post, &mut item.patch];
            for operation in covered.into_iter().flatten() {
                self.describe(operation);
            }
        }
    }
}

const MISSING: &str = "idempotency_key_missing";

const CASES: [Case; 8] = [
    case(400, "invalid_idempotency_key", "The key is no key."),
    case(400, MISSING, "There is no key."),
    case(
        409,
        "idempotency_in_flight",
        "The first copy is still at work.",
    ),
    case(
        409,
        "idempotency_answer_not_kept",
        "The request was carried out, but its answer is gone.",
    ),
    case(
        409,
        "idempotency_reservation_lost",
        "Another copy has taken the place of this one.",
    ),
    case(
        422,
        "idempotency_key_reused",
        "The key belongs to another request.",
    ),
    case(
        503,
        "idempotency_unavailable",
        "Whether there was a copy cannot be told at the moment.",
    ),
    case(
        413,
        "payload_too_large",
        "The body is too long for a request with a key.",
    ),
];

const fn case(status: u16, code: &'static str, summary: &'static str) -> Case {
    Case {
        status,
        type_uri: None,
        title: None,
        code: Some(code),
        detail: None,
        summary: Some(summary),
    }
}

fn header(description: &str) -> Header {
    let text = ObjectBuilder::new().schema_type(Type::String);
    let header = HeaderBuilder::new().schema(Some(text));
    header.description(Some(description)).build()
}

fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (number, unit) = match seconds {
        _ if seconds.is_multiple_of(3600) => (seconds / 3600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    match number {
        1 => format!("1 {unit}"),
        _ => format!("{number} {unit}s"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::in_words;

    #[test]
    fn times_are_told_in_the_longest_unit_that_fits() {
        let cases = [
            (86_400, "24 hours"),
            (3600, "1 hour"),
            (5400, "90 minutes"),
            (61, "61 seconds"),
        ];
        for (seconds, words) in cases {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
