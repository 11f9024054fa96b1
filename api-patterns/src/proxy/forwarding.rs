//! What the trusted proxies say about a request.

use std::net::{IpAddr, Ipv6Addr};

use http::header::FORWARDED;
use http::{HeaderMap, HeaderName};

use super::authority::{Authority, Scheme, parse_port};
use super::proxies::{Proxies, Way};
use super::{forwarded, prefix};
use crate::field;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// A request as the client has sent it, as far as trusted proxies say so legally.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Forwarding {
    pub(super) scheme: Option<Scheme>,
    pub(super) authority: Option<Authority>,
    pub(super) port: Option<u16>,
    pub(super) prefix: String,
}

/// Reads the headers of a request that has come from `peer`.
pub(super) fn read(proxies: &Proxies, headers: &HeaderMap, peer: Option<IpAddr>) -> Forwarding {
    let Way { hops, .. } = way(proxies, headers, peer);
    let prefix = proxies
        .is_prefix_read()
        .then(|| prefix_of(headers, hops))
        .flatten()
        .unwrap_or_default();
    if proxies.is_forwarded_read(headers) {
        let element = forwarded::elements(headers).take(hops).last();
        let element = element.unwrap_or_default();
        return Forwarding {
            scheme: element.proto.and_then(|text| Scheme::parse(&text)),
            authority: element.host.and_then(|text| Authority::parse(&text)),
            port: None,
            prefix,
        };
    }
    let element = |name| elements(headers, name).take(hops).last().flatten();
    Forwarding {
        scheme: element(PROTO).and_then(Scheme::parse),
        authority: element(HOST).and_then(Authority::parse),
        port: element(PORT).and_then(parse_port),
        prefix,
    }
}

/// How far the way of the request is known.
pub(super) fn way(proxies: &Proxies, headers: &HeaderMap, peer: Option<IpAddr>) -> Way {
    if proxies.is_forwarded_read(headers) {
        let addresses = forwarded::elements(headers).map(|element| element.address);
        return proxies.follow(peer, addresses);
    }
    let addresses = elements(headers, FOR).map(|text| text.and_then(address));
    proxies.follow(peer, addresses)
}

/// Whether a proxy has said `Forwarded`, where it may say either: each that speaks the other
/// family appends to `X-Forwarded-For`, so that one of these headers without it is made up.
pub(super) fn is_forwarded_said(headers: &HeaderMap) -> bool {
    headers.contains_key(FORWARDED) && !headers.contains_key(FOR)
}

/// The elements of a list from the nearest proxy on, so from the right; several lines are one
/// list. An empty element is one too: it is what its proxy has said. `None` is illegal text.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = Option<&str>> {
    let lines = headers.get_all(name).iter().rev();
    lines.flat_map(|line| {
        line.as_bytes()
            .rsplit(|byte| *byte == b',')
            .map(field::text)
    })
}

/// As in `Forwarded`, but there are no quotes here and IPv6 needs no brackets.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.parse::<Ipv6Addr>().ok();
    let bare = bare.map(|address| IpAddr::from(address).to_canonical());
    bare.or_else(|| forwarded::address(text))
}

/// The prefixes that the nearest `hops` proxies have taken away, outermost first.
fn prefix_of(headers: &HeaderMap, hops: usize) -> Option<String> {
    let mut nearest = Vec::new();
    for element in elements(headers, PREFIX).take(hops) {
        nearest.push(element?);
    }
    let mut prefixes = String::new();
    for prefix in nearest.iter().rev() {
        prefix::push(&mut prefixes, prefix)?;
    }
    Some(prefixes)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{address, read, way};
    use crate::proxy::{ForwardingHeaders, Proxies};

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            let value = HeaderValue::from_bytes(value.as_bytes()).expect("a value");
            headers.append(HeaderName::from_static(name), value);
        }
        headers
    }

    /// Scheme, host, port and prefix; `-` is none.
    fn said(proxies: &Proxies, lines: &[(&'static str, &str)]) -> String {
        let found = read(proxies, &headers(lines), None);
        let scheme = found.scheme.map_or("-", |scheme| scheme.as_str());
        let host = found.authority.map_or("-".to_owned(), |found| {
            let port = found.port.map(|port| format!(":{port}"));
            found.host + &port.unwrap_or_default()
        });
        let port = found.port.map_or("-".to_owned(), |port| port.to_string());
        format!("{scheme} {host} {port} {}", found.prefix)
    }

    #[test]
    fn the_element_of_the_farthest_trusted_hop_is_taken() {
        let lines = [
            ("x-forwarded-host", "evil.example, a.example"),
            ("x-forwarded-host", "b.example:81"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-port", "1,2,3,4"),
            ("x-forwarded-prefix", "/evil, /a/"),
            ("x-forwarded-prefix", "/b"),
        ];
        for (hops, expected) in [
            (0, "- - - "),
            (1, "https b.example:81 4 /b"),
            (2, "https a.example 3 /a/b"),
            (3, "https evil.example 2 /evil/a/b"),
            (9, "https evil.example 1 /evil/a/b"),
        ] {
            assert_eq!(said(&Proxies::hops(hops), &lines), expected, "{hops}");
        }
    }

    #[test]
    fn what_is_illegal_is_absent_and_not_replaced_by_its_neighbour() {
        let one = Proxies::hops(1);
        for (name, value) in [
            ("x-forwarded-host", "a.example, "),
            ("x-forwarded-host", "a.example, b example"),
            ("x-forwarded-host", "a.example, \"b.example\""),
            ("x-forwarded-host", "é"),
            ("x-forwarded-proto", "https, ftp"),
            ("x-forwarded-proto", "https,"),
            ("x-forwarded-port", "443, 0"),
            ("x-forwarded-port", "443, 443/tcp"),
            ("x-forwarded-prefix", "/a, b"),
            ("x-forwarded-prefix", "/a, /%2e%2e"),
            ("x-forwarded-prefix", "/\u{e9}"),
        ] {
            assert_eq!(said(&one, &[(name, value)]), "- - - ", "{name}: {value}");
        }
        // One illegal part makes the whole prefix absent.
        let prefixes = [("x-forwarded-prefix", "/a, b, /c")];
        assert_eq!(said(&Proxies::hops(3), &prefixes), "- - - ");
        assert_eq!(said(&one, &prefixes), "- - - /c");
    }

    #[test]
    fn each_family_of_headers_is_read_where_it_is_believed() {
        let both = [
            ("forwarded", "host=f.example;proto=https"),
            ("x-forwarded-host", "x.example"),
            ("x-forwarded-prefix", "/p"),
        ];
        let one = |headers| Proxies::hops(1).headers(headers);
        for (family, lines, expected) in [
            (ForwardingHeaders::XForwarded, &both[..], "- x.example - /p"),
            (ForwardingHeaders::Forwarded, &both, "https f.example - "),
            (ForwardingHeaders::Either, &both, "https f.example - /p"),
            (ForwardingHeaders::Either, &both[1..], "- x.example - /p"),
            (ForwardingHeaders::XForwarded, &both[..1], "- - - "),
            (ForwardingHeaders::Forwarded, &both[1..], "- - - "),
            (ForwardingHeaders::Either, &both[..1], "https f.example - "),
        ] {
            assert_eq!(said(&one(family), lines), expected, "{family:?} {lines:?}");
        }
    }

    #[test]
    fn the_elements_of_forwarded_are_counted_as_the_hops() {
        let lines = [
            (
                "forwarded",
                "host=evil.example;proto=http, \";, host=a.example",
            ),
            ("forwarded", "for=10.0.0.1;host=b.example;proto=https"),
        ];
        for (hops, expected) in [
            (0, "- - - "),
            (1, "https b.example - "),
            (2, "- a.example - "),
            (3, "- a.example - "),
        ] {
            let proxies = Proxies::hops(hops).headers(ForwardingHeaders::Forwarded);
            assert_eq!(said(&proxies, &lines), expected, "{hops}");
        }
    }

    #[test]
    fn the_client_is_found_in_both_families() {
        let networks = Proxies::networks(["10.0.0.0/8"]).expect("networks");
        let peer = Some("10.0.0.1".parse().expect("an address"));
        let expected = Some("198.51.100.1".parse().expect("an address"));
        let list = [
            ("x-forwarded-for", "::7, nonsense, 198.51.100.1:99"),
            ("x-forwarded-for", "10.0.0.2"),
        ];
        assert_eq!(way(&networks, &headers(&list), peer).client, expected);
        assert_eq!(
            way(&Proxies::hops(2), &headers(&list), peer).client,
            expected
        );
        let list = [("forwarded", "for=\", for=\"198.51.100.1:99\", for=10.0.0.2")];
        for proxies in [networks, Proxies::hops(2)] {
            let proxies = proxies.headers(ForwardingHeaders::Forwarded);
            assert_eq!(way(&proxies, &headers(&list), peer).client, expected);
        }
    }

    #[test]
    fn addresses_come_in_many_forms() {
        for (text, expected) in [
            ("192.0.2.1", Some("192.0.2.1")),
            ("192.0.2.1:4711", Some("192.0.2.1")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:4711", Some("2001:db8::1")),
            ("::ffff:192.0.2.1", Some("192.0.2.1")),
            ("unknown", None),
            ("", None),
            ("\"192.0.2.1\"", None),
            ("192.0.2.1 ", None),
            ("fe80::1%eth0", None),
        ] {
            let expected = expected.map(|text| text.parse().expect("an address"));
            assert_eq!(address(text), expected, "{text}");
        }
    }
}
