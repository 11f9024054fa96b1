//! Schemes, hosts and ports: the first part of an absolute URL.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Longest host, in bytes: that of a name in DNS.
const LONGEST_HOST: usize = 255;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    /// The scheme of the links in what is asked for over `text`, in any case: a WebSocket is
    /// opened by an HTTP request.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let is = |name: &str| text.eq_ignore_ascii_case(name);
        if is("https") || is("wss") {
            Some(Self::Https)
        } else if is("http") || is("ws") {
            Some(Self::Http)
        } else {
            None
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    pub(crate) const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A host in lower case, with brackets where it is an IPv6 address, and a port other than 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

impl Authority {
    /// Reads `host[:port]` (RFC 3986 §3.2.2 without percent escapes), or nothing.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (host, port) = match text.strip_prefix('[') {
            Some(rest) => {
                let (address, rest) = rest.split_once(']')?;
                let address: Ipv6Addr = address.parse().ok()?;
                let port = match rest {
                    "" => None,
                    rest => Some(rest.strip_prefix(':')?),
                };
                (format!("[{address}]"), port)
            }
            None => {
                let (name, port) = match text.split_once(':') {
                    Some((name, port)) => (name, Some(port)),
                    None => (text, None),
                };
                (registered_name(name)?, port)
            }
        };
        let port = match port {
            Some(port) => Some(parse_port(port)?),
            None => None,
        };
        Some(Self { host, port })
    }
}

/// Also an IPv4 address, whose syntax is that of a name.
fn registered_name(name: &str) -> Option<String> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if name.is_empty() || name.len() > LONGEST_HOST || !name.bytes().all(legal) {
        return None;
    }
    if name.starts_with('.') || name.contains("..") || !name.contains(char::is_alphanumeric) {
        return None;
    }
    // Clients take a name that ends in a number for an IPv4 address, or refuse it.
    if is_number(name.trim_end_matches('.').rsplit('.').next()?) {
        name.parse::<Ipv4Addr>().ok()?;
    }
    Some(name.to_ascii_lowercase())
}

/// Whether clients read a label as a number (WHATWG URL §3.5, "ends in a number").
fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or(label.strip_prefix("0X"));
    let is_hex = hex.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    is_hex || label.bytes().all(|byte| byte.is_ascii_digit())
}

/// A port from 1 to 65535, of digits alone.
pub(crate) fn parse_port(text: &str) -> Option<u16> {
    let digits = text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
    let port = digits.then(|| text.parse().ok()).flatten();
    port.filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::{Authority, Scheme, parse_port};

    fn parse(text: &str) -> Option<(String, Option<u16>)> {
        Authority::parse(text).map(|found| (found.host, found.port))
    }

    #[test]
    fn hosts_and_ports_are_read() {
        for (text, host, port) in [
            ("shop.example", "shop.example", None),
            ("Shop.EXAMPLE:8443", "shop.example", Some(8443)),
            ("localhost:1", "localhost", Some(1)),
            ("a_b-c~d.example.:65535", "a_b-c~d.example.", Some(65535)),
            ("192.0.2.1:080", "192.0.2.1", Some(80)),
            ("[2001:DB8:0:0::1]", "[2001:db8::1]", None),
            ("[::1]:3000", "[::1]", Some(3000)),
            ("[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]", None),
            ("xn--bcher-kva.example", "xn--bcher-kva.example", None),
        ] {
            assert_eq!(parse(text), Some((host.to_owned(), port)), "{text}");
        }
        let longest = "a".repeat(255);
        assert_eq!(parse(&longest), Some((longest.clone(), None)));
    }

    #[test]
    fn other_texts_are_no_authorities() {
        for text in [
            "",
            ":80",
            "shop.example:",
            "shop.example:0",
            "shop.example:65536",
            "shop.example:+80",
            "shop.example:80:80",
            "shop.example:000080",
            "0x7f000001",
            "127.0.0.0X1",
            "-._~",
            "shop.example/",
            "shop.example?q",
            "shop.example#f",
            "user@shop.example",
            "user:password@shop.example",
            "shop%2eexample",
            "shop.example evil.example",
            "shop.example,evil.example",
            "shop.example\r\nx: y",
            "\"shop.example\"",
            "shop.example\\",
            "<script>",
            "bücher.example",
            "::1",
            "[::1",
            "[::1]3000",
            "[::1]:",
            "[::1%25eth0]",
            "[v1.a]",
            "[192.0.2.1]",
            "[]",
            ".",
            ".example",
            "a..example",
            "192.0.2.256",
            "192.0.2",
            "1",
            "http://shop.example",
            &"a".repeat(256),
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn schemes_are_read_in_any_case() {
        for (text, scheme) in [
            ("http", Some(Scheme::Http)),
            ("WS", Some(Scheme::Http)),
            ("HttpS", Some(Scheme::Https)),
            ("wss", Some(Scheme::Https)),
            ("", None),
            ("ftp", None),
            ("https:", None),
            ("http https", None),
            ("javascript", None),
        ] {
            assert_eq!(Scheme::parse(text), scheme, "{text}");
        }
    }

    #[test]
    fn ports_are_digits() {
        assert_eq!(parse_port("443"), Some(443));
        for text in ["", "0", "65536", "-1", "+1", "1 ", "999999", "http"] {
            assert_eq!(parse_port(text), None, "{text}");
        }
    }
}
