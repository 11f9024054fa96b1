//! The catalogue over HTTP.

use api_patterns::conditional::{Preconditions, ReadPreconditions, Validators, WritePreconditions};
use api_patterns::filter::Filters;
use api_patterns::links::{Linked, LinkedWith, PropertyKind};
use api_patterns::pagination::{CursorPage, PageRequest};
use api_patterns::patch::{AcceptPatch, JsonPatch, PatchRequest};
use api_patterns::problem::{Json, Path, Problem, Valid};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bulk;
use super::model::{NewProduct, Product, ProductPatch};
use crate::app::Shop;
use crate::error::{DatabaseFailed, NoProduct, NotAdded, NotChanged};
use crate::links::{BASE, create, create_many, search, up};
use crate::tx::Work;

/// Routes below `/api/v1`.
pub(crate) fn router() -> OpenApiRouter<Shop> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(show, change, remove))
        .merge(bulk::router())
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
        .link(create_many("/api/v1/products/bulk"))
        .link(up(BASE)))
}

/// Show a product
///
/// With links to its category, its reviews and its images.
#[utoipa::path(get, path = "/products/{id}", operation_id = "show_product", tag = "products",
    params(("id" = i64, Path, description = "The product's id."), ReadPreconditions),
    responses(
        (status = 200, description = "The product", body = Linked<Product>,
            headers(
                ("ETag" = String, description = "Its state, for `If-Match` and `If-None-Match`."),
                ("Accept-Patch" = String, description = "The types of patches that it takes."),
                ("Link" = String, description = "Its links (RFC 8288)."),
            )),
        ReadPreconditions,
        NoProduct,
    ))]
async fn show(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
    when: Preconditions,
) -> Result<Response, Problem> {
    let product = shop.products.get(id).await?;
    let answer = when.respond(product.tag(), Linked(product));
    Ok((AcceptPatch::of::<Product>(), answer).into_response())
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
                ("ETag" = String, description = "Its state, for `If-Match` and `If-None-Match`."),
                ("Link" = String, description = "Its links (RFC 8288)."),
            )),
        NotAdded,
    ))]
async fn add(
    State(shop): State<Shop>,
    work: Work,
    Valid(Json(product)): Valid<Json<NewProduct>>,
) -> Result<Response, Problem> {
    let mut tx = work.begin().await?;
    let product = shop.products.create(&mut tx, product).await?;
    Ok(Validators::from(product.tag()).describe(Linked(product).created()))
}

/// Change a product
///
/// By a merge patch (RFC 7396), in which null removes what may be missing, or by a JSON Patch
/// (RFC 6902). With `If-Match` only as the client has seen it; without, on top of what others do at
/// the same time.
#[utoipa::path(patch, path = "/products/{id}", operation_id = "change_product", tag = "products",
    params(
        ("id" = i64, Path, description = "The product's id."),
        WritePreconditions,
    ),
    request_body(content(
        (ProductPatch = "application/merge-patch+json", example = json!({ "name": "Tall Lamp" })),
        (JsonPatch<Product> = "application/json-patch+json",
            example = json!([{ "op": "replace", "path": "/name", "value": "Tall Lamp" }])),
        (ProductPatch = "application/json", example = json!({ "rating": null })),
    )),
    responses(
        (status = 200, description = "The product as it is now", body = Linked<Product>,
            headers(
                ("ETag" = String, description = "Its state, for `If-Match` and `If-None-Match`."),
                ("Link" = String, description = "Its links (RFC 8288)."),
            )),
        WritePreconditions,
        NotChanged,
    ))]
async fn change(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
    when: Preconditions,
    work: Work,
    patch: PatchRequest<Product>,
) -> Result<Response, Problem> {
    let mut tx = work.begin().await?;
    let change = |product: &Product| {
        when.check(product.tag())?;
        patch.changes(product)
    };
    let product = shop.products.update(&mut tx, id, change).await?;
    Ok(when.respond(product.tag(), Linked(product)))
}

/// Delete a product
///
/// With its reviews and its images. With `If-Match` only as the client has seen it.
#[utoipa::path(delete, path = "/products/{id}", operation_id = "delete_product", tag = "products",
    params(("id" = i64, Path, description = "The product's id."), WritePreconditions),
    responses(
        (status = 204, description = "It is gone"),
        WritePreconditions,
        NoProduct,
    ))]
async fn remove(
    State(shop): State<Shop>,
    Path(id): Path<i64>,
    when: Preconditions,
) -> Result<StatusCode, Problem> {
    shop.products.delete(id, &when).await?;
    Ok(StatusCode::NO_CONTENT)
}
