//! The page at `/` in a real browser, where `TEST_CHROMIUM` names one.

use std::future::ready;
use std::process::Command;

use axum::body::Body;
use axum::http::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::middleware::map_request;
use axum::response::IntoResponse as _;
use axum::routing;
use axum::{Router, ServiceExt};
use http_body_util::BodyExt as _;
use tokio::net::TcpListener;
use tower::{Layer as _, ServiceExt as _};

use crate::support::{Database, Vars, get, unique, variable, vars};

/// What a person would do, and what they would then see.
const DRIVER: &str = r#"
import { encode, expand } from "./links.js";
const panel = document.getElementById("products");
const dialog = document.getElementById("detail");
const seen = document.body.dataset;
addEventListener("securitypolicyviolation", (event) => (seen.blocked = event.blockedURI));
const first = () => panel.querySelector("tbody th")?.textContent;
const button = (rel) => panel.querySelector(`[data-rel=${rel}]`);
const until = async (holds) => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 20));
};
const command = (root) => root.querySelector(".curl").textContent;
const search = (name, value) => {
  panel.querySelector(`[name="${name}"]`).value = value;
  panel.querySelector("form").requestSubmit();
};
const heading = () => dialog.querySelector("h2").textContent;
const arrived = () => until(() => dialog.open && dialog.getAttribute("aria-busy") === "false");
const follow = async (scope, rel) => {
  [...scope.querySelectorAll("a[data-follow]")].find((link) => link.textContent === rel).click();
  await arrived();
  return command(dialog);
};
const back = async () => {
  dialog.querySelector("[data-back]").click();
  await arrived();
  return command(dialog);
};
await until(() => !button("next").disabled);
const start = first();
button("next").click();
await until(() => first() !== start);
seen.request = command(panel);
button("prev").click();
await until(() => first() === start && button("prev").disabled);
search("q", "lamp & 'é*");
await until(() => command(panel).includes("q="));
search("rating", "rating[is_null]=true");
await until(() => command(panel).includes("rating"));
seen.search = command(panel);
panel.querySelector("form").reset();
await until(() => first() === start);
const product = await follow(panel.querySelector("tbody"), "self");
const name = heading();
const links = dialog.querySelector(".links");
seen.product = product;
seen.category = await follow(links, "category");
seen.products = await follow(links, "products");
seen.back = (await back()) === seen.category && (await back()) === product && heading() === name;
seen.reviews = await follow(links, "reviews");
await back();
seen.images = await follow(links, "images");
const picture = dialog.querySelector("img");
await until(() => picture.complete);
seen.picture = `${picture.naturalWidth} ${picture.alt.startsWith(name)}`;
seen.image = await follow(dialog.querySelector(".items"), "self");
dialog.close();
const template = "/a?b=c{&x,y%5Bz%5D,empty,left_out}{?q}{?none}";
const values = [["q", "Hello World!"], ["empty", ""], [encode("y[z]"), "50%"], ["x", "a,b"]];
seen.expanded = expand(template, new Map(values));
const sort = panel.querySelector("[name=sort]");
sort.append(new Option("not allowed", "secret"));
sort.value = "secret";
sort.dispatchEvent(new Event("change", { bubbles: true }));
await until(() => !panel.querySelector(".problem").hidden);
seen.problem = panel.querySelector(".problem").textContent;
"#;

/// The page as the browser sees it once its requests have been answered.
pub(crate) fn dump(chromium: &str, url: &str) -> String {
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

/// The shop, and at `driven` its page with the driver as one more script, under the same policy.
fn driven(shop: Router) -> Router {
    let page = shop.clone();
    let driven = async move || {
        let request = Request::get("/").body(Body::empty()).expect("a request");
        let (mut parts, body) = page.oneshot(request).await.expect("a page").into_parts();
        parts.headers.remove(CONTENT_LENGTH);
        let page = body.collect().await.expect("the whole page").to_bytes();
        let page = String::from_utf8(page.to_vec()).expect("UTF-8");
        let script = "<script src=\"driver.js\" type=\"module\"></script></body>";
        (parts, page.replace("</body>", script)).into_response()
    };
    let driver = ([(CONTENT_TYPE, "text/javascript")], DRIVER);
    Router::new()
        .route("/driven", routing::get(driven))
        .route("/driver.js", routing::get(async move || driver))
        .fallback_service(shop)
}

/// Serves the shop as behind a proxy that cuts off a prefix of this length, after its first slash. What is
/// not below the prefix is cut to something that the shop does not have.
async fn serve(listener: TcpListener, shop: Router, prefix: usize) -> std::io::Result<()> {
    let cut = move |mut request: Request<Body>| {
        if prefix > 0 {
            let target = request.uri().to_string();
            let rest = target
                .get(1 + prefix..)
                .filter(|rest| rest.starts_with('/'));
            *request.uri_mut() = rest.unwrap_or("/outside").parse().expect("a target");
        }
        ready(request)
    };
    // Around the router, which keeps the target it was called with.
    let shop = map_request(cut).layer(shop);
    axum::serve(
        listener,
        ServiceExt::<Request<Body>>::into_make_service(shop),
    )
    .await
}

/// The page of a full shop, and the address below which the shop is.
async fn browse(page: &str) -> Option<(String, String)> {
    let chromium = variable("TEST_CHROMIUM")?;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let (prefix, _) = page.rsplit_once('/').unwrap_or_default();
    let host = format!("http://{}", listener.local_addr().expect("an address"));
    let mut set = vars([("SHOP_SEED", "1")]);
    if !prefix.is_empty() {
        set.insert("SHOP_PUBLIC_URL".to_owned(), format!("{host}/{prefix}"));
    }
    let database = Database::sqlite();
    let shop = driven(database.shop(&set).await.router());
    tokio::spawn(serve(listener, shop, prefix.len()));
    let address = format!("{host}/{page}");
    let dom = tokio::task::spawn_blocking(move || dump(&chromium, &address))
        .await
        .expect("a page");
    let below = if prefix.is_empty() { "" } else { "/" };
    Some((format!("{host}/{prefix}{below}"), dom))
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
        let followed = format!("<a href=\"{url}api/v1/{path}/");
        assert!(body.contains(&followed), "{path}: {body}");
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

/// What the driver has noted under `name`.
fn noted<'a>(dom: &'a str, name: &str) -> &'a str {
    let (_, rest) = dom
        .split_once(&format!(" data-{name}=\""))
        .unwrap_or_else(|| panic!("the driver did not come to `{name}`: {dom}"));
    rest.split('"').next().expect("a value")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_can_walk_the_whole_shop_by_its_links() {
    walk("driven").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_walk_stays_below_the_prefix_of_a_proxy() {
    walk("our/wares/driven").await;
}

async fn walk(page: &str) {
    let Some((url, dom)) = browse(page).await else {
        return;
    };
    let api = format!("curl -i '{url}api/v1");
    for (name, path) in [
        ("request", "/products?cursor="),
        ("search", "/products?"),
        ("product", "/products/10000'"),
        ("category", "/categories/"),
        ("products", "/products?category_id="),
        ("reviews", "/products/10000/reviews'"),
        ("images", "/products/10000/images'"),
        ("image", "/products/10000/images/"),
    ] {
        let command = noted(&dom, name);
        assert!(
            command.starts_with(&format!("{api}{path}")),
            "{name}: {command}"
        );
    }
    for pair in ["q=lamp%20%26%20%27%C3%A9%2A", "rating%5Bis_null%5D=true"] {
        assert!(noted(&dom, "search").contains(pair), "{pair}");
    }
    assert_eq!(noted(&dom, "back"), "true");
    assert_eq!(noted(&dom, "picture"), "320 true");
    let expanded = "/a?b=c&amp;x=a%2Cb&amp;y%5Bz%5D=50%25&amp;empty=?q=Hello%20World%21";
    assert_eq!(noted(&dom, "expanded"), expanded);
    assert!(
        noted(&dom, "problem").starts_with("Bad Request `sort`"),
        "{dom}"
    );
    assert!(!dom.contains("data-blocked"), "{}", noted(&dom, "blocked"));
}

#[tokio::test]
async fn the_page_knows_one_address_and_loads_nothing_that_is_not_its_own() {
    let database = Database::sqlite();
    let shop = database.shop(&Vars::new()).await.router();
    let html = get(&shop, "/").await.text;
    assert!(html.contains("<a href=\"api/v1\" data-root"));
    let mut files = vec!["page.css".to_owned(), "page.js".to_owned()];
    let mut scripts = 0;
    while let Some(file) = files.pop() {
        let reply = get(&shop, &format!("/{file}")).await;
        assert_eq!(reply.status, 200, "{file}");
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'"),
            "{policy}"
        );
        assert!(!reply.text.contains("api/v1"), "{file} builds an address");
        let imports = reply.text.split(" from \"./").skip(1);
        files.extend(imports.map(|rest| rest.split('"').next().expect("a name").to_owned()));
        scripts += usize::from(file.ends_with(".js"));
        assert!(scripts < 20, "{files:?}");
    }
    assert!(scripts >= 4);
}
