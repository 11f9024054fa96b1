//! What an application says once about its bulk requests.

use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::middleware::AddExtension;
use http::request::Parts;
use tower_layer::Layer;

/// Whether items stand or fall together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Each item on its own.
    #[default]
    Partial,
    /// All of them, or none.
    Atomic,
}

impl Mode {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::Atomic => "atomic",
        }
    }
}

/// The bulk requests of a router: the names and defaults of what a client may choose, and their
/// bounds.
///
/// A layer. Routes without it have the settings of [`BulkSettings::new`].
///
/// # Example
/// ```
/// use api_patterns::bulk::{BulkSettings, Mode};
/// use axum::Router;
///
/// let app: Router = Router::new()
///     // .route("/products/bulk", post(create))
///     .layer(BulkSettings::new().default_mode(Mode::Atomic).max_bytes(8 << 20));
/// ```
#[derive(Clone, Debug, Default)]
pub struct BulkSettings {
    settings: Arc<Settings>,
}

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) mode: Mode,
    pub(super) names: Names,
    pub(super) others: Vec<String>,
    pub(super) envelope: bool,
    pub(super) uniform: bool,
    pub(super) max_bytes: Option<usize>,
    pub(super) max_stream: u64,
    pub(super) max_line: usize,
}

/// The names of the query parameters.
#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) mode: String,
    pub(super) stop_after: String,
    pub(super) envelope: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Partial,
            names: Names {
                mode: "mode".into(),
                stop_after: "stop_after".into(),
                envelope: "envelope".into(),
            },
            others: Vec::new(),
            envelope: false,
            uniform: false,
            max_bytes: None,
            max_stream: 1 << 30,
            max_line: 1 << 20,
        }
    }
}

impl Settings {
    /// The settings that hold for a request.
    pub(super) fn of(parts: &Parts) -> Arc<Self> {
        static DEFAULT: LazyLock<BulkSettings> = LazyLock::new(BulkSettings::new);
        let settings: &BulkSettings = parts.extensions.get().unwrap_or(&DEFAULT);
        Arc::clone(&settings.settings)
    }
}

impl BulkSettings {
    /// Best effort by default, the parameters `mode`, `stop_after` and `envelope`, bodies of up to
    /// 2 MB.
    pub fn new() -> Self {
        Self::default()
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.settings));
        self
    }

    /// What holds for a client that chooses no mode. Default: [`Mode::Partial`].
    #[must_use]
    pub fn default_mode(self, mode: Mode) -> Self {
        self.set(|settings| settings.mode = mode)
    }

    /// The query parameter that chooses `partial` or `atomic`. Default: `mode`.
    #[must_use]
    pub fn mode_parameter(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.names.mode = name.into())
    }

    /// The query parameter of the number of failures that stop the rest. Default: `stop_after`.
    #[must_use]
    pub fn stop_after_parameter(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.names.stop_after = name.into())
    }

    /// The query parameter that chooses the shape of the answer, `classic` or `items`. Default:
    /// `envelope`.
    #[must_use]
    pub fn envelope_parameter(self, name: impl Into<String>) -> Self {
        self.set(|settings| settings.names.envelope = name.into())
    }

    /// Query parameters that handlers read themselves; any other is refused, since a client that
    /// asks for something must not take silence for consent. Default: none.
    #[must_use]
    pub fn other_parameters(self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.set(|settings| settings.others = names.into_iter().map(Into::into).collect())
    }

    /// One envelope per item for clients that do not choose. Default: the classic body.
    #[must_use]
    pub fn item_envelopes(self) -> Self {
        self.set(|settings| settings.envelope = true)
    }

    /// Answers with the status of the items where they all have the same one. Default: always 207,
    /// so that no client takes a status for the word about each item.
    #[must_use]
    pub fn uniform_status(self) -> Self {
        self.set(|settings| settings.uniform = true)
    }

    /// Most bytes of a body, in place of axum's `DefaultBodyLimit`. Default: that limit, which is
    /// 2 MB unless the application sets it.
    #[must_use]
    pub fn max_bytes(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_bytes = Some(bytes))
    }

    /// Most bytes of a body of [`BulkLines`](super::BulkLines), which is never held as a whole.
    /// Default: 1 GiB.
    #[must_use]
    pub fn max_stream_bytes(self, bytes: u64) -> Self {
        self.set(|settings| settings.max_stream = bytes)
    }

    /// Most bytes of one line of [`BulkLines`](super::BulkLines). Default: 1 MiB.
    #[must_use]
    pub fn max_line_bytes(self, bytes: usize) -> Self {
        self.set(|settings| settings.max_line = bytes)
    }
}

impl<S> Layer<S> for BulkSettings {
    type Service = AddExtension<S, Self>;

    fn layer(&self, inner: S) -> Self::Service {
        Extension(self.clone()).layer(inner)
    }
}
