//! Many products in one request, over HTTP.

use api_patterns::bulk::{Bulk, BulkDelete, Deleted, MultiStatus, Update};
use api_patterns::conditional::Preconditions;
use api_patterns::links::Linked;
use api_patterns::patch::MergePatch;
use api_patterns::problem::Problem;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{NewProduct, Product};
use crate::app::Shop;
use crate::batch::Batch;
use crate::error::DatabaseFailed;
use crate::tx::Work;

/// Lines of one transaction. It holds a lock for each, and the database has room for some thousands.
const LINES: usize = 200;

/// Routes below `/api/v1`.
pub(super) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(add_all, change_all))
        .routes(routes!(remove_all))
}

/// Add several products
///
/// What is wrong with one of them does not stop the others; the answer tells of each. As lines
/// (`application/x-ndjson`) there may be any number of them; they are answered line by line, and
/// cannot be repeated under a key.
#[utoipa::path(post, path = "/products/bulk", operation_id = "add_products", tag = "products",
    params(Bulk<NewProduct>),
    request_body(content(
        (Bulk<NewProduct> = "application/json"),
        (NewProduct = "application/x-ndjson"),
    )),
    responses(
        (status = 207, description = "What became of each", content(
            (MultiStatus<Linked<Product>> = "application/json"),
            (String = "application/x-ndjson"),
        )),
        DatabaseFailed,
    ))]
async fn add_all(
    State(shop): State<Shop>,
    work: Work,
    batch: Batch<NewProduct>,
) -> Result<Response, Problem> {
    match batch {
        Batch::Items(items) => {
            let mut tx = work.begin().await?;
            let added = shop.products.create_all(&mut tx, items).await?;
            Ok(shown(added).into_response())
        }
        Batch::Lines(lines) => {
            let import = async move |items| shop.products.import(items).await.map(shown);
            Ok(lines.batch(LINES).run_batches(import).into_response())
        }
    }
}

/// Change several products
///
/// Each by a merge patch (RFC 7396), and each once. What is wrong with one of them does not stop the
/// others.
#[utoipa::path(patch, path = "/products/bulk", operation_id = "change_products", tag = "products",
    params(Bulk<Update<i64, MergePatch<Product>>>),
    request_body(content = Bulk<Update<i64, MergePatch<Product>>>,
        example = json!({ "items": [{ "id": 1, "data": { "name": "Tall Lamp" } }] })),
    responses(
        (status = 207, description = "What became of each", body = MultiStatus<Linked<Product>>),
        DatabaseFailed,
    ))]
async fn change_all(
    State(shop): State<Shop>,
    when: Preconditions,
    work: Work,
    Bulk(items): Bulk<Update<i64, MergePatch<Product>>>,
) -> Result<MultiStatus<Linked<Product>>, Problem> {
    unconditional(&when)?;
    let mut tx = work.begin().await?;
    let changed = shop.products.update_all(&mut tx, items).await?;
    Ok(shown(changed))
}

/// Delete several products
///
/// Those that are not there are told; in the end none of them is.
#[utoipa::path(post, path = "/products/bulk-delete", operation_id = "delete_products",
    tag = "products",
    params(BulkDelete<i64>),
    request_body(content = BulkDelete<i64>, example = json!({ "ids": [2, 3] })),
    responses(
        (status = 207, description = "What became of them", body = Deleted<i64>),
        DatabaseFailed,
    ))]
async fn remove_all(
    State(shop): State<Shop>,
    when: Preconditions,
    work: Work,
    ids: BulkDelete<i64>,
) -> Result<Deleted<i64>, Problem> {
    unconditional(&when)?;
    let mut tx = work.begin().await?;
    shop.products.delete_all(&mut tx, ids).await
}

/// Refuses a precondition: a tag is that of one product, and each would have to have its own.
fn unconditional(when: &Preconditions) -> Result<(), Problem> {
    if !when.is_conditional() {
        return Ok(());
    }
    let detail = "a precondition is about one product; send it with a request about that product";
    Err(Problem::bad_request(detail).code("precondition_not_taken"))
}

/// The products as a client sees them.
fn shown(products: MultiStatus<Product>) -> MultiStatus<Linked<Product>> {
    products
        .tagged(Product::tag)
        .map(Linked)
        .located(Linked::location)
}
