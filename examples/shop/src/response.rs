//! Answers that several resources give.

use axum::http::{StatusCode, header::LOCATION};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::links::{HasLinks, Linked};

/// 201 with the new item and its `Location`.
pub(crate) struct Created<T>(pub(crate) T);

impl<T: HasLinks + Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        let location = [(LOCATION, self.0.href())];
        (
            StatusCode::CREATED,
            location,
            axum::Json(Linked::new(self.0)),
        )
            .into_response()
    }
}
