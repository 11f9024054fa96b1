//! What can go wrong in the shop, and what its clients are told.

use std::collections::BTreeMap;

use api_patterns::problem::Problem;
use sqlx::error::ErrorKind;
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

/// Everything that a service can answer with but success.
#[derive(Debug, thiserror::Error, Problem)]
pub(crate) enum Error {
    #[error("there is no product {0}")]
    #[problem(status = 404, code = "product_not_found")]
    NoProduct(i64),
    #[error("product {product_id} has no review {id}")]
    #[problem(status = 404, code = "review_not_found")]
    NoReview { product_id: i64, id: i64 },
    #[error("product {product_id} has no image {id}")]
    #[problem(status = 404, code = "image_not_found")]
    NoImage { product_id: i64, id: i64 },
    #[error("there is no category {0}")]
    #[problem(status = 404, code = "category_not_found")]
    NoCategory(i64),
    #[error("there is no event {0}")]
    #[problem(status = 404, code = "event_not_found")]
    NoEvent(i64),
    #[error("`category_id` names the category {0}, which does not exist")]
    #[problem(status = 422, code = "unknown_category")]
    UnknownCategory(i64),
    #[error("the SKU `{0}` is taken")]
    #[problem(status = 409, code = "sku_taken")]
    SkuTaken(String),
    #[error("product {0} is being changed by too many at once")]
    #[problem(status = 503, code = "contended")]
    Contended(i64),
    #[error("the database is busy")]
    #[problem(status = 503, code = "busy")]
    Busy(#[source] sqlx::Error),
    #[error("the database failed")]
    #[problem(status = 500, code = "database")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Serialization failure, deadlock and no room for another lock on PostgreSQL, another writer
        // for too long on SQLite: the same statement may succeed the next time.
        const AGAIN: [&str; 5] = ["40001", "40P01", "53200", "5", "517"];
        let state = error.as_database_error().and_then(|error| error.code());
        let again = state.is_some_and(|state| AGAIN.contains(&&*state));
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            _ if again => Self::Busy(error),
            _ => Self::Database(error),
        }
    }
}

/// The rule of the schema that a statement broke, if that is why it failed.
pub(crate) fn violation(error: &sqlx::Error) -> Option<ErrorKind> {
    Some(error.as_database_error()?.kind())
}

/// Names some of the errors, for the description of operations that end with no others. Every
/// operation on the database may fail with `busy` and `database`.
macro_rules! some_errors {
    ($($name:ident: $($code:literal),*;)*) => {$(
        pub(crate) enum $name {}

        impl IntoResponses for $name {
            fn responses() -> Responses {
                with_codes(&["busy", "database", $($code),*])
            }
        }
    )*};
}

some_errors! {
    DatabaseFailed: ;
    NoProduct: "product_not_found";
    NoReview: "review_not_found";
    NoImage: "image_not_found";
    NoCategory: "category_not_found";
    NoEvent: "event_not_found";
    NotAdded: "unknown_category", "sku_taken";
    NotChanged: "product_not_found", "unknown_category", "sku_taken", "contended";
}

type Responses = BTreeMap<String, RefOr<Response>>;

/// The responses of [`Error`] as far as they have one of these codes.
fn with_codes(codes: &[&str]) -> Responses {
    let mut responses = Error::responses();
    responses.retain(|status, response| match response {
        RefOr::T(response) => narrow(status, response, codes),
        RefOr::Ref(_) => true,
    });
    responses
}

/// Leaves an example of each of these codes; false where there is none.
fn narrow(status: &str, response: &mut Response, codes: &[&str]) -> bool {
    let mut left = Vec::new();
    for content in response.content.values_mut() {
        if let RefOr::T(content) = content {
            let examples = &mut content.examples;
            examples.retain(|code, _| codes.contains(&code.as_str()));
            left.extend(examples.keys().map(|code| format!("`{code}`")));
        }
    }
    let has_any = !left.is_empty();
    // Whoever looks at what a body names has found it valid before.
    if status == "422" {
        left.push("`invalid_body`".to_owned());
    }
    let reason = response.description.split(':').next().unwrap_or_default();
    response.description = format!("{reason}: {}", left.join(", "));
    has_any
}
