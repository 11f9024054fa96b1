//! What `#[derive(Problem)]` calls.

use http::StatusCode;

use super::Problem;

/// A problem of a status that the derive has checked.
pub fn problem(status: u16) -> Problem {
    Problem::new(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
}
