//! The catalogue over HTTP.

use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith, PropertyKind};
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{NewProduct, Product};
use crate::app::Shop;
use crate::bulk::{Items, NoParameters, Outcome};
use crate::error::{DatabaseFailed, NoProduct, NotAdded};
use crate::links::{BASE, create, search, up};

/// Routes below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(add_all))
        .routes(routes!(show))
}

/// List products
///
/// Newest first, unless `sort` says otherwise. Filters go together: a product passes all of them.
#[utoipa::path(get, path = "/products", operation_id = "list_products", tag = "products",
    params(PageRequest<Product>, Filters<Product>),
    responses(
        (status = 200, description = "A page of products", body = Linked<CursorPage<Product>>),
        DatabaseFailed,
    ))]
async fn list(
    State(shop): State<Shop>,
    page: PageRequest<Product>,
    filters: Filters<Product>,
) -> Result<LinkedWith<CursorPage<Product>>, Problem> {
    let page = shop.products.list(page, filters).await?;
    Ok(Linked(page)
        .link(search::<Product>("/api/v1/products"))
        .link(
            create("/api/v1/products")
                .field("sku", PropertyKind::Text, true)
                .field("name", PropertyKind::Text, true)
                .field("description", PropertyKind::Text, false)
                .field("price_cents", PropertyKind::Number, true)
                .field("category_id", PropertyKind::Number, false)
                .field("rating", PropertyKind::Number, false)
                .field("active", PropertyKind::Checkbox, false),
        )
        .link(up(BASE)))
}

/// Show a product
///
/// With links to its category, its reviews and its images.
#[utoipa::path(get, path = "/products/{id}", operation_id = "show_product", tag = "products",
    params(("id" = i64, Path, description = "The product's id.")),
    responses(
        (status = 200, description = "The product", body = Linked<Product>,
            headers(("Link" = String, description = "Its links (RFC 8288)."))),
        NoProduct,
    ))]
async fn show(State(shop): State<Shop>, Path(id): Path<i64>) -> Result<Linked<Product>, Problem> {
    Ok(Linked(shop.products.get(id).await?))
}

/// Add a product
///
/// Its `sku` must be free. Without a category it goes to the one that every shop has.
#[utoipa::path(post, path = "/products", operation_id = "add_product", tag = "products",
    request_body = NewProduct,
    responses(
        (status = 201, description = "The product as it was added", body = Linked<Product>,
            headers(
                ("Location" = String, description = "Where it is."),
                ("Link" = String, description = "Its links (RFC 8288)."),
            )),
        NotAdded,
    ))]
async fn add(
    State(shop): State<Shop>,
    Valid(Json(product)): Valid<Json<NewProduct>>,
) -> Result<LinkedWith<Product>, Problem> {
    Ok(Linked(shop.products.create(&product).await?).created())
}

/// Add several products
///
/// What is wrong with one of them does not stop the others; the answer tells of each.
#[utoipa::path(post, path = "/products/bulk", operation_id = "add_products", tag = "products",
    request_body = Items<NewProduct>,
    responses(
        (status = 207, description = "What became of each", body = Outcome<Linked<Product>>),
        DatabaseFailed,
    ))]
async fn add_all(
    State(shop): State<Shop>,
    _: NoParameters,
    Valid(Json(items)): Valid<Json<Items<NewProduct>>>,
) -> Result<Outcome<Linked<Product>>, Problem> {
    let outcome = shop.products.create_all(items.parse()).await?;
    Ok(outcome.map(Linked))
}
