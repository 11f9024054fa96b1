//! The `Forwarded` header of RFC 7239, and the node names in it.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::HeaderMap;
use http::header::FORWARDED;

use crate::field::{self, Parameters};

/// Most parameters of one element.
const MAX_PARAMETERS: usize = 16;

/// What one proxy has said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element<'a> {
    /// `for`, where it is an address.
    pub(super) address: Option<IpAddr>,
    pub(super) host: Option<Cow<'a, str>>,
    pub(super) proto: Option<Cow<'a, str>>,
}

/// The elements from the nearest proxy on, so from the right (RFC 7239 §4), up to the first that
/// does not parse. What a trusted proxy has appended is read whatever stood there before.
pub(super) fn elements(headers: &HeaderMap) -> impl Iterator<Item = Element<'_>> {
    let lines = headers.get_all(FORWARDED).iter().rev();
    lines
        .flat_map(|line| field::list_from_right(line.as_bytes()))
        .map_while(|element| element_of(field::text(element)?))
}

fn element_of(text: &str) -> Option<Element<'_>> {
    let mut element = Element::default();
    let mut names = [""; MAX_PARAMETERS];
    for (nth, parameter) in Parameters::new(text).enumerate() {
        let (name, value) = parameter.ok()?;
        let earlier = names.get(..nth)?;
        if earlier.iter().any(|other| other.eq_ignore_ascii_case(name)) {
            return None;
        }
        *names.get_mut(nth)? = name;
        if name.eq_ignore_ascii_case("for") {
            element.address = node(&value)?;
        } else if name.eq_ignore_ascii_case("host") {
            element.host = Some(value);
        } else if name.eq_ignore_ascii_case("proto") {
            element.proto = Some(value);
        }
    }
    Some(element)
}

/// A node (RFC 7239 §6): its address, or `Some(None)` where it is legal but says none.
#[expect(
    clippy::option_option,
    reason = "legal without an address is not illegal"
)]
fn node(text: &str) -> Option<Option<IpAddr>> {
    if let Some(address) = address(text) {
        return Some(Some(address));
    }
    let name = match text.split_once(':') {
        Some((name, port)) => Some(name).filter(|_| is_node_port(port))?,
        None => text,
    };
    (name.eq_ignore_ascii_case("unknown") || is_obfuscated(name)).then_some(None)
}

/// The address in `IPv4[:port]` or `"[IPv6]"[:port]`, where an IPv4-mapped one is IPv4.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let (address, port): (IpAddr, _) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) = rest.split_once(']')?;
            (address.parse::<Ipv6Addr>().ok()?.into(), rest)
        }
        None => {
            let (address, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (address.parse::<Ipv4Addr>().ok()?.into(), port)
        }
    };
    let legal = port.is_empty() || port.strip_prefix(':').is_some_and(is_node_port);
    legal.then(|| address.to_canonical())
}

fn is_node_port(port: &str) -> bool {
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits && (1..=5).contains(&port.len()) || is_obfuscated(port)
}

fn is_obfuscated(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let rest = text.strip_prefix('_').unwrap_or_default();
    !rest.is_empty() && rest.bytes().all(legal)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue, header::FORWARDED};

    use super::{address, elements, node};

    /// Address, host and proto of each element, from the right; `-` is none.
    fn read(lines: &[&str]) -> Vec<String> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).expect("a value");
            headers.append(FORWARDED, line);
        }
        let text = |text: Option<&str>| text.unwrap_or("-").to_owned();
        elements(&headers)
            .map(|element| {
                let address = element.address.map(|address| address.to_string());
                let [a, h, p] = [
                    address.as_deref(),
                    element.host.as_deref(),
                    element.proto.as_deref(),
                ]
                .map(text);
                format!("{a} {h} {p}")
            })
            .collect()
    }

    #[test]
    fn elements_are_read_from_the_right() {
        let cases: [(&[&str], &[&str]); 10] = [
            (&[], &[]),
            (
                &["for=192.0.2.60;proto=http;by=203.0.113.43"],
                &["192.0.2.60 - http"],
            ),
            (
                &["For=\"[2001:db8:cafe::17]:4711\";HOST=\"a.example:8443\";pRoto=https"],
                &["2001:db8:cafe::17 a.example:8443 https"],
            ),
            (
                &[
                    "for=192.0.2.1, for=192.0.2.2",
                    "for=192.0.2.3;secret=\"a,b;for=x\"",
                ],
                &["192.0.2.3 - -", "192.0.2.2 - -", "192.0.2.1 - -"],
            ),
            (&["for=unknown, for=_hidden, for=\"_x:_y\""], &["- - -"; 3]),
            (
                &["for=\"[::ffff:192.0.2.1]\" ; host=a\t;"],
                &["192.0.2.1 a -"],
            ),
            (&[""], &["- - -"]),
            (&["host=\"e\\vil\\\"\""], &["- evil\" -"]),
            // What stood there before hides nothing.
            (
                &["for=\", host=evil, for=192.0.2.1"],
                &["192.0.2.1 - -", "- evil -"],
            ),
            (&["é, \"", "\\\", for=192.0.2.1"], &["192.0.2.1 - -"]),
        ];
        for (lines, expected) in cases {
            assert_eq!(read(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn an_element_that_does_not_parse_ends_the_list() {
        for element in [
            "x",
            "for=",
            "for=192.0.2.1;for=192.0.2.1",
            "for=192.0.2.1;x=1;X=2",
            "for=192.0.2.256",
            "for=192.0.2.1:80",
            "for=[::1]",
            "for=\"::1\"",
            "for=\"[::1]",
            "for=\"[::1]:\"",
            "for=\"192.0.2.1:http\"",
            "for=\"unknown:\"",
            "for=_",
            "for=\"_a b\"",
            "for = 192.0.2.1",
            "for=192.0.2.1 host=a",
            "host=a/b",
            "host=\"a\"b",
            "a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1;j=1;k=1;l=1;m=1;n=1;o=1;p=1;q=1",
            "for=192.0.2.1;host=é",
        ] {
            let line = format!("for=192.0.2.7, {element}, for=192.0.2.9");
            assert_eq!(read(&[&line]), ["192.0.2.9 - -"], "{element}");
        }
    }

    #[test]
    fn nodes_are_addresses_or_say_none() {
        for text in ["unknown", "UNKNOWN", "_a", "_a:1", "unknown:_port", "_.-"] {
            assert_eq!(node(text), Some(None), "{text}");
        }
        for text in [
            "",
            "_",
            "a",
            "unknown:",
            "unknown:123456",
            "_a:_",
            "a:1",
            "::1",
        ] {
            assert_eq!(node(text), None, "{text}");
        }
        for (text, expected) in [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:1", "192.0.2.1"),
            ("192.0.2.1:_p", "192.0.2.1"),
            ("[::1]", "::1"),
            ("[::1]:65535", "::1"),
            ("[::FFFF:c000:201]:1", "192.0.2.1"),
        ] {
            let expected = expected.parse().expect("an address");
            assert_eq!(address(text), Some(expected), "{text}");
        }
    }
}
