//! Whose key it is, and for what: [`Principal`], and the [`Key`] of the store.

use axum::extract::{MatchedPath, OriginalUri};
use http::Uri;
use http::header::AUTHORIZATION;
use http::request::Parts;
use sha2::{Digest as _, Sha256};

use super::digest::Digest;
use super::{IdempotencyKey, Key};

/// Who sends a request: keys of one principal are nothing to another.
///
/// It is made from numbers and text, or from an `Option` of them, where `None` stands for all who
/// are not known. It is only kept as part of a digest.
#[derive(Clone, PartialEq, Eq)]
pub struct Principal(Option<Vec<u8>>);

impl Principal {
    /// All who are not known.
    pub const fn anonymous() -> Self {
        Self(None)
    }

    /// The digest of the credentials in `Authorization`.
    pub(super) fn of_authorization(parts: &Parts) -> Self {
        let mut lines = parts.headers.get_all(AUTHORIZATION).iter().peekable();
        if lines.peek().is_none() {
            return Self::anonymous();
        }
        let mut digest = Sha256::new();
        for line in lines {
            digest.update(line.as_bytes());
            digest.update(b"\n");
        }
        Self(Some(digest.finalize().to_vec()))
    }
}

// A principal may be a secret.
impl std::fmt::Debug for Principal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Principal").finish_non_exhaustive()
    }
}

impl From<&str> for Principal {
    fn from(text: &str) -> Self {
        Self(Some(text.into()))
    }
}

impl From<String> for Principal {
    fn from(text: String) -> Self {
        Self(Some(text.into()))
    }
}

impl From<Vec<u8>> for Principal {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Some(bytes))
    }
}

macro_rules! numbers {
    ($($number:ty)*) => {$(
        impl From<$number> for Principal {
            fn from(number: $number) -> Self {
                number.to_string().into()
            }
        }
    )*};
}

numbers! { i32 u32 i64 u64 i128 u128 }

impl<T: Into<Self>> From<Option<T>> for Principal {
    fn from(known: Option<T>) -> Self {
        known.map_or(Self::anonymous(), Into::into)
    }
}

/// The key of the store: principal, method, route and the client's key.
pub(super) fn key(principal: &Principal, parts: &Parts, key: &IdempotencyKey) -> Key {
    let mut digest = Digest::new(b"api-patterns idempotency key 1");
    digest.count(usize::from(principal.0.is_some()));
    digest.bytes(principal.0.as_deref().unwrap_or_default());
    digest.bytes(parts.method.as_str().as_bytes());
    let route = parts.extensions.get::<MatchedPath>();
    digest.count(usize::from(route.is_some()));
    let route = route.map_or_else(|| target(parts).path(), MatchedPath::as_str);
    digest.bytes(route.as_bytes());
    digest.bytes(key.as_str().as_bytes());
    Key(digest.finish())
}

/// The target as the client sent it, also under a nested router.
pub(super) fn target(parts: &Parts) -> &Uri {
    let original = parts.extensions.get::<OriginalUri>();
    original.map_or(&parts.uri, |OriginalUri(uri)| uri)
}
