//! Base URLs and clients behind proxies: what is believed, and what a client cannot change.

use std::net::{IpAddr, SocketAddr};

use api_patterns::proxy::{BaseUrl, ForwardingHeaders, Proxies};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::extract::connect_info::MockConnectInfo;
use axum::http::Request;
use axum::routing::get;
use http_body_util::BodyExt as _;
use proptest::prelude::*;
use tower::ServiceExt as _;

const FAMILIES: [ForwardingHeaders; 3] = [
    ForwardingHeaders::XForwarded,
    ForwardingHeaders::Forwarded,
    ForwardingHeaders::Either,
];

type Line = (&'static str, Vec<u8>);

fn request(peer: Option<IpAddr>, lines: &[Line]) -> Request<()> {
    let mut request = Request::get("/products/7");
    if let Some(peer) = peer {
        request = request.extension(ConnectInfo(SocketAddr::new(peer, 4711)));
    }
    for (name, value) in lines {
        request = request.header(*name, &value[..]);
    }
    request.body(()).expect("a request")
}

fn line(name: &'static str, value: &str) -> Line {
    (name, value.as_bytes().to_vec())
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[tokio::test]
async fn a_handler_behind_a_proxy_sees_the_request_of_the_client() {
    let proxies = Proxies::networks(["127.0.0.0/8"]).expect("a network");
    let base = BaseUrl::from_request(proxies.clone());
    let handler = async move |request: axum::extract::Request| {
        let client = proxies.client(&request).expect("a client");
        format!("{client} {}", base.resolve(&request))
    };
    let ask = async |peer: &str| {
        let app = Router::new()
            .nest("/nested", Router::new().route("/", get(handler.clone())))
            .layer(MockConnectInfo(SocketAddr::new(address(peer), 1)));
        let request = Request::get("/nested")
            .header("host", "internal:3000")
            .header("x-forwarded-for", "198.51.100.7")
            .header("x-forwarded-host", "shop.example")
            .header("x-forwarded-proto", "https")
            .header("x-forwarded-port", "8443")
            .header("x-forwarded-prefix", "/shop")
            .body(Body::empty())
            .expect("a request");
        let response = app.oneshot(request).await.expect("infallible");
        let body = response.into_body().collect().await.expect("a body");
        String::from_utf8(body.to_bytes().to_vec()).expect("text")
    };
    assert_eq!(
        ask("127.0.0.1").await,
        "198.51.100.7 https://shop.example:8443/shop"
    );
    assert_eq!(ask("192.0.2.1").await, "192.0.2.1 http://internal:3000");
}

#[test]
fn both_families_say_the_same() {
    let x = [
        line("x-forwarded-for", "203.0.113.9, 198.51.100.7"),
        line("x-forwarded-host", "evil.example, shop.example:8443"),
        line("x-forwarded-proto", "gopher, https"),
    ];
    let forwarded = [line(
        "forwarded",
        "for=203.0.113.9;host=evil.example, \
         for=198.51.100.7;host=\"shop.example:8443\";proto=https",
    )];
    for (family, lines) in [
        (ForwardingHeaders::XForwarded, &x[..]),
        (ForwardingHeaders::Forwarded, &forwarded),
        (ForwardingHeaders::Either, &x),
        (ForwardingHeaders::Either, &forwarded),
    ] {
        let proxies = Proxies::hops(1).headers(family);
        let request = request(None, lines);
        let base = BaseUrl::from_request(proxies.clone());
        assert_eq!(base.resolve(&request), "https://shop.example:8443");
        assert_eq!(proxies.client(&request), Some(address("198.51.100.7")));
    }
}

#[test]
fn an_unknown_client_is_its_nearest_known_proxy() {
    let proxies = Proxies::hops(2).headers(ForwardingHeaders::Forwarded);
    let lines = [line("forwarded", "for=unknown, for=10.0.0.2")];
    let request = request(Some(address("10.0.0.1")), &lines);
    assert_eq!(proxies.client(&request), Some(address("10.0.0.2")));
}

/// The headers that a client may forge, with plausible and with hostile values.
fn forged() -> impl Strategy<Value = Vec<Line>> {
    let name = prop::sample::select(vec![
        "forwarded",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-port",
        "x-forwarded-prefix",
    ]);
    let piece = prop::sample::select(vec![
        "for=",
        "host=",
        "proto=",
        "by=",
        "192.0.2.1",
        "10.0.0.1",
        "[::1]",
        "\"",
        "\\",
        ",",
        ";",
        " ",
        "\t",
        "=",
        ":",
        "8443",
        "0",
        "65536",
        "https",
        "wss",
        "shop.example",
        "EVIL",
        "unknown",
        "_x",
        "/",
        "//",
        "/a",
        "..",
        "%2e",
        "%",
        "<",
        ">",
        "é",
        "@",
        "?",
        "#",
        "{",
        "\u{7f}é",
    ]);
    let value = prop::collection::vec(piece, 0..10).prop_map(|pieces| {
        let mut value = pieces.concat().into_bytes();
        value.retain(|byte| *byte != 0x7f);
        value
    });
    prop::collection::vec((name, value), 0..6)
}

fn policy() -> impl Strategy<Value = Proxies> {
    let trust = prop_oneof![
        Just(Proxies::none()),
        (0_usize..4).prop_map(Proxies::hops),
        Just(Proxies::networks(["10.0.0.0/8", "::1"]).expect("networks")),
    ];
    (trust, prop::sample::select(FAMILIES.to_vec()))
        .prop_map(|(proxies, family)| proxies.headers(family))
}

/// Empty, a prefix, or scheme, host and prefix, of legal characters without dot segments.
fn is_base(base: &str) -> bool {
    let rest = match base.split_once("://") {
        Some(("http" | "https", rest)) if !rest.starts_with('/') && !rest.is_empty() => {
            &rest[rest.find('/').unwrap_or(rest.len())..]
        }
        Some(_) => return false,
        None => base,
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/[]".contains(&byte);
    let decoded = rest.to_ascii_lowercase().replace("%2e", ".");
    let mut segments = decoded.split('/');
    segments.next() == Some("")
        && segments.all(|segment| !matches!(segment, "" | "." | ".."))
        && base.bytes().all(legal)
        && (base.is_empty() || base.parse::<axum::http::Uri>().is_ok())
}

proptest! {
    #[test]
    fn a_base_is_always_legal(proxies in policy(), lines in forged()) {
        let request = request(Some(address("10.0.0.1")), &lines);
        let base = BaseUrl::from_request(proxies).resolve(&request);
        prop_assert!(is_base(&base), "{base:?}");
    }

    #[test]
    fn without_a_trusted_peer_nothing_is_believed(
        lines in forged(),
        family in prop::sample::select(FAMILIES.to_vec()),
        peer in prop::sample::select(vec![None, Some("192.0.2.9")]),
    ) {
        let networks = Proxies::networks(["10.0.0.0/8"]).expect("a network");
        for proxies in [Proxies::none(), Proxies::hops(0), networks] {
            let proxies = proxies.headers(family);
            let peer = peer.map(address);
            let mut lines = lines.clone();
            lines.push(line("host", "shop.example"));
            let request = request(peer, &lines);
            let base = BaseUrl::from_request(proxies.clone()).resolve(&request);
            prop_assert_eq!(base, "http://shop.example");
            prop_assert_eq!(proxies.client(&request), peer);
        }
    }

    /// Whatever the client writes, what the outermost proxy appends is read.
    #[test]
    fn what_a_trusted_proxy_appends_cannot_be_hidden(
        forged in forged(),
        own_line in any::<bool>(),
        by_network in any::<bool>(),
    ) {
        let said = [
            line("forwarded", "for=\"[2001:db8::7]:1\";host=\"shop.example:8443\";proto=https"),
            line("x-forwarded-for", "2001:db8::7"),
            line("x-forwarded-host", "shop.example:8443"),
            line("x-forwarded-proto", "https"),
            line("x-forwarded-prefix", "/shop"),
        ];
        let mut lines = forged;
        for (name, value) in said {
            let last = lines.iter_mut().rev().find(|(other, _)| *other == name);
            match last.filter(|_| !own_line) {
                Some((_, line)) => *line = [&line[..], b", ", &value].concat(),
                None => lines.push((name, value)),
            }
        }
        let request = request(Some(address("10.0.0.1")), &lines);
        for family in FAMILIES {
            let proxies = match by_network {
                true => Proxies::networks(["10.0.0.1"]).expect("an address"),
                false => Proxies::hops(1),
            };
            let proxies = proxies.headers(family);
            prop_assert_eq!(proxies.client(&request), Some(address("2001:db8::7")));
            let base = BaseUrl::from_request(proxies).resolve(&request);
            // `Forwarded` has no prefix, and nobody has vouched for the other header.
            let prefix = if family == ForwardingHeaders::Forwarded { "" } else { "/shop" };
            prop_assert_eq!(base, format!("https://shop.example:8443{prefix}"));
        }
    }
}
