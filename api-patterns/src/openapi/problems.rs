//! [`CommonProblems`]: the problems that follow from what an operation takes.

use std::collections::BTreeMap;

use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ComponentsBuilder, OpenApi, RefOr, Response};
use utoipa::{IntoResponses, Modify, PartialSchema, ToSchema};

use super::operations;
use crate::problem::openapi::{PROBLEM_JSON, classic_schema, inline_schema, refer, response};
use crate::problem::{FieldError, Problem};

/// Most statuses that can be added by choice.
const MOST: usize = 8;

/// Adds the problem responses that follow from what an operation takes, unless it has them.
///
/// | status | where |
/// | --- | --- |
/// | 400 | there are parameters or a body |
/// | 404 | the path has parameters |
/// | 413, 415, 422 | there is a body |
/// | 500 | everywhere |
///
/// Each can be left out with [`without`](Self::without); others are added with
/// [`everywhere`](Self::everywhere). A response of the operation's own stays as it is, and so does
/// one for the whole class (`4XX`).
///
/// It also makes the schema of problems one component, which the responses refer to.
///
/// See the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct CommonProblems {
    everywhere: [u16; MOST],
    without: [u16; MOST],
    fallback: bool,
    classic: bool,
}

impl Default for CommonProblems {
    fn default() -> Self {
        Self::new()
    }
}

impl CommonProblems {
    /// The statuses of the table.
    pub const fn new() -> Self {
        Self {
            everywhere: [0; MOST],
            without: [0; MOST],
            fallback: false,
            classic: false,
        }
    }

    /// Every operation may answer with this status: 401, 406, 429, 503. Default: 500.
    ///
    /// # Panics
    /// When it is not 400 to 599, or the ninth.
    #[must_use]
    pub const fn everywhere(mut self, status: u16) -> Self {
        self.everywhere = added(self.everywhere, status);
        self
    }

    /// No operation gets this status from here. Default: none is left out.
    ///
    /// # Panics
    /// When it is not 400 to 599, or the ninth.
    #[must_use]
    pub const fn without(mut self, status: u16) -> Self {
        self.without = added(self.without, status);
        self
    }

    /// Adds a `default` response, for statuses that the document does not name. Default: none.
    #[must_use]
    pub const fn fallback(mut self) -> Self {
        self.fallback = true;
        self
    }

    /// Describes problems in the form of
    /// [`ProblemLayer::classic`](crate::problem::ProblemLayer::classic). Default: RFC 9457.
    #[must_use]
    pub const fn classic(mut self) -> Self {
        self.classic = true;
        self
    }

    fn add(&self, operation: &mut Operation, path_has: Takes) {
        let takes = Takes::of(operation).or(path_has);
        let by_table = [
            (400, takes.parameters || takes.body),
            (404, takes.path),
            (413, takes.body),
            (415, takes.body),
            (422, takes.body),
            (500, true),
        ];
        let by_table = by_table.into_iter().filter(|(_, holds)| *holds);
        let by_choice = self.everywhere.into_iter().filter(|status| *status > 0);
        let statuses = by_table.map(|(status, _)| status).chain(by_choice);
        let responses = &mut operation.responses.responses;
        for status in statuses.filter(|status| !self.without.contains(status)) {
            let class = format!("{}XX", status / 100);
            if !responses.contains_key(&class) {
                let entry = responses.entry(status.to_string());
                entry.or_insert_with(|| response(status).into());
            }
        }
        if self.fallback {
            for (status, response) in Problem::responses() {
                responses.entry(status).or_insert(response);
            }
        }
    }
}

const fn added(mut statuses: [u16; MOST], status: u16) -> [u16; MOST] {
    assert!(
        matches!(status, 400..=599),
        "a problem has a status from 400 to 599"
    );
    let mut nth = 0;
    while nth < MOST && statuses[nth] > 0 {
        nth += 1;
    }
    assert!(nth < MOST, "at most 8 statuses");
    statuses[nth] = status;
    statuses
}

/// What a request of an operation may carry.
#[derive(Clone, Copy, Debug, Default)]
struct Takes {
    path: bool,
    parameters: bool,
    body: bool,
}

impl Takes {
    fn of(operation: &Operation) -> Self {
        let parameters = operation.parameters.iter().flatten();
        Self {
            body: operation.request_body.is_some(),
            ..Self::parameters(parameters)
        }
    }

    fn of_path(path: &str, item: &PathItem) -> Self {
        Self {
            path: path.contains('{'),
            ..Self::parameters(item.parameters.iter().flatten())
        }
    }

    fn parameters<'a>(
        parameters: impl Iterator<Item = &'a RefOr<utoipa::openapi::path::Parameter>>,
    ) -> Self {
        let mut takes = Self::default();
        for parameter in parameters {
            takes.parameters = true;
            takes.path |= matches!(
                parameter,
                RefOr::T(parameter) if parameter.parameter_in == ParameterIn::Path
            );
        }
        takes
    }

    fn or(self, other: Self) -> Self {
        Self {
            path: self.path || other.path,
            parameters: self.parameters || other.parameters,
            body: self.body || other.body,
        }
    }
}

impl Modify for CommonProblems {
    fn modify(&self, openapi: &mut OpenApi) {
        let inline = inline_schema();
        let mut referred = false;
        for (path, item) in &mut openapi.paths.paths {
            let path_has = Takes::of_path(path, item);
            for operation in operations(item) {
                self.add(operation, path_has);
                referred |= point(&mut operation.responses.responses, &inline);
                if self.classic {
                    rewrite(&mut operation.responses.responses);
                }
            }
        }
        if referred {
            let mut components = openapi.components.take().unwrap_or_default();
            self.gather(&mut components.schemas);
            openapi.components = Some(ComponentsBuilder::from(components).build());
        }
    }
}

impl CommonProblems {
    fn gather(&self, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
        let mut add = |name: &str, schema| drop(schemas.insert(name.to_owned(), schema));
        add(&FieldError::name(), FieldError::schema());
        match self.classic {
            true => add(&Problem::name(), classic_schema()),
            false => add(&Problem::name(), Problem::schema()),
        }
    }
}

/// Makes the responses refer to the component; true where one did.
fn point(responses: &mut BTreeMap<String, RefOr<Response>>, inline: &RefOr<Schema>) -> bool {
    let mut referred = false;
    for response in responses.values_mut() {
        if let RefOr::T(response) = response
            && let Some(RefOr::T(content)) = response.content.get_mut(PROBLEM_JSON)
        {
            referred |= refer(content, inline);
        }
    }
    referred
}

/// The classic envelope goes as plain JSON, and its examples would be others.
fn rewrite(responses: &mut BTreeMap<String, RefOr<Response>>) {
    for response in responses.values_mut() {
        if let RefOr::T(response) = response
            && let Some(mut content) = response.content.swap_remove(PROBLEM_JSON)
        {
            if let RefOr::T(content) = &mut content {
                content.examples.clear();
            }
            response
                .content
                .insert("application/json".to_owned(), content);
        }
    }
}
