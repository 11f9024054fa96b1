//! axum's own rejections as problems, so that `?` and `WithRejection` turn them into one.

use axum::extract::rejection::{
    BytesRejection, ExtensionRejection, FormRejection, JsonRejection, MatchedPathRejection,
    QueryRejection, RawFormRejection, RawPathParamsRejection, StringRejection,
};
use http::StatusCode;

use crate::problem::Problem;

macro_rules! rejections {
    ($($rejection:ident)*) => {$(
        impl From<$rejection> for Problem {
            fn from(rejection: $rejection) -> Self {
                let status = rejection.status();
                if status.is_server_error() {
                    return Self::new(status).source(rejection);
                }
                let problem = Self::new(status).detail(rejection.body_text());
                match status {
                    StatusCode::PAYLOAD_TOO_LARGE => problem
                        .code("payload_too_large")
                        .detail("the body is longer than this route allows"),
                    _ => problem,
                }
            }
        }
    )*};
}

rejections! {
    BytesRejection ExtensionRejection FormRejection JsonRejection MatchedPathRejection
    QueryRejection RawFormRejection RawPathParamsRejection StringRejection
}
