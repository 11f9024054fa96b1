//! What can go wrong in the shop, and what its clients are told.

use api_patterns::problem::Problem;

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
    #[error("the database is busy")]
    #[problem(status = 503, code = "busy")]
    Busy(#[source] sqlx::Error),
    #[error("the database failed")]
    #[problem(status = 500, code = "database")]
    Database(#[source] sqlx::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Serialization failure and deadlock: the same statement may succeed the next time.
        const AGAIN: [&str; 2] = ["40001", "40P01"];
        let state = error.as_database_error().and_then(|error| error.code());
        let again = state.is_some_and(|state| AGAIN.contains(&&*state));
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy(error),
            _ if again => Self::Busy(error),
            _ => Self::Database(error),
        }
    }
}
