//! [`LinksLayer`]: base URL and rendering, decided once per request.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::OriginalUri;
use http::{Request, Response, Uri};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::accept::negotiate;
use super::rendering::Rendering;
use super::view::{self, View};
use crate::proxy::BaseUrl;

/// Decides how [`Linked`](super::Linked) responses and the `Link` headers of pages are written.
///
/// By default hrefs are relative to the host, and the client's `Accept` chooses between
/// [`Plain`](Rendering::Plain), [`Hal`](Rendering::Hal), [`HalForms`](Rendering::HalForms) and
/// [`JsonApi`](Rendering::JsonApi). See the [module docs](super) for an example.
///
/// What it decides is known to whatever runs in the same task below it. A response that is made
/// in a task of its own (`tokio::spawn`) is written as without the layer.
#[derive(Clone, Debug)]
pub struct LinksLayer {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
struct Settings {
    base: BaseUrl,
    offered: Arc<[Rendering]>,
    media_types: Vec<&'static str>,
    mounted: bool,
    items_in_header: bool,
}

impl LinksLayer {
    /// Relative links in the rendering that the client asks for.
    pub fn new() -> Self {
        let settings = Settings {
            base: BaseUrl::relative(),
            offered: Arc::default(),
            media_types: Vec::new(),
            mounted: false,
            items_in_header: false,
        };
        let layer = Self {
            settings: Arc::new(settings),
        };
        layer.offer([
            Rendering::Plain,
            Rendering::Hal,
            Rendering::HalForms,
            Rendering::JsonApi,
        ])
    }

    /// What goes before every path. Default: nothing, so that `Host` changes nothing.
    #[must_use]
    pub fn base(self, base: BaseUrl) -> Self {
        self.set(|settings| settings.base = base)
    }

    /// The renderings that `Accept` chooses from; the first is the default. Of several with one
    /// media type the first is taken. With a single one `Accept` is not looked at.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn offer(self, renderings: impl IntoIterator<Item = Rendering>) -> Self {
        let offered: Arc<[_]> = renderings.into_iter().collect();
        assert!(
            !offered.is_empty(),
            "at least one rendering has to be offered"
        );
        self.set(|settings| {
            settings.media_types = offered.iter().map(|form| form.media_type()).collect();
            settings.offered = offered;
        })
    }

    /// Takes the addresses in derives as paths below the router that this layer is applied to,
    /// wherever that one is nested. Default: they are the whole path.
    #[must_use]
    pub fn mounted(self) -> Self {
        self.set(|settings| settings.mounted = true)
    }

    /// Names the items of a page as `rel="item"` in its `Link` header, where that stays within
    /// 2 KiB. Default: off.
    #[must_use]
    pub fn items_in_header(self) -> Self {
        self.set(|settings| settings.items_in_header = true)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Default for LinksLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings {
    fn view<B>(&self, request: &Request<B>) -> View {
        View {
            base: self.base.resolve(request),
            mount: match self.mounted {
                true => mount(request),
                false => String::new(),
            },
            rendering: self.rendering(request),
            offered: self.offered.clone(),
            items_in_header: self.items_in_header,
        }
    }

    fn rendering<B>(&self, request: &Request<B>) -> Option<Rendering> {
        if let [only] = self.offered[..] {
            return Some(only);
        }
        let accepted = negotiate(request.headers(), &self.media_types);
        // What an unsafe method has done is done, so it is answered in any case
        // (RFC 9110 §12.4.1 leaves the choice).
        let chosen = accepted.or((!request.method().is_safe()).then_some(0))?;
        self.offered.get(chosen).copied()
    }
}

/// The path of the request up to the router that sees the rest of it.
fn mount<B>(request: &Request<B>) -> String {
    let original = request.extensions().get::<OriginalUri>();
    let whole = original.map_or("", |OriginalUri(uri)| Uri::path(uri));
    let rest = request.uri().path();
    let mount = whole.strip_suffix(rest);
    // `/api` is `/` to the router that is nested there.
    let mount = mount.unwrap_or(if rest == "/" { whole } else { "" });
    mount.trim_end_matches('/').to_owned()
}

impl<S> Layer<S> for LinksLayer {
    type Service = LinksService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        LinksService {
            inner,
            settings: self.settings.clone(),
        }
    }
}

/// The service of [`LinksLayer`].
///
/// See the [module docs](super) for an example.
#[derive(Clone, Debug)]
pub struct LinksService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for LinksService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let view = Arc::new(self.settings.view(&request));
        let _guard = view::enter(&view);
        ResponseFuture {
            inner: self.inner.call(request),
            view,
        }
    }
}

pin_project! {
    /// The future of [`LinksService`].
    pub struct ResponseFuture<F> {
        #[pin]
        inner: F,
        view: Arc<View>,
    }
}

impl<F: Future> Future for ResponseFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _guard = view::enter(this.view);
        this.inner.poll(cx)
    }
}
