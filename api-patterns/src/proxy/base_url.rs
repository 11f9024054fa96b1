//! What stands before the paths of links.

use std::fmt::Write as _;
use std::sync::Arc;

use http::header::HOST;
use http::{HeaderMap, Request, Uri};

use super::authority::{Authority, Scheme};
use super::error::{BaseUrlError, HostError};
use super::forwarding::Forwarding;
use super::prefix;
use super::proxies::Proxies;

/// What stands before the paths of links. Default: nothing, so that links are path-absolute.
///
/// See the [module docs](super) for an example.
#[derive(Clone, Debug, Default)]
pub struct BaseUrl {
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Fixed(Arc<str>),
    Request(Arc<Policy>),
}

/// How a base URL is taken from the request.
#[derive(Clone, Debug)]
struct Policy {
    proxies: Proxies,
    scheme: Option<Scheme>,
    hosts: Option<Vec<Authority>>,
}

impl Default for Kind {
    fn default() -> Self {
        Self::Fixed(Arc::default())
    }
}

impl BaseUrl {
    /// Nothing: `/products/7`. No request can change that.
    #[must_use]
    pub fn relative() -> Self {
        Self::default()
    }

    /// One URL for all requests: `https://shop.example`, `https://example.org:8443/shop`.
    ///
    /// A slash at the end is dropped, and so is the scheme's default port.
    ///
    /// # Errors
    /// For what is not `http://` or `https://`, a host, maybe a port and maybe a path; in
    /// particular for user names, queries and fragments.
    pub fn fixed(url: &str) -> Result<Self, BaseUrlError> {
        let base = parse(url).map_err(|reason| BaseUrlError {
            url: url.to_owned(),
            reason,
        })?;
        Ok(Self {
            kind: Kind::Fixed(base.into()),
        })
    }

    /// Scheme, host, port and path prefix of the request as its client has sent it: what trusted
    /// proxies say, and else the `Host` header (or the authority of the request's target) and
    /// `http`.
    ///
    /// Where there is no legal host, links are relative. Any client can write any host: see
    /// [`hosts`](Self::hosts).
    #[must_use]
    pub fn from_request(proxies: Proxies) -> Self {
        Self {
            kind: Kind::Request(Arc::new(Policy {
                proxies,
                scheme: None,
                hosts: None,
            })),
        }
    }

    /// The hosts that links may name: `shop.example` on any port, `shop.example:8443` on this
    /// one. In answers to requests for other hosts, links are relative. Default: every host.
    ///
    /// It matters for [`from_request`](Self::from_request) only.
    ///
    /// # Errors
    /// For a text that is neither a host nor a host and port.
    pub fn hosts<I>(self, hosts: I) -> Result<Self, HostError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let hosts = hosts.into_iter().map(|host| {
            Authority::parse(host.as_ref()).ok_or_else(|| HostError {
                host: host.as_ref().to_owned(),
            })
        });
        let hosts = hosts.collect::<Result<Vec<_>, _>>()?;
        Ok(self.change(|policy| policy.hosts = Some(hosts)))
    }

    /// `https` where no trusted proxy says otherwise: for a server that terminates TLS itself, or
    /// behind a proxy that does and does not say so. Default: the scheme of the request's target,
    /// else `http`.
    ///
    /// It matters for [`from_request`](Self::from_request) only.
    #[must_use]
    pub fn https(self) -> Self {
        self.change(|policy| policy.scheme = Some(Scheme::Https))
    }

    fn change(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        if let Kind::Request(policy) = &mut self.kind {
            change(Arc::make_mut(policy));
        }
        self
    }

    /// The base of the links in the answer to a request: `https://shop.example:8443/prefix`,
    /// `/prefix` or nothing, without a slash at the end. A path-absolute reference follows.
    ///
    /// The peer's address, [`ConnectInfo<SocketAddr>`](axum::extract::ConnectInfo), is taken from
    /// the request's extensions, where it is known.
    #[must_use]
    pub fn resolve<B>(&self, request: &Request<B>) -> String {
        match &self.kind {
            Kind::Fixed(base) => base.to_string(),
            Kind::Request(policy) => {
                let (headers, extensions) = (request.headers(), request.extensions());
                let forwarding = policy.proxies.forwarding(headers, extensions);
                policy.base(forwarding, headers, request.uri())
            }
        }
    }
}

impl Policy {
    fn base(&self, forwarding: Forwarding, headers: &HeaderMap, uri: &Uri) -> String {
        let requested = || uri.scheme_str().and_then(Scheme::parse);
        let scheme = forwarding.scheme.or(self.scheme).or_else(requested);
        let scheme = scheme.unwrap_or(Scheme::Http);
        let authority = forwarding
            .authority
            .or_else(|| requested_authority(headers, uri));
        let authority = authority.map(|authority| Authority {
            port: authority.port.or(forwarding.port),
            ..authority
        });
        match authority.filter(|authority| self.allows(scheme, authority)) {
            Some(authority) => absolute(scheme, &authority, &forwarding.prefix),
            None => forwarding.prefix,
        }
    }

    fn allows(&self, scheme: Scheme, authority: &Authority) -> bool {
        let port = authority.port.unwrap_or(scheme.default_port());
        self.hosts.as_ref().is_none_or(|hosts| {
            hosts.iter().any(|allowed| {
                allowed.host == authority.host && allowed.port.is_none_or(|only| only == port)
            })
        })
    }
}

/// The host that is asked for. The authority of an absolute target goes before the header (RFC
/// 9112 §3.2.2), of which there must not be two.
fn requested_authority(headers: &HeaderMap, uri: &Uri) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return Authority::parse(authority.as_str());
    }
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().filter(|_| hosts.next().is_none())?;
    Authority::parse(host.to_str().ok()?)
}

fn absolute(scheme: Scheme, authority: &Authority, prefix: &str) -> String {
    let longest = "https://".len() + authority.host.len() + ":65535".len() + prefix.len();
    let mut base = String::with_capacity(longest);
    base.push_str(scheme.as_str());
    base.push_str("://");
    base.push_str(&authority.host);
    let port = authority.port.filter(|port| *port != scheme.default_port());
    if let Some(port) = port {
        let _ = write!(base, ":{port}");
    }
    base.push_str(prefix);
    base
}

fn parse(url: &str) -> Result<String, &'static str> {
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        _ => return Err("it begins with neither `http://` nor `https://`"),
    };
    if rest.contains(['?', '#']) {
        return Err("it has a query or a fragment");
    }
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let authority = Authority::parse(authority)
        .ok_or("between `://` and the path stands no host, or host and port")?;
    let mut checked = String::new();
    prefix::push(&mut checked, path).ok_or(
        "its path has empty segments, `.` or `..`, illegal characters, or more than 1024 bytes",
    )?;
    Ok(absolute(scheme, &authority, &checked))
}

#[cfg(test)]
mod tests {
    use http::header::HOST;
    use http::{HeaderName, Request};

    use super::BaseUrl;
    use crate::proxy::Proxies;

    fn resolve(base: &BaseUrl, uri: &str, lines: &[(HeaderName, &str)]) -> String {
        let mut request = Request::get(uri);
        for (name, value) in lines {
            request = request.header(name, value.as_bytes());
        }
        base.resolve(&request.body(()).expect("a request"))
    }

    fn forwarded(name: &'static str) -> HeaderName {
        HeaderName::from_static(name)
    }

    #[test]
    fn fixed_urls_are_brought_to_one_form() {
        for (url, expected) in [
            ("https://shop.example", "https://shop.example"),
            ("HTTPS://Shop.Example:443/", "https://shop.example"),
            (
                "http://shop.example:8080/a/b/",
                "http://shop.example:8080/a/b",
            ),
            ("http://[::1]:3000/%C3%A9", "http://[::1]:3000/%C3%A9"),
            ("https://shop.example:80", "https://shop.example:80"),
        ] {
            let base = BaseUrl::fixed(url).expect(url);
            assert_eq!(resolve(&base, "/x", &[(HOST, "evil.example")]), expected);
        }
        assert_eq!(
            resolve(&BaseUrl::relative(), "http://evil.example/x", &[]),
            ""
        );
    }

    #[test]
    fn other_texts_are_no_base_urls() {
        for (url, reason) in [
            ("", "begins"),
            ("/prefix", "begins"),
            ("shop.example", "begins"),
            ("ftp://shop.example", "begins"),
            ("https:/shop.example", "begins"),
            ("https://", "no host"),
            ("https:///a", "no host"),
            ("https://a@shop.example", "no host"),
            ("https://shop.example:0", "no host"),
            ("https://shop.example?q", "query"),
            ("https://shop.example/#f", "query"),
            ("https://shop.example//", "path"),
            ("https://shop.example/a/../b", "path"),
            ("https://shop.example/{id}", "path"),
        ] {
            let error = BaseUrl::fixed(url).expect_err(url).to_string();
            assert!(error.contains(reason) && error.contains(url), "{error}");
        }
    }

    #[test]
    fn the_request_tells_its_host() {
        let base = BaseUrl::from_request(Proxies::none());
        for (uri, hosts, expected) in [
            ("/", &["Shop.example:3000"][..], "http://shop.example:3000"),
            ("/", &["shop.example:80"], "http://shop.example"),
            ("/", &["shop.example:443"], "http://shop.example:443"),
            ("https://a.example/", &["b.example"], "https://a.example"),
            ("https://a.example:443/", &[], "https://a.example"),
            ("ftp://a.example/", &[], "http://a.example"),
            ("http://u@a.example/", &["b.example"], ""),
            ("/", &[], ""),
            ("/", &[""], ""),
            ("/", &["a.example", "a.example"], ""),
            ("/", &["a.example/b"], ""),
            ("/", &["é"], ""),
        ] {
            let lines: Vec<_> = hosts.iter().map(|host| (HOST, *host)).collect();
            assert_eq!(resolve(&base, uri, &lines), expected, "{uri} {hosts:?}");
        }
        let host = [(HOST, "a.example:443")];
        let secure = base.https();
        assert_eq!(resolve(&secure, "/", &host), "https://a.example");
        assert_eq!(
            resolve(&secure, "http://a.example/", &[]),
            "https://a.example"
        );
    }

    #[test]
    fn ports_are_those_of_the_client() {
        let base = BaseUrl::from_request(Proxies::hops(1)).https();
        for (host, proto, port, expected) in [
            ("a.example", "https", "443", "https://a.example"),
            ("a.example", "https", "8443", "https://a.example:8443"),
            ("a.example:8443", "https", "443", "https://a.example:8443"),
            ("a.example", "http", "80", "http://a.example"),
            ("a.example", "http", "443", "http://a.example:443"),
            ("a.example", "", "0", "https://a.example"),
            ("a b", "http", "8080", "http://internal:8080"),
        ] {
            let lines = [
                (HOST, "internal"),
                (forwarded("x-forwarded-host"), host),
                (forwarded("x-forwarded-proto"), proto),
                (forwarded("x-forwarded-port"), port),
            ];
            assert_eq!(
                resolve(&base, "/", &lines),
                expected,
                "{host} {proto} {port}"
            );
        }
    }

    #[test]
    fn links_name_allowed_hosts_only() {
        let base = BaseUrl::from_request(Proxies::hops(1))
            .hosts(["Shop.example", "[::1]:3000", "api.example:80"])
            .expect("hosts");
        for (host, expected) in [
            ("shop.example", "http://shop.example/p"),
            ("shop.example:8080", "http://shop.example:8080/p"),
            ("[0::1]:3000", "http://[::1]:3000/p"),
            ("[::1]", "/p"),
            ("api.example", "http://api.example/p"),
            ("api.example:81", "/p"),
            ("evil.example", "/p"),
            ("shop.example.evil.example", "/p"),
        ] {
            let lines = [(HOST, host), (forwarded("x-forwarded-prefix"), "/p")];
            assert_eq!(resolve(&base, "/", &lines), expected, "{host}");
        }
        let none = base.clone().hosts::<[&str; 0]>([]).expect("no hosts");
        assert_eq!(resolve(&none, "/", &[(HOST, "shop.example")]), "");
        let error = base.hosts(["https://shop.example"]).expect_err("a URL");
        assert_eq!(
            error.to_string(),
            "`https://shop.example` is not a host, or host and port"
        );
    }
}
