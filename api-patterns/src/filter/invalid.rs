//! What is wrong with the filters of a request, gathered into one problem.

use crate::problem::{FieldError, Problem};
use crate::query::shorten;

/// Most mistakes that are told apart in one answer.
const MAX_REPORTED: usize = 20;

/// What is wrong with one parameter.
#[derive(Debug)]
pub(super) struct Invalid {
    code: &'static str,
    detail: String,
}

impl Invalid {
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
        }
    }
}

/// All mistakes of one request.
#[derive(Debug, Default)]
pub(super) struct Invalids {
    reported: Vec<(String, Invalid)>,
    count: usize,
}

impl Invalids {
    pub(super) fn add(&mut self, parameter: &str, invalid: Invalid) {
        self.count += 1;
        if self.reported.len() < MAX_REPORTED {
            self.reported
                .push((shorten(parameter).into_owned(), invalid));
        }
    }

    /// A 400 problem where there were mistakes.
    pub(super) fn into_result(self) -> Result<(), Problem> {
        let Some((parameter, first)) = self.reported.first() else {
            return Ok(());
        };
        let mut summary = format!("`{parameter}`: {}", first.detail);
        if self.count > 1 {
            summary = format!(
                "{} query parameters are invalid; the first is {summary}",
                self.count
            );
        }
        let errors = self.reported.into_iter().map(|(parameter, invalid)| {
            FieldError::parameter(parameter, invalid.detail).code(invalid.code)
        });
        Err(Problem::bad_request(summary)
            .code("invalid_parameter")
            .errors(errors))
    }
}
