//! Single items.

use api_patterns::links::{Link, Linked, Links, Rendering};
use axum::Router;
use axum::extract::Path;
use axum::response::IntoResponse;
use axum::routing::{get as on_get, post};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use super::{get, header, only, product, send};

fn app() -> Router {
    Router::new().route(
        "/api/products/{id}",
        on_get(async |Path(id): Path<i64>| Linked(product(id))),
    )
}

#[tokio::test]
async fn plain_links_stand_in_the_item_by_default() {
    let (status, headers, body) = get(&app(), "/api/products/1", &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(header(&headers, "content-type"), "application/json");
    assert_eq!(header(&headers, "vary"), "", "nothing was negotiated");
    let own = "/api/products/1";
    let expected = json!({
        "id": 1, "name": "Product 1", "price_cents": 100, "category": "a/b?c#d é", "images": [0],
        "links": [
            {"href": own, "rel": "self", "method": "GET"},
            {"href": own, "rel": "update", "method": "PATCH"},
            {"href": own, "rel": "delete", "method": "DELETE", "title": "Delete it"},
            {"href": "/api/products/1/reviews", "rel": "reviews", "method": "GET"},
            {"href": "/api/categories/a%2Fb%3Fc%23d%20%C3%A9", "rel": "category", "method": "GET"},
            {"href": "/api/products{?q,page}", "rel": "search", "method": "GET",
             "templated": true, "title": "Finde \"Äpfel\""},
            {"href": "/api/products/1/images/0", "rel": "enclosure", "method": "GET",
             "type": "image/png"},
        ],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn links_are_left_out_where_their_condition_or_a_value_is_missing() {
    #[derive(Serialize, Links)]
    #[links(base = "/tags/{name}", any_rel,
            link(rel = "odd", when = self.odd),
            link(rel = "both", when = "self.odd && self.name.is_empty()"),
            link(rel = "query", href = "/tags?name={name}"),
            link(rel = "part", href = "/v{name}"))]
    struct Tag {
        name: &'static str,
        odd: bool,
    }
    for (name, odd, expected) in [
        ("a", true, vec!["self", "odd", "query", "part"]),
        ("a", false, vec!["self", "query", "part"]),
        ("...", false, vec!["self", "query", "part"]),
        // These are no path segments: a client would resolve them to another resource.
        ("", true, vec!["query", "part"]),
        (".", false, vec!["query", "part"]),
        ("..", false, vec!["query", "part"]),
    ] {
        let tag = async move || Linked(Tag { name, odd });
        let app = Router::new().route("/", on_get(tag));
        let (_, _, body) = get(&app, "/", &[]).await;
        let links = body["links"].as_array().expect("links");
        let rels: Vec<_> = links.iter().map(|link| &link["rel"]).collect();
        let mut expected = expected.clone();
        if name.is_empty() && odd {
            // `both` leads to the base, which there is none of.
            expected.retain(|rel| *rel != "both");
        }
        assert_eq!(rels, expected, "{name:?}");
    }
}

#[tokio::test]
async fn a_name_with_every_delimiter_comes_back_as_it_was() {
    #[derive(Serialize, Links)]
    #[links(
        base = "/files/{name}",
        any_rel,
        link(rel = "raw", href = "/raw/{*name}")
    )]
    struct File {
        name: String,
    }
    let file = async |Path(name): Path<String>| Linked(File { name });
    let app = Router::new()
        .route("/files/{name}", on_get(file))
        .route("/raw/{*name}", on_get(file));
    for name in [
        "a/b?c#d é",
        "100%",
        "a%2Fb",
        "{x}",
        "a\"b\\c<>\n",
        ";,=&+$@:!*'()",
        "日本",
    ] {
        let direct = Linked(File {
            name: name.to_owned(),
        });
        let direct = serde_json::to_value(direct).expect("JSON");
        for link in 0..2 {
            let href = direct["links"][link]["href"].as_str().expect("an address");
            let (status, _, body) = get(&app, href, &[]).await;
            assert_eq!(status, StatusCode::OK, "{href}");
            assert_eq!(body["name"], name, "{href}");
        }
    }
}

#[tokio::test]
async fn hal_has_what_can_be_read_and_hal_forms_the_rest() {
    let hal = app().layer(only(Rendering::Hal));
    let (_, headers, body) = get(&hal, "/api/products/1", &[]).await;
    assert_eq!(header(&headers, "content-type"), "application/hal+json");
    let links = json!({
        "self": {"href": "/api/products/1"},
        "reviews": {"href": "/api/products/1/reviews"},
        "category": {"href": "/api/categories/a%2Fb%3Fc%23d%20%C3%A9"},
        "search": {"href": "/api/products{?q,page}", "templated": true,
                   "title": "Finde \"Äpfel\""},
        "enclosure": [{"href": "/api/products/1/images/0", "type": "image/png"}],
    });
    assert_eq!(body["_links"], links);
    assert_eq!(body.get("_templates"), None);
    assert_eq!(body.get("links"), None);

    let forms = app().layer(only(Rendering::HalForms));
    let (_, headers, body) = get(&forms, "/api/products/1", &[]).await;
    let media_type = "application/prs.hal-forms+json";
    assert_eq!(header(&headers, "content-type"), media_type);
    assert_eq!(body["_links"], links);
    let json = "application/json";
    let templates = json!({
        "update": {"method": "PATCH", "target": "/api/products/1", "contentType": json,
                   "properties": [{"name": "name", "type": "text"},
                                  {"name": "price_cents", "type": "number"}]},
        "delete": {"method": "DELETE", "target": "/api/products/1", "contentType": json,
                   "title": "Delete it"},
    });
    assert_eq!(body["_templates"], templates);
}

#[tokio::test]
async fn an_array_of_links_is_one_whatever_its_length() {
    let app = app().layer(only(Rendering::Hal));
    for (id, count) in [(3, 0), (1, 1), (2, 2)] {
        let (_, _, body) = get(&app, &format!("/api/products/{id}"), &[]).await;
        let images = body["_links"]["enclosure"].as_array().expect("an array");
        assert_eq!(images.len(), count);
    }
}

#[tokio::test]
async fn json_api_has_a_resource_object() {
    let app = app().layer(only(Rendering::JsonApi));
    let (_, headers, body) = get(&app, "/api/products/1", &[]).await;
    assert_eq!(header(&headers, "content-type"), "application/vnd.api+json");
    let own = "/api/products/1";
    let links = json!({
        "self": own,
        "update": {"href": own, "meta": {"method": "PATCH"}},
        "delete": {"href": own, "title": "Delete it", "meta": {"method": "DELETE"}},
        "reviews": "/api/products/1/reviews",
        "category": "/api/categories/a%2Fb%3Fc%23d%20%C3%A9",
    });
    let expected = json!({
        "data": {
            "type": "products", "id": "1", "links": links,
            "attributes": {"name": "Product 1", "price_cents": 100, "category": "a/b?c#d é",
                           "images": [0]},
        },
        "links": links,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn the_link_header_has_what_can_be_followed_as_it_is() {
    let expected = "</api/products/1>; rel=\"self\", \
                    </api/products/1/reviews>; rel=\"reviews\", \
                    </api/categories/a%2Fb%3Fc%23d%20%C3%A9>; rel=\"category\", \
                    </api/products/1/images/0>; rel=\"enclosure\"; type=\"image/png\"";
    let template = "\"/api/products{?q,page}\"; rel=\"search\"; \
                    title=%\"Finde %22%c3%84pfel%22\"";
    for rendering in [
        Rendering::Plain,
        Rendering::Header,
        Rendering::Hal,
        Rendering::JsonApi,
    ] {
        let (_, headers, body) = get(&app().layer(only(rendering)), "/api/products/1", &[]).await;
        assert_eq!(header(&headers, "link"), expected);
        assert_eq!(header(&headers, "link-template"), template);
        assert_eq!(
            body.get("links").is_none(),
            matches!(rendering, Rendering::Header | Rendering::Hal)
        );
    }
}

#[tokio::test]
async fn conditions_may_ask_who_the_caller_is() {
    struct Caller {
        admin: bool,
    }
    #[derive(Serialize, Links)]
    #[links(base = "/notes/{id}", context = Caller,
            link(rel = "edit", method = "PUT", when = "self.open || context.admin"))]
    struct Note {
        id: u64,
        open: bool,
    }
    for (open, admin, links) in [(false, false, 1), (false, true, 2), (true, false, 2)] {
        let note = async move || Linked(Note { id: 1, open }).with(Caller { admin });
        let app = Router::new().route("/", on_get(note));
        let (_, _, body) = get(&app, "/", &[]).await;
        assert_eq!(body["links"].as_array().map(Vec::len), Some(links));
    }
}

#[tokio::test]
async fn curies_are_short_in_hal_and_whole_elsewhere() {
    #[derive(Serialize, Links)]
    #[links(
        base = "/orders/{id}",
        curie(name = "shop", href = "https://shop.example/rels/{rel}"),
        link(rel = "shop:invoice", href = "{base}/invoice")
    )]
    struct Order {
        id: u64,
    }
    let app = Router::new().route("/", on_get(async || Linked(Order { id: 1 })));
    let (_, _, body) = get(&app.clone().layer(only(Rendering::Hal)), "/", &[]).await;
    assert_eq!(body["_links"]["shop:invoice"]["href"], "/orders/1/invoice");
    let curies =
        json!([{"name": "shop", "href": "https://shop.example/rels/{rel}", "templated": true}]);
    assert_eq!(body["_links"]["curies"], curies);
    let (_, headers, body) = get(&app, "/", &[]).await;
    let rel = "https://shop.example/rels/invoice";
    assert_eq!(body["links"][1]["rel"], rel);
    assert!(header(&headers, "link").contains(&format!("rel=\"{rel}\"")));
}

#[tokio::test]
async fn links_can_be_added_to_a_document() {
    let item = async || {
        Linked(product(2))
            .link(Link::new("up", "/api/a b<c>\"").title("Up"))
            .link(Link::template("search", "/api{?q}"))
            .link(Link::new("related", "https://other.example/x"))
    };
    let app = Router::new().route("/", on_get(item));
    let (_, _, body) = get(&app.layer(only(Rendering::Hal)), "/", &[]).await;
    let links = &body["_links"];
    assert_eq!(
        links["up"],
        json!({"href": "/api/a%20b%3Cc%3E%22", "title": "Up"})
    );
    assert_eq!(links["related"]["href"], "https://other.example/x");
    // The definition has this relation too.
    assert_eq!(links["search"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn what_was_created_says_where_it_is() {
    let app = Router::new().route("/", post(async || Linked(product(7)).created()));
    let (status, headers, body) = send(&app, "POST", "/", &[]).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(header(&headers, "location"), "/api/products/7");
    assert_eq!(body["id"], 7);
}

#[tokio::test]
async fn an_item_that_is_no_object_is_an_internal_problem() {
    #[derive(Links)]
    #[links(base = "/x/{id}")]
    struct Number {
        id: u8,
    }
    impl Serialize for Number {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_u8(self.id)
        }
    }
    let app = Router::new().route(
        "/",
        on_get(async || Linked(Number { id: 1 }).into_response()),
    );
    let (status, _, body) = get(&app, "/", &[]).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(body["status"], 500);
}

#[test]
fn an_item_inside_of_another_document_has_the_same_links() {
    #[derive(Serialize)]
    struct Results {
        created: Vec<Linked<super::Product>>,
    }
    let nested = Results {
        created: (0..4).map(|id| Linked(product(id))).collect(),
    };
    let nested = serde_json::to_value(nested).expect("JSON");
    for (id, item) in nested["created"]
        .as_array()
        .expect("items")
        .iter()
        .enumerate()
    {
        assert_eq!(item["id"], id);
        assert_eq!(item["links"][0]["href"], format!("/api/products/{id}"));
        let search = item["links"].as_array().expect("links");
        assert!(
            search
                .iter()
                .any(|link| link["templated"] == Value::Bool(true))
        );
    }
}
