//! The headers that say where a request comes from and what its client wants: `Forwarded`,
//! `X-Forwarded-*`, `Host`, `Accept`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use api_patterns::__private::links::negotiate;
use api_patterns::proxy::{BaseUrl, ForwardingHeaders, Proxies};
use axum::extract::ConnectInfo;
use axum::http::{HeaderName, HeaderValue, Request, Uri, header};

/// The first byte of a line says which header it is.
const NAMES: [HeaderName; 8] = [
    header::FORWARDED,
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-forwarded-prefix"),
    header::HOST,
    header::ACCEPT,
];

const FAMILIES: [ForwardingHeaders; 3] = [
    ForwardingHeaders::XForwarded,
    ForwardingHeaders::Forwarded,
    ForwardingHeaders::Either,
];

const OFFERED: [&str; 3] = [
    "application/json",
    "application/hal+json",
    "application/vnd.api+json",
];

/// The bytes are lines of headers. Bases are legal whoever is believed, an appended element is
/// read whatever stands before it, and nothing that is not believed changes anything.
pub fn headers(data: &[u8]) {
    let request = request(data);
    check_accept(&request);
    check_disbelief(&request);
    for family in FAMILIES {
        for hops in 0..4 {
            check_base(&request, Proxies::hops(hops).headers(family));
        }
        let networks = Proxies::networks(["127.0.0.0/8", "10.0.0.0/8", "::/64"]);
        check_base(&request, networks.expect("networks").headers(family));
    }
    check_appended(request);
}

fn request(data: &[u8]) -> Request<()> {
    let mut request = Request::new(());
    *request.uri_mut() = Uri::from_static("/rows");
    let peer = ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 4711)));
    request.extensions_mut().insert(peer);
    for line in data.split(|byte| *byte == b'\n').take(64) {
        let Some((name, value)) = line.split_first() else {
            continue;
        };
        let name = &NAMES[usize::from(*name) % NAMES.len()];
        if let Ok(value) = HeaderValue::from_bytes(value) {
            request.headers_mut().append(name, value);
        }
    }
    request
}

fn check_accept(request: &Request<()>) {
    let chosen = negotiate(request.headers(), &OFFERED);
    assert!(chosen.is_none_or(|nth| nth < OFFERED.len()));
    let has_none = !request.headers().contains_key(header::ACCEPT);
    assert!(!has_none || chosen == Some(0), "{chosen:?} without Accept");
}

fn check_base(request: &Request<()>, proxies: Proxies) {
    assert!(proxies.client(request).is_some(), "the peer is known");
    let base = BaseUrl::from_request(proxies.clone()).resolve(request);
    assert!(is_base(&base), "{base:?} from {request:?}");
    let fixed = BaseUrl::fixed(&base).map(|fixed| fixed.resolve(request));
    assert!(
        !base.contains("://") || fixed.as_ref() == Ok(&base),
        "{base:?} is not in its form: {fixed:?}"
    );
    let none: [&str; 0] = [];
    let nowhere = BaseUrl::from_request(proxies).hosts(none).expect("none");
    assert!(!nowhere.resolve(request).contains("://"));
}

/// What `Proxies::none()`, and a peer outside of all networks, leave of the headers.
fn check_disbelief(request: &Request<()>) {
    let outside = Proxies::networks(["192.0.2.0/24"]).expect("a network");
    let mut bare = request.clone();
    for name in &NAMES[..6] {
        bare.headers_mut().remove(name);
    }
    for family in FAMILIES {
        for proxies in [Proxies::none(), outside.clone()] {
            let proxies = proxies.headers(family);
            let client = Some(IpAddr::from(Ipv4Addr::LOCALHOST));
            assert_eq!(proxies.client(request), client);
            let base = BaseUrl::from_request(proxies);
            assert_eq!(base.resolve(request), base.resolve(&bare));
        }
    }
}

fn check_appended(mut request: Request<()>) {
    let said = [
        "for=\"[2001:db8::7]:1\";host=\"a.example:81\";proto=https",
        "2001:db8::7",
        "a.example:81",
        "https",
        "81",
        "/shop",
    ];
    for (name, said) in NAMES.iter().zip(said) {
        let last = request.headers().get_all(name).iter().next_back();
        let before = last.map_or(&b""[..], HeaderValue::as_bytes);
        let line = [before, b", ", said.as_bytes()].concat();
        let line = HeaderValue::from_bytes(&line).expect("it was one before");
        request.headers_mut().append(name, line);
    }
    let client = "2001:db8::7".parse().ok();
    for family in FAMILIES {
        let proxies = Proxies::hops(1).headers(family);
        assert_eq!(proxies.client(&request), client, "{request:?}");
        let base = BaseUrl::from_request(proxies).resolve(&request);
        // `Forwarded` has no prefix.
        let prefix = match family {
            ForwardingHeaders::Forwarded => "",
            _ => "/shop",
        };
        assert_eq!(base, format!("https://a.example:81{prefix}"), "{request:?}");
    }
}

/// Empty, a prefix, or scheme, host and prefix; of characters that need no escape in JSON or in
/// a `Link` header.
fn is_base(base: &str) -> bool {
    let path = match base.split_once("://") {
        Some(("http" | "https", rest)) if !rest.is_empty() && !rest.starts_with('/') => {
            &rest[rest.find('/').unwrap_or(rest.len())..]
        }
        Some(_) => return false,
        None => base,
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@%/[]".contains(&byte);
    let decoded = path.to_ascii_lowercase().replace("%2e", ".");
    let mut segments = decoded.split('/');
    segments.next() == Some("")
        && segments.all(|segment| !matches!(segment, "" | "." | ".."))
        && base.bytes().all(legal)
        && (base.is_empty() || base.parse::<Uri>().is_ok())
}
