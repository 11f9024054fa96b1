//! [`Renderings`]: the media types of linked responses beside the plain one.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Response};
use utoipa::{Modify, ToSchema as _};

use super::operations_with_safety;
use super::rendered::Plain;
use super::schema::Schemas;
use crate::links::Rendering;
use crate::problem::Problem;
use crate::problem::openapi::{PROBLEM_JSON, inline_schema, refer, response};

const JSON: &str = "application/json";
/// How many renderings there are.
const ALL: usize = 5;

/// Describes `Linked<…>` responses, items and pages, in the renderings that a
/// [`LinksLayer`](crate::links::LinksLayer) offers: the media types with their schemas. Where there
/// is more than one, also the `Vary` header, and the 406 of safe methods.
///
/// In `modifiers(…)` it stands after [`LinkedOperations`](super::LinkedOperations) and `Paginated`,
/// which find responses by the plain schema, and before [`CommonProblems`](super::CommonProblems).
///
/// See the [module docs](super#example-links-between-operations) for an example.
#[derive(Clone, Copy, Debug)]
pub struct Renderings {
    offered: [Option<Rendering>; ALL],
}

impl Renderings {
    /// What goes to [`LinksLayer::offer`](crate::links::LinksLayer::offer), in the same order.
    ///
    /// # Panics
    /// When there is none, at compile time where the value is a constant.
    pub const fn new<const N: usize>(offered: [Rendering; N]) -> Self {
        assert!(N > 0, "at least one rendering has to be offered");
        let mut distinct = [None; ALL];
        let mut nth = 0;
        while nth < N {
            distinct = with(distinct, offered[nth]);
            nth += 1;
        }
        Self { offered: distinct }
    }

    /// Whether `Accept` decides.
    fn is_negotiated(&self) -> bool {
        self.served().count() > 1
    }

    /// The first of each media type, which is the one that is served.
    fn served(&self) -> impl Iterator<Item = Rendering> {
        let offered = self.offered.into_iter().flatten();
        offered.enumerate().filter_map(|(nth, rendering)| {
            let mut before = self.offered.into_iter().flatten().take(nth);
            let is_new = before.all(|other| other.media_type() != rendering.media_type());
            is_new.then_some(rendering)
        })
    }

    /// Describes the linked responses of an operation; true where there was one.
    fn describe(&self, operation: &mut Operation, schemas: &mut Schemas) -> bool {
        let mut found = false;
        let responses = operation.responses.responses.iter_mut();
        for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
            if let RefOr::T(response) = response
                && let Some(plain) = plain(response, schemas)
            {
                self.add(response, &plain, schemas);
                found = true;
            }
        }
        found
    }

    fn add(&self, response: &mut Response, plain: &Plain, schemas: &mut Schemas) {
        if self
            .served()
            .all(|rendering| rendering.media_type() != JSON)
        {
            response.content.shift_remove(JSON);
        }
        for rendering in self
            .served()
            .filter(|rendering| *rendering != Rendering::Plain)
        {
            let schema = Some(plain.rendered(rendering, schemas));
            let entry = response.content.entry(rendering.media_type().to_owned());
            match rendering {
                // The examples and the description of what is there stay.
                Rendering::Header => {
                    entry.and_modify(|content| {
                        if let RefOr::T(content) = content {
                            content.schema = schema;
                        }
                    });
                }
                _ => {
                    entry.or_insert_with(|| ContentBuilder::new().schema(schema).build().into());
                }
            }
        }
        if self.is_negotiated() {
            let entry = response.headers.entry("Vary".to_owned());
            entry.or_insert_with(|| vary().into());
        }
    }
}

const fn with(
    mut renderings: [Option<Rendering>; ALL],
    rendering: Rendering,
) -> [Option<Rendering>; ALL] {
    let mut nth = 0;
    while nth < ALL {
        match renderings[nth] {
            Some(found) if found as u8 == rendering as u8 => return renderings,
            Some(_) => nth += 1,
            None => {
                renderings[nth] = Some(rendering);
                return renderings;
            }
        }
    }
    renderings
}

/// What a response has in the plain rendering.
fn plain(response: &Response, schemas: &Schemas) -> Option<Plain> {
    match response.content.get(JSON)? {
        RefOr::T(content) => Plain::of(content.schema.as_ref()?, schemas),
        RefOr::Ref(_) => None,
    }
}

fn vary() -> utoipa::openapi::header::Header {
    let value = ObjectBuilder::new().schema_type(Type::String);
    HeaderBuilder::new()
        .schema(Some(value))
        .description(Some(
            "Names `Accept`, which chooses the rendering (RFC 9110 §12.5.5).",
        ))
        .build()
}

/// Adds the problem of a client that accepts none of the renderings.
fn refuse(operation: &mut Operation, schemas: &Schemas) {
    let responses = &mut operation.responses.responses;
    if responses.contains_key("406") || responses.contains_key("4XX") {
        return;
    }
    let mut response = response(406);
    if let Some(RefOr::T(content)) = response.content.get_mut(PROBLEM_JSON)
        && schemas.contains_key(&*Problem::name())
    {
        refer(content, &inline_schema());
    }
    responses.insert("406".to_owned(), response.into());
}

impl Modify for Renderings {
    fn modify(&self, openapi: &mut OpenApi) {
        let mut components = openapi.components.take();
        let mut none = Schemas::new();
        let schemas = match &mut components {
            Some(components) => &mut components.schemas,
            None => &mut none,
        };
        for item in openapi.paths.paths.values_mut() {
            for (is_safe, operation) in operations_with_safety(item) {
                if self.describe(operation, schemas) && self.is_negotiated() && is_safe {
                    refuse(operation, schemas);
                }
            }
        }
        openapi.components = components;
    }
}
