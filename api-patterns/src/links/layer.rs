//! [`LinksLayer`]: base URL and rendering, decided once per request.

use std::sync::Arc;
use std::task::{Context, Poll};

use axum::BoxError;
use axum::extract::OriginalUri;
use bytes::Bytes;
use http::{Request, Response, Uri};
use tower_layer::Layer;
use tower_service::Service;

use super::accept::negotiate;
use super::future::ResponseFuture;
use super::rendering::Rendering;
use super::view::{self, View};
use crate::link::{push_reference, relative_safe};
use crate::proxy::BaseUrl;

/// Decides how [`Linked`](super::Linked) responses and the `Link` headers of pages are written.
///
/// By default hrefs are relative to the host, and the client's `Accept` chooses between
/// [`Plain`](Rendering::Plain), [`Hal`](Rendering::Hal), [`HalForms`](Rendering::HalForms) and
/// [`JsonApi`](Rendering::JsonApi). Within another such layer, what is not set here is as there:
/// an app sets its base URL and its renderings once, and a router that is nested anywhere in it
/// says [`mounted`](Self::mounted). See the [module docs](super) for an example.
///
/// What it decides is known to whatever runs in the same task below it, streamed bodies included.
/// A response that is made in a task of its own (`tokio::spawn`) is written as without the layer.
#[derive(Clone, Debug, Default)]
pub struct LinksLayer {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug, Default)]
struct Settings {
    base: Option<BaseUrl>,
    offered: Option<Arc<[Rendering]>>,
    mounted: bool,
    items_in_header: bool,
}

impl LinksLayer {
    /// Relative links in the rendering that the client asks for.
    pub fn new() -> Self {
        Self::default()
    }

    /// What goes before every path. Default: nothing, so that `Host` changes nothing.
    #[must_use]
    pub fn base(self, base: BaseUrl) -> Self {
        self.set(|settings| settings.base = Some(base))
    }

    /// The renderings that `Accept` chooses from; the first is the default. Of several with one
    /// media type the first is taken. With a single one `Accept` is not looked at.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn offer(self, renderings: impl IntoIterator<Item = Rendering>) -> Self {
        let mut offered = Vec::<Rendering>::new();
        for form in renderings {
            if !offered
                .iter()
                .any(|other| other.media_type() == form.media_type())
            {
                offered.push(form);
            }
        }
        assert!(
            !offered.is_empty(),
            "at least one rendering has to be offered"
        );
        self.set(|settings| settings.offered = Some(offered.into()))
    }

    /// Takes the addresses in derives as paths below the router that this layer is applied to,
    /// wherever that one is nested. Default: they are the whole path.
    ///
    /// The nest is found by the end that the path of the request has in common with the whole one,
    /// so a layer between the nest and this one must not rewrite the path.
    #[must_use]
    pub fn mounted(self) -> Self {
        self.set(|settings| settings.mounted = true)
    }

    /// Names the items of a page as `rel="item"` in its `Link` header, as many as 2 KiB hold.
    /// Default: off.
    #[must_use]
    pub fn items_in_header(self) -> Self {
        self.set(|settings| settings.items_in_header = true)
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }
}

impl Settings {
    fn view<B>(&self, request: &Request<B>) -> View {
        let outer = view::outer();
        let outer = outer.as_deref();
        let offered = self.offered.clone();
        let offered = offered.or_else(|| outer.map(|outer| outer.offered.clone()));
        let offered = offered.unwrap_or_else(view::all);
        View {
            base: match &self.base {
                Some(base) => base.resolve(request),
                None => outer.map(|outer| outer.base.clone()).unwrap_or_default(),
            },
            mount: match self.mounted {
                true => mount(request),
                false => outer.map(|outer| outer.mount.clone()).unwrap_or_default(),
            },
            rendering: choose(request, &offered),
            offered,
            items_in_header: self.items_in_header
                || outer.is_some_and(|outer| outer.items_in_header),
        }
    }
}

fn choose<B>(request: &Request<B>, offered: &[Rendering]) -> Option<Rendering> {
    if let [only] = offered {
        return Some(*only);
    }
    let mut types = [""; Rendering::COUNT];
    for (name, form) in types.iter_mut().zip(offered) {
        *name = form.media_type();
    }
    let accepted = negotiate(request.headers(), types.get(..offered.len())?);
    // What an unsafe method has done is done, so it is answered in any case
    // (RFC 9110 §12.4.1 leaves the choice).
    let chosen = accepted.or((!request.method().is_safe()).then_some(0))?;
    offered.get(chosen).copied()
}

/// The path of the request up to the router that sees the rest of it, as a reference may hold it.
fn mount<B>(request: &Request<B>) -> String {
    let original = request.extensions().get::<OriginalUri>();
    let whole = original.map_or("", |OriginalUri(uri)| Uri::path(uri));
    let rest = request.uri().path();
    let mount = whole.strip_suffix(rest);
    // `/api` is `/` to the router that is nested there.
    let mount = mount.unwrap_or(if rest == "/" { whole } else { "" });
    let mut safe = Vec::with_capacity(mount.len());
    push_reference(&mut safe, mount.trim_end_matches('/'), "");
    // What is not ASCII has been encoded.
    relative_safe(&String::from_utf8_lossy(&safe))
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
    ResBody: http_body::Body<Data = Bytes> + Send + 'static,
    ResBody::Error: Into<BoxError>,
{
    type Response = axum::response::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let view = Arc::new(self.settings.view(&request));
        let _guard = view::enter(&view);
        ResponseFuture::new(self.inner.call(request), view)
    }
}
