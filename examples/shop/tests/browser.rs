//! The page at `/` in a real browser, where `TEST_CHROMIUM` names one.

use std::process::Command;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::IntoResponse as _;
use axum::routing::get;
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

use crate::support::{Database, unique, variable, vars};

/// What a person would do, and what they would then see.
const DRIVER: &str = r#"
const panel = document.getElementById("products");
const first = () => panel.querySelector("tbody th")?.textContent;
const button = (rel) => panel.querySelector(`[data-rel=${rel}]`);
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};
await until(() => !button("next").disabled);
const start = first();
button("next").click();
await until(() => first() !== start);
const request = panel.querySelector(".curl").textContent;
button("prev").click();
await until(() => first() === start && button("prev").disabled);
const sort = panel.querySelector("[name=sort]");
sort.append(new Option("not allowed", "secret"));
sort.value = "secret";
sort.dispatchEvent(new Event("change", { bubbles: true }));
await until(() => !panel.querySelector(".problem").hidden);
document.body.dataset.request = request;
document.body.dataset.problem = panel.querySelector(".problem").textContent;
"#;

/// The page as the browser sees it once its requests have been answered.
fn dump(chromium: &str, url: &str) -> String {
    let profile = std::env::temp_dir().join(unique());
    let output = Command::new(chromium)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--virtual-time-budget=20000", "--dump-dom", url])
        .output()
        .expect("TEST_CHROMIUM runs");
    drop(std::fs::remove_dir_all(profile));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The shop, and at `/driven` its page with the driver as one more script, under the same policy.
async fn serve(shop: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let page = shop.clone();
    let driven = async move || {
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let (mut parts, body) = page.oneshot(request).await.expect("a page").into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        let page = body.collect().await.expect("the whole page").to_bytes();
        let page = String::from_utf8(page.to_vec()).expect("UTF-8");
        let script = "<script src=\"/driver.js\" type=\"module\"></script></body>";
        (parts, page.replace("</body>", script)).into_response()
    };
    let driver = ([(CONTENT_TYPE, "text/javascript")], DRIVER);
    let router = Router::new()
        .route("/driven", get(driven))
        .route("/driver.js", get(async move || driver))
        .fallback_service(shop);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn browse(path: &str) -> Option<(String, String)> {
    let chromium = variable("TEST_CHROMIUM")?;
    let database = Database::sqlite();
    let url = serve(database.shop(&vars([("SHOP_SEED", "1")])).await.router()).await;
    let page = format!("{url}{path}");
    let dom = tokio::task::spawn_blocking(move || dump(&chromium, &page))
        .await
        .expect("a page");
    Some((url, dom))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_panels_show_rows_cursors_and_the_request_behind_them() {
    let Some((url, dom)) = browse("").await else {
        return;
    };
    let (panels, _template) = dom.split_once("<footer>").expect("a foot");
    let (products, events) = panels.split_once("id=\"events\"").expect("two panels");
    for (panel, path) in [(products, "products"), (events, "events")] {
        let body = panel
            .split_once("<tbody>")
            .expect("a table")
            .1
            .split_once("</tbody>")
            .expect("its end")
            .0;
        assert_eq!(body.matches("<tr>").count(), 20, "{path}: {body}");
        assert!(body.contains(&format!("href=\"/api/v1/{path}/")), "{path}");
        assert!(
            panel.contains(&format!("curl -i '{url}api/v1/{path}'")),
            "{path}"
        );
        assert!(panel.contains("data-rel=\"prev\" disabled"), "{path}");
        assert!(!panel.contains("data-rel=\"next\" disabled"), "{path}");
        assert!(
            panel.contains("rel=\"next\""),
            "{path}: the Link header is shown"
        );
        assert!(
            panel.contains(&format!("20 {path} (first page).")),
            "{path}"
        );
    }
    assert!(products.contains(">Kitchen</option>"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn next_and_previous_follow_the_cursors_and_a_problem_is_shown_in_words() {
    let Some((url, dom)) = browse("driven").await else {
        return;
    };
    assert!(
        dom.contains(&format!(
            "data-request=\"curl -i '{url}api/v1/products?cursor="
        )),
        "{dom}"
    );
    assert!(dom.contains("data-problem=\"Bad Request `sort`"), "{dom}");
}
