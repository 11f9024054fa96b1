//! [`ProblemLayer`]: problems for everything that fails, in one rendering.

use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use super::future::ResponseFuture;
use super::response::Rendering;

/// Turns what fails in an app into problems, and chooses how all problems are rendered.
///
/// * Plain-text and empty responses with a 4xx or 5xx status become problems: the rejections of
///   axum's extractors, its 404 and 405 (which keeps `Allow`), 413, 415, and what other layers
///   answer. The text of a 4xx becomes `detail`; that of a 5xx goes to the log only.
/// * Problems made by this crate are left as they are, or rendered as the classic envelope.
/// * All other responses pass untouched: successes, JSON, HTML, encoded or streamed bodies.
///   A body is only read when its length is known beforehand and at most 4 KiB.
///
/// Apply it last, so that it sees what the other layers answer. See the [module docs](super) for
/// an example.
#[derive(Clone, Copy, Debug, Default)]
pub struct ProblemLayer {
    settings: Settings,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Settings {
    pub(super) rendering: Rendering,
    pub(super) instance: bool,
}

impl ProblemLayer {
    /// `application/problem+json`, no `instance`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Renders every problem as `{"success": false, "error_code", "message", "details"}` with
    /// `Content-Type: application/json`. Default: RFC 9457.
    ///
    /// `error_code` is the problem's code, or else the reason phrase as in `not_found`; `details`
    /// is an object with `errors` and the extension members.
    #[must_use]
    pub fn classic(mut self) -> Self {
        self.settings.rendering = Rendering::Classic;
        self
    }

    /// Fills in the request's path as the `instance` of problems that have none. Default: off.
    #[must_use]
    pub fn instance_from_path(mut self) -> Self {
        self.settings.instance = true;
        self
    }
}

impl<S> Layer<S> for ProblemLayer {
    type Service = ProblemService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ProblemService {
            inner,
            settings: self.settings,
        }
    }
}

/// The service of [`ProblemLayer`].
///
/// See the [module docs](super) for an example.
#[derive(Clone, Copy, Debug)]
pub struct ProblemService<S> {
    inner: S,
    settings: Settings,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ProblemService<S>
where
    S: Service<Request<ReqBody>, Response = http::Response<ResBody>>,
    ResBody: http_body::Body<Data = bytes::Bytes> + Send + 'static,
    ResBody::Error: Into<axum::BoxError>,
{
    type Response = axum::response::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        let seen = super::convert::Seen::new(&request, self.settings);
        ResponseFuture::new(self.inner.call(request), seen)
    }
}
