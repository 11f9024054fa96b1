//! The page at `/docs/`.

use axum::Router;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::Html;
use tokio::net::TcpListener;

use super::{ask, document, operations};
use crate::browser::dump;
use crate::support::{Database, get, on_each_shop, variable, vars};

/// Executes every operation as a person would, and notes what the page then shows.
const DRIVER: &str = r#"
const noted = document.body.dataset;
addEventListener("securitypolicyviolation", (event) => (noted.blocked = event.blockedURI));
const until = async (found) => {
  for (;;) {
    const there = found();
    if (there) return there;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
await until(() => document.querySelector(".opblock"));
for (const operation of document.querySelectorAll(".opblock")) {
  operation.querySelector(".opblock-summary-control").click();
  const name = operation.querySelector(".opblock-summary-operation-id").textContent;
  const method = operation.querySelector(".opblock-summary-method").textContent.toLowerCase();
  const { path } = operation.querySelector(".opblock-summary-path").dataset;
  // Before that the page does not know what to send.
  await until(() => ui.specSelectors.specResolvedSubtree(["paths", path, method])?.has("operationId"));
  const execute = await until(() => operation.querySelector(".execute"));
  for (const input of operation.querySelectorAll("tr[data-param-in=path] input")) {
    // What is deleted is none of those that others show.
    set.call(input, method === "delete" ? "4" : "1");
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("focusout", { bubbles: true }));
  }
  execute.click();
  const status = await until(() => operation.querySelector(".live-responses-table tbody .response-col_status"));
  noted[`op_${name}`] = status.textContent.trim();
  // What stays open is drawn anew with each of the others.
  operation.querySelector(".opblock-summary-control").click();
}
noted.done = "";
"#;

/// What the page and its style sheets load.
fn loaded(html: &str) -> Vec<&str> {
    let attributes = ["src=\"", "href=\""].into_iter();
    let found = attributes.flat_map(|attribute| html.split(attribute).skip(1));
    found
        .map(|rest| rest.split('"').next().expect("a value"))
        .collect()
}

#[tokio::test]
async fn the_page_loads_nothing_but_what_the_shop_has() {
    on_each_shop(async |shop| {
        let page = get(&shop, "/docs/").await;
        assert_eq!(page.status, 200);
        assert_eq!(page.header("content-type"), "text/html");
        let files = loaded(&page.text);
        assert!(files.len() > 4, "{files:?}");
        for file in files {
            assert!(!file.contains("//") && !file.starts_with('/'), "{file}");
            let path = format!("/docs/{}", file.trim_start_matches("./"));
            let request = axum::http::Request::get(&path);
            let request = request.body(axum::body::Body::empty()).expect("a request");
            let reply = tower::ServiceExt::oneshot(shop.clone(), request).await;
            let reply = reply.expect("a router does not fail");
            assert_eq!(reply.status(), 200, "{path}");
            assert_eq!(reply.headers()["x-content-type-options"], "nosniff");
            let tag = reply.headers()["etag"].to_str().expect("a tag").to_owned();
            assert_eq!(ask(&shop, &path, "if-none-match", &tag).await.status, 304);
        }
    })
    .await;
}

#[tokio::test]
async fn the_page_may_ask_nobody_but_the_shop() {
    on_each_shop(async |shop| {
        let page = get(&shop, "/docs/").await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "));
        for source in policy
            .split([';', ' '])
            .filter(|source| source.contains([':', '.', '*']))
        {
            assert!(["data:", "blob:"].contains(&source), "{policy}");
        }
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        let settings = get(&shop, "/docs/swagger-initializer.js").await;
        assert_eq!(settings.status, 200);
        assert!(settings.text.contains("\"url\": \"../openapi.json\""));
        assert!(settings.text.contains("\"validatorUrl\": \"none\""));
    })
    .await;
}

/// With a reference that is relative, so that a prefix stays.
#[tokio::test]
async fn the_page_is_found_without_its_slash() {
    on_each_shop(async |shop| {
        let reply = get(&shop, "/docs").await;
        assert_eq!(reply.status, 308);
        assert_eq!(reply.header("location"), "docs/");
        assert_eq!(get(&shop, "/docs/nothing.js").await.status, 404);
    })
    .await;
}

/// The page of a full shop, with the driver as one more script, under the same policy.
async fn driven(database: &Database, listener: &TcpListener) -> (Router, Router) {
    let host = format!("http://{}", listener.local_addr().expect("an address"));
    let set = vars([("SHOP_SEED", "1"), ("SHOP_PUBLIC_URL", &*host)]);
    let shop = database.shop(&set).await.router();
    let page = get(&shop, "/docs/").await;
    let policy = [(
        CONTENT_SECURITY_POLICY,
        page.header("content-security-policy").to_owned(),
    )];
    let script = "<script src=\"driver.js\" type=\"module\"></script></body>";
    let html = (policy, Html(page.text.replace("</body>", script)));
    let driver = ([(CONTENT_TYPE, "text/javascript")], DRIVER);
    let routes = Router::new()
        .route(
            "/docs/driven",
            axum::routing::get(async move || html.clone()),
        )
        .route("/docs/driver.js", axum::routing::get(async move || driver));
    (routes.fallback_service(shop.clone()), shop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_operation_can_be_tried_out() {
    let Some(chromium) = variable("TEST_CHROMIUM") else {
        return;
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let page = format!(
        "http://{}/docs/driven",
        listener.local_addr().expect("an address")
    );
    let database = Database::sqlite();
    let (router, shop) = driven(&database, &listener).await;
    tokio::spawn(async move { axum::serve(listener, router).await });
    let dom = tokio::task::spawn_blocking(move || dump(&chromium, &page));
    let dom = dom.await.expect("a page");
    let (_, body) = dom.split_once("<body").expect("a body");
    let (noted, _) = body.split_once('>').expect("its attributes");
    assert!(!noted.contains("data-blocked"), "{noted}");
    for operation in operations(&document(&shop).await) {
        let name = operation.said["operationId"].as_str().expect("a name");
        let status = match (operation.method, name) {
            ("get", _) | (_, "change_product") => "200",
            ("delete", _) => "204",
            (_, "add_products" | "add_events" | "change_products" | "delete_products") => "207",
            _ => "201",
        };
        assert!(
            noted.contains(&format!("data-op_{name}=\"{status}\"")),
            "{name}: {noted}"
        );
    }
}
