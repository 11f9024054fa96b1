//! What the shop says of itself: `GET /openapi.json`.
//!
//! Each handler is described where it stands, and the router is made from the same lines as the
//! document, so no route is left out. This is what they have in common.

use std::sync::Arc;

use api_patterns::conditional::{ETag, Preconditions};
use api_patterns::idempotency::IdempotentOperations;
use api_patterns::links::Rendering;
use api_patterns::openapi::{CommonProblems, LinkedOperations, Paginated, Renderings};
use api_patterns::pagination::Pagination;
use api_patterns::problem::Problem;
use api_patterns::proxy::BaseUrl;
use axum::Router;
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::response::Response as Answer;
use axum::routing::get;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::openapi::{OpenApi as Document, RefOr, Response, Server};
use utoipa::{Modify as _, OpenApi};

use crate::categories::Category;
use crate::events::Event;
use crate::images::Image;
use crate::links::Root;
use crate::products::Product;
use crate::reviews::Review;

/// Where the document is.
pub(crate) const PATH: &str = "/openapi.json";

/// What `Accept` chooses from.
pub(crate) const RENDERINGS: [Rendering; 4] = [
    Rendering::Plain,
    Rendering::Hal,
    Rendering::HalForms,
    Rendering::JsonApi,
];

const LINKS: LinkedOperations = LinkedOperations::new()
    .of::<Root>()
    .of::<Product>()
    .of::<Review>()
    .of::<Image>()
    .of::<Category>()
    .of::<Event>();

/// Stands in the document for the place of the service.
const SERVER: &str = "\"{server}\"";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Shop",
        description = "Products and events, and everything around them.\n\n\
            * Whatever goes wrong is told as problem details (RFC 9457), whose `code` does not \
            change. A body that is not valid is a 422 `invalid_body` with each mistake in \
            `errors`.\n\
            * Lists come in pages. Where to go on is in the page and in the `Link` header.\n\
            * Times are RFC 3339, in UTC, to the microsecond.",
        contact(name = "The maintainers of api-patterns")
    ),
    security(()),
    tags(
        (name = "root", description = "Where everything begins."),
        (name = "products", description = "The catalogue."),
        (name = "reviews", description = "What buyers say about a product."),
        (name = "images", description = "Pictures of a product."),
        (name = "categories", description = "Where products belong."),
        (name = "events", description = "What happened in the shop, and around it."),
        (name = "operations", description = "For those who run the service."),
    )
)]
struct Shop;

/// What is said of the service as a whole.
pub(crate) fn introduction() -> Document {
    Shop::openapi()
}

/// Serves the description of the routes. It names the place of the service as links do.
pub(crate) fn router<S>(mut document: Document, pagination: &Pagination, base: BaseUrl) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    complete(&mut document, pagination);
    let document = Arc::new(Text::new(document));
    let serve = async move |request: Request| document.serve(&base.resolve(&request), &request);
    Router::new().route(PATH, get(serve))
}

/// Adds what follows from the operations.
fn complete(document: &mut Document, pagination: &Pagination) {
    Paginated::new().settings(pagination).modify(document);
    LINKS.modify(document);
    Renderings::new(RENDERINGS).modify(document);
    IdempotentOperations::new().modify(document);
    // Requests that take too long are cut off, whatever they ask for.
    CommonProblems::new().everywhere(503).modify(document);
    limit_addresses(document);
}

/// The server refuses addresses that are longer before any route sees them, and without a problem.
fn limit_addresses(document: &mut Document) {
    let items = document.paths.paths.values_mut();
    let reading = items.filter_map(|item| item.get.as_mut());
    let is_query = |parameter: &RefOr<Parameter>| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => false,
    };
    for operation in reading.filter(|one| one.parameters.iter().flatten().any(is_query)) {
        let refusal = Response::new("The address is longer than 64 KiB");
        let responses = &mut operation.responses.responses;
        responses.insert("414".to_owned(), refusal.into());
    }
}

/// The document as it is sent, written once.
#[derive(Debug)]
struct Text {
    before_server: String,
    after_server: String,
}

impl Text {
    fn new(mut document: Document) -> Self {
        document.servers = Some(vec![Server::new(SERVER.trim_matches('"'))]);
        let text = document.to_json().expect("a document is JSON");
        let (before, after) = text.split_once(SERVER).expect("it names the server");
        Self {
            before_server: before.to_owned(),
            after_server: after.to_owned(),
        }
    }

    fn serve(&self, base: &str, request: &Request) -> Result<Answer, Problem> {
        let server = if base.is_empty() { "/" } else { base };
        let server = serde_json::Value::from(server);
        let text = format!("{}{server}{}", self.before_server, self.after_server);
        let headers = [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-cache"),
            (VARY, "accept-encoding"),
        ];
        // Weak: the same text may be sent compressed.
        let tag = ETag::of(&text).weakened();
        let when = Preconditions::parse(request.method(), request.headers())?;
        Ok(when.respond(tag, (headers, text)))
    }
}

#[cfg(test)]
mod tests {
    use api_patterns::links::LinksLayer;
    use api_patterns::pagination::Pagination;

    use super::{LINKS, complete};
    use crate::app::described;

    #[test]
    fn links_lead_to_documented_operations() {
        let mut document = described(Pagination::plain(), LinksLayer::new()).into_openapi();
        complete(&mut document, &Pagination::plain());
        let dangling = LINKS.dangling(&document);
        // Those two are about the document and not in it.
        let [json, page] = &dangling[..] else {
            panic!("{dangling:?}");
        };
        assert!(json.contains("`service-desc`") && json.contains("GET /openapi.json"));
        assert!(page.contains("`service-doc`") && page.contains("GET /docs"));
        let shown = &document.paths.paths["/api/v1/products/{id}"];
        let shown = serde_json::to_value(shown).expect("an object");
        let links = &shown["get"]["responses"]["200"]["links"];
        assert_eq!(links["reviews"]["operationId"], "list_reviews", "{links}");
    }
}
