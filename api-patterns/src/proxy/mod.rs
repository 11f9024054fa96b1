//! Which proxies are believed, and the base URL of links.
//!
//! For services whose answers hold absolute URLs, or that treat clients by their address, and that
//! stand behind proxies. What a proxy says about a request stands in headers that every client can
//! write too, so nothing is believed by default, and only what the configured proxies have
//! appended otherwise.
//!
//! # Example
//! ```
//! use api_patterns::proxy::{BaseUrl, Proxies};
//! use axum::http::Request;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // One proxy stands in front of the app, whatever its address.
//! let base = BaseUrl::from_request(Proxies::hops(1)).hosts(["shop.example"])?;
//!
//! let request = Request::get("/products/7")
//!     .header("host", "10.0.0.7:3000")
//!     .header("x-forwarded-host", "evil.example, shop.example")
//!     .header("x-forwarded-proto", "https")
//!     .header("x-forwarded-prefix", "/v2/")
//!     .body(())?;
//! assert_eq!(base.resolve(&request), "https://shop.example/v2");
//! # Ok(()) }
//! ```
//!
//! # Example: trusted networks
//! Here a client that reaches the app past the proxy changes nothing by writing such headers.
//! ```
//! use std::net::SocketAddr;
//!
//! use api_patterns::proxy::{ForwardingHeaders, Proxies};
//! use axum::extract::ConnectInfo;
//! use axum::http::Request;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // With `into_make_service_with_connect_info::<SocketAddr>()` where the app is served.
//! let proxies = Proxies::networks(["10.0.0.0/8", "::1"])?.headers(ForwardingHeaders::Forwarded);
//!
//! for (peer, client) in [
//!     ("10.0.0.1:4711", "198.51.100.7"), // the proxy
//!     ("203.0.113.1:4711", "203.0.113.1"), // somebody
//! ] {
//!     let request = Request::get("/")
//!         .extension(ConnectInfo(peer.parse::<SocketAddr>()?))
//!         .header("forwarded", "for=10.0.0.9, for=198.51.100.7, for=10.0.0.2")
//!         .body(())?;
//!     assert_eq!(proxies.client(&request), Some(client.parse()?));
//! }
//! # Ok(()) }
//! ```
//!
//! # What is believed
//! | [`Proxies`] | whose word counts |
//! | --- | --- |
//! | [`none`](Proxies::none) (default) | nobody's |
//! | [`hops(n)`](Proxies::hops) | that of the *n* nearest proxies, at most 32, whatever their addresses |
//! | [`networks`](Proxies::networks) | that of the peer, if it is in one of the networks, and of each further hop up to the first address outside; at most 32 |
//!
//! That gives a number of trusted hops, *n*. Each list is read from its right end, where the nearest
//! proxy has appended; several lines of a header are one list.
//!
//! | what | from | which element | what is legal there |
//! | --- | --- | --- | --- |
//! | client | `X-Forwarded-For`, or `for` | the farthest of the last *n* that is an address | IPv4 or IPv6, maybe with a port |
//! | scheme | `X-Forwarded-Proto`, or `proto` | *n*th from the right, or the first | `http`, `https`, `ws`, `wss` |
//! | host | `X-Forwarded-Host`, or `host` | the same | a name of letters, digits and `-._~`, IPv4, `[IPv6]`, at most 255 bytes; maybe a port |
//! | port | the host's, else `X-Forwarded-Port` | the same | 1 to 65535; the scheme's default port is left out |
//! | prefix | `X-Forwarded-Prefix`, except with `Forwarded` alone | the last *n*, joined | a path without empty and dot segments, at most 1024 bytes |
//!
//! Whatever is not legal counts as absent. An element of `Forwarded` that does not parse
//! ([RFC 7239 §4]) ends its list: what stands to the left of it is not known. Its parameters `by`
//! and extensions are skipped. Without a believed host the `Host` header counts, or the authority
//! of the request's target, under the same rules; without a legal host links are relative, after
//! the prefix. Without a believed scheme it is that of the request's target, else `http`, or
//! `https` where [`BaseUrl::https`] says so.
//!
//! # Deployment caveat
//! * A proxy passes on what it does not know. Each header that is believed must be **set or
//!   removed** by the outermost proxy: those of the configured [family](ForwardingHeaders). One family alone is safer than
//!   [`Either`](ForwardingHeaders::Either), where the outermost proxy must set or remove all of
//!   them.
//! * [`hops`](Proxies::hops) takes for granted that every request comes through that many
//!   proxies. Where the app can be reached past one of them, name [`networks`](Proxies::networks),
//!   which need the peer's address: over a Unix socket there is none, and nothing is believed.
//! * A network holds proxies alone: a client in it can say anything.
//! * Without a proxy that checks it, the `Host` header is whatever the client writes. Name the
//!   [`hosts`](BaseUrl::hosts) that links may lead to, or a [fixed](BaseUrl::fixed) URL, wherever
//!   answers are cached or end up in mails.
//!
//! nginx as the outermost proxy, with the app under `/shop`:
//! ```nginx
//! location /shop/ {
//!     proxy_pass http://127.0.0.1:3000/;
//!     proxy_set_header Forwarded          "";
//!     proxy_set_header X-Forwarded-For    $remote_addr;
//!     proxy_set_header X-Forwarded-Proto  $scheme;
//!     proxy_set_header X-Forwarded-Host   $host;
//!     proxy_set_header X-Forwarded-Port   $server_port;
//!     proxy_set_header X-Forwarded-Prefix /shop;
//! }
//! ```
//! With an address in `proxy_pass` nginx decodes and normalizes the path, so that `%2F` in a
//! segment arrives as a slash. Where values can hold slashes, leave the prefix in place (no slash
//! at the end of `proxy_pass`, no `X-Forwarded-Prefix`) and nest the app under it.
//!
//! haproxy likewise, which keeps the path as it is:
//! ```haproxy
//! backend shop
//!     http-request del-header Forwarded
//!     http-request set-header X-Forwarded-For    %[src]
//!     http-request set-header X-Forwarded-Proto  %[ssl_fc,iif(https,http)]
//!     http-request set-header X-Forwarded-Host   %[req.hdr(Host)]
//!     http-request set-header X-Forwarded-Port   %[dst_port]
//!     http-request set-header X-Forwarded-Prefix /shop
//!     http-request replace-path /shop/(.*) /\1
//!     server app 127.0.0.1:3000
//! ```
//! A proxy behind another one appends its part instead: `$proxy_add_x_forwarded_for` in nginx,
//! `add-header` in haproxy, and leaves the others as they are.
//!
//! [RFC 7239 §4]: https://www.rfc-editor.org/rfc/rfc7239#section-4

mod authority;
mod base_url;
mod error;
mod forwarded;
mod forwarding;
mod network;
mod prefix;
mod proxies;

pub use self::base_url::BaseUrl;
pub use self::error::{BaseUrlError, HostError, NetworkError};
pub use self::proxies::{ForwardingHeaders, Proxies};
