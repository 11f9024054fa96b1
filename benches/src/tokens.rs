//! The peers' tokens: what a team writes by hand, and what other libraries make of a key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;

const WRITABLE: &str = "the keys of the benches can be serialized";
const READABLE: &str = "the token was written by the same codec";

/// serde_json and base64, by hand.
pub mod json {
    use super::*;

    /// A token of the key.
    pub fn encode<K: Serialize>(key: &K) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(key).expect(WRITABLE))
    }

    /// The key of a token.
    pub fn decode<K: DeserializeOwned>(token: &str) -> K {
        let bytes = URL_SAFE_NO_PAD.decode(token).expect(READABLE);
        serde_json::from_slice(&bytes).expect(READABLE)
    }
}

/// serde_json, HMAC-SHA-256 cut to 128 bits and base64, by hand.
pub mod hmac_json {
    use super::*;

    const KEY: [u8; 32] = [7; 32];
    const TAG: usize = 16;

    fn tag(bytes: &[u8]) -> Hmac<Sha256> {
        Hmac::<Sha256>::new_from_slice(&KEY)
            .expect("a key of any length fits")
            .chain_update(bytes)
    }

    /// A signed token of the key.
    pub fn encode<K: Serialize>(key: &K) -> String {
        let mut bytes = serde_json::to_vec(key).expect(WRITABLE);
        let tag = tag(&bytes).finalize().into_bytes();
        bytes.extend_from_slice(&tag[..TAG]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The key of a token with a valid signature.
    pub fn decode<K: DeserializeOwned>(token: &str) -> K {
        let bytes = URL_SAFE_NO_PAD.decode(token).expect(READABLE);
        let (bytes, found) = bytes.split_last_chunk::<TAG>().expect(READABLE);
        tag(bytes).verify_truncated_left(found).expect(READABLE);
        serde_json::from_slice(bytes).expect(READABLE)
    }
}

/// postcard and base64, by hand.
pub mod postcard {
    use super::*;

    /// A token of the key.
    pub fn encode<K: Serialize>(key: &K) -> String {
        URL_SAFE_NO_PAD.encode(::postcard::to_allocvec(key).expect(WRITABLE))
    }

    /// The key of a token.
    pub fn decode<K: DeserializeOwned>(token: &str) -> K {
        let bytes = URL_SAFE_NO_PAD.decode(token).expect(READABLE);
        ::postcard::from_bytes(&bytes).expect(READABLE)
    }
}

/// The opaque cursor of async-graphql.
pub mod graphql {
    use super::*;
    use async_graphql::connection::CursorType as _;
    pub use async_graphql::connection::OpaqueCursor;

    /// A token of the key.
    pub fn encode<K: Serialize + DeserializeOwned>(key: &OpaqueCursor<K>) -> String {
        key.encode_cursor()
    }

    /// The key of a token.
    pub fn decode<K: Serialize + DeserializeOwned>(token: &str) -> K {
        OpaqueCursor::decode_cursor(token).expect(READABLE).0
    }
}

/// The page token of dropshot, through the two types that a handler meets.
pub mod dropshot {
    use super::*;
    use ::dropshot::{EmptyScanParams, PaginationParams, ResultsPage, WhichPage};

    /// A token of the key. The page holds one item without size, so that no list is charged to it.
    pub fn encode<K: Serialize>(key: &K) -> String {
        let page = ResultsPage::new(vec![()], &EmptyScanParams {}, |(), _scan| key);
        page.ok().and_then(|page| page.next_page).expect(WRITABLE)
    }

    /// The query string with a token.
    pub fn query(token: &str) -> String {
        format!("page_token={token}")
    }

    /// The key of a query string with a token: what its `Query` extractor does.
    pub fn decode<K: Serialize + DeserializeOwned>(query: &str) -> K {
        let params: PaginationParams<EmptyScanParams, K> =
            serde_urlencoded::from_str(query).expect(READABLE);
        match params.page {
            WhichPage::Next(key) => key,
            WhichPage::First(_) => panic!("the query holds a token"),
        }
    }
}

/// What cannot be undercut: bytes at fixed places in base64, without a version or a check.
pub mod floor {
    use super::*;

    /// The characters in a buffer on the stack.
    pub fn encode_on_stack<const N: usize, const C: usize>(bytes: &[u8; N]) -> [u8; C] {
        let mut characters = [0; C];
        let written = URL_SAFE_NO_PAD.encode_slice(bytes, &mut characters);
        assert_eq!(written.expect("the buffer fits"), C);
        characters
    }

    /// The characters as a `String`.
    pub fn encode<const N: usize>(bytes: &[u8; N]) -> String {
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The bytes of a token, on the stack.
    pub fn decode<const N: usize>(token: &str) -> [u8; N] {
        let mut bytes = [0; N];
        let read = URL_SAFE_NO_PAD.decode_slice_unchecked(token, &mut bytes);
        assert_eq!(read.expect(READABLE), N);
        bytes
    }
}
