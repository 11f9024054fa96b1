//! Cursors as text: versioned, bound to their query, plain or signed or sealed.
//!
//! A token is base64url without padding (RFC 4648 §5) over
//!
//! | mode | bytes |
//! | --- | --- |
//! | plain | header 1, fingerprint 6, keys |
//! | signed | header 1, fingerprint 3, keys, tag 16 |
//! | sealed | header 1, fingerprint 3, keys encrypted, tag 16 |
//!
//! The header holds the version, the mode and the direction. The tag of a signed token is
//! HMAC-SHA-256 cut to 128 bits (RFC 2104 §5) over the whole fingerprint, the header and the keys;
//! a sealed one is AES-256-GCM-SIV (RFC 8452) with the fingerprint as nonce, which makes it
//! deterministic: the same page has the same cursor, so answers can be cached. The three bytes
//! of fingerprint that stand in the token only tell a foreign cursor from a damaged one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt;

use super::key::{Buffer, KeyError, KeyWriter};

const VERSION: u8 = 1 << 4;
const SIGNED: u8 = 1 << 2;
#[cfg(feature = "sealed-cursors")]
const SEALED: u8 = 2 << 2;
const INCLUSIVE: u8 = 2;
const BACKWARD: u8 = 1;

const TAG: usize = 16;
const PLAIN_PRINT: usize = 6;
const SECRET_PRINT: usize = 3;

/// What a cursor says beside its keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    /// The page before the keys, not after.
    pub(super) backward: bool,
    /// The row at the keys belongs to the page.
    pub(super) inclusive: bool,
}

impl Flags {
    fn bits(self) -> u8 {
        (u8::from(self.backward) * BACKWARD) | (u8::from(self.inclusive) * INCLUSIVE)
    }

    fn of(header: u8) -> Self {
        Self {
            backward: header & BACKWARD != 0,
            inclusive: header & INCLUSIVE != 0,
        }
    }
}

/// Why a cursor is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CursorError {
    /// Longer than any cursor can be.
    #[error("the cursor is too long")]
    TooLong,
    /// Not base64url, cut short, or with keys of another type.
    #[error("the cursor is malformed")]
    Malformed,
    /// Of another release or mode.
    #[error("the cursor is of a version that is not served any more")]
    Version,
    /// Of another sort, filter or path.
    #[error("the cursor belongs to another query: sort, filters and path must stay the same")]
    OtherQuery,
    /// Changed by somebody, or made under a key that is not in use.
    #[error("the cursor's signature does not verify")]
    Signature,
}

impl From<KeyError> for CursorError {
    fn from(_: KeyError) -> Self {
        Self::Malformed
    }
}

/// What a cursor is bound to: the order, the filters and the path of its query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint([u8; 8]);

impl Fingerprint {
    /// The fingerprint of an order and further parts, no two lists of which are confused.
    pub(super) fn of<'a>(order: &[u8], parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        let mut update = |part: &[u8]| {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        };
        update(order);
        parts.into_iter().for_each(update);
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        Self(first)
    }
}

/// A secret for signed or sealed cursors.
///
/// # Example
/// ```
/// use api_patterns::pagination::CursorKey;
///
/// let key = CursorKey::new(b"32 bytes from a random generator")?;
/// assert_eq!(format!("{key:?}"), "CursorKey(..)");
/// # Ok::<_, api_patterns::pagination::CursorKeyError>(())
/// ```
#[derive(Clone)]
pub struct CursorKey {
    secret: [u8; 32],
}

/// A [`CursorKey`] from too few bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a cursor key needs at least {} bytes, got {got}",
    CursorKey::MIN_BYTES
)]
pub struct CursorKeyError {
    got: usize,
}

impl CursorKey {
    /// Fewest bytes of a secret.
    pub const MIN_BYTES: usize = 16;

    /// A key from random bytes, at least 16; 32 are right.
    ///
    /// # Errors
    /// When there are fewer.
    pub fn new(secret: impl AsRef<[u8]>) -> Result<Self, CursorKeyError> {
        let secret = secret.as_ref();
        if secret.len() < Self::MIN_BYTES {
            return Err(CursorKeyError { got: secret.len() });
        }
        let mut hash = Sha256::new();
        hash.update(b"api-patterns cursor key 1");
        hash.update(secret);
        Ok(Self {
            secret: hash.finalize().into(),
        })
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

type Signer = Hmac<Sha256>;

/// Turns keys into tokens and back.
#[derive(Clone)]
pub(super) enum Codec {
    Plain,
    /// The first signs, all verify. The state after the key is kept, so that a token costs two
    /// blocks of SHA-256 and not four.
    Signed(Vec<Signer>),
    #[cfg(feature = "sealed-cursors")]
    Sealed(Vec<aes_gcm_siv::Aes256GcmSiv>),
}

impl fmt::Debug for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => f.write_str("Plain"),
            Self::Signed(keys) => write!(f, "Signed({} keys)", keys.len()),
            #[cfg(feature = "sealed-cursors")]
            Self::Sealed(keys) => write!(f, "Sealed({} keys)", keys.len()),
        }
    }
}

impl Codec {
    pub(super) fn signed(keys: impl IntoIterator<Item = CursorKey>) -> Self {
        let signer = |key: CursorKey| {
            Signer::new_from_slice(&key.secret).expect("HMAC takes keys of any length")
        };
        Self::Signed(keys.into_iter().map(signer).collect())
    }

    #[cfg(feature = "sealed-cursors")]
    pub(super) fn sealed(keys: impl IntoIterator<Item = CursorKey>) -> Self {
        let cipher = |key: CursorKey| {
            let secret = Sha256::digest([b"sealed".as_slice(), &key.secret].concat());
            aes_gcm_siv::Aes256GcmSiv::new(&secret)
        };
        Self::Sealed(keys.into_iter().map(cipher).collect())
    }

    pub(super) fn has_keys(&self) -> bool {
        match self {
            Self::Plain => true,
            Self::Signed(keys) => !keys.is_empty(),
            #[cfg(feature = "sealed-cursors")]
            Self::Sealed(keys) => !keys.is_empty(),
        }
    }

    #[inline]
    fn header(&self, flags: Flags) -> u8 {
        let mode = match self {
            Self::Plain => 0,
            Self::Signed(_) => SIGNED,
            #[cfg(feature = "sealed-cursors")]
            Self::Sealed(_) => SEALED,
        };
        VERSION | mode | flags.bits()
    }

    /// The header and the fingerprint, as the bytes before the keys.
    #[inline]
    fn word(&self, print: Fingerprint, flags: Flags) -> u64 {
        u64::from_le_bytes(print.0) << 8 | u64::from(self.header(flags))
    }

    /// Where the keys begin.
    #[inline]
    fn keys_at(&self) -> usize {
        match self {
            Self::Plain => 1 + PLAIN_PRINT,
            _ => 1 + SECRET_PRINT,
        }
    }

    /// Writes what stands before the keys.
    #[inline]
    pub(super) fn start(&self, print: Fingerprint, flags: Flags, out: &mut KeyWriter) {
        out.buffer
            .extend_word(self.word(print, flags), self.keys_at());
    }

    /// The token of the keys that were written since [`start`](Self::start).
    #[inline]
    pub(super) fn finish(&self, print: Fingerprint, out: &mut KeyWriter) -> String {
        match self {
            Self::Plain => {}
            Self::Signed(keys) => {
                let tag = tag(&keys[0], print, out.buffer.as_slice()).finalize();
                out.fixed(&tag.as_bytes()[..TAG]);
            }
            #[cfg(feature = "sealed-cursors")]
            Self::Sealed(keys) => sealed::seal(&keys[0], print, &mut out.buffer),
        }
        encode(out.buffer.as_slice())
    }

    /// Verifies a token; its keys go to `payload`.
    #[inline]
    pub(super) fn open(
        &self,
        token: &str,
        print: Fingerprint,
        payload: &mut Payload,
    ) -> Result<Flags, CursorError> {
        let buffer = &mut payload.buffer;
        decode(token, buffer)?;
        let start = self.keys_at();
        let bytes = buffer.as_slice();
        let (Some(word), true) = (bytes.first_chunk(), bytes.len() >= start) else {
            return Err(CursorError::Malformed);
        };
        let word = u64::from_le_bytes(*word);
        let flags = Flags::of(word as u8);
        if word as u8 != self.header(flags) {
            return Err(CursorError::Version);
        }
        let printed = u64::MAX >> (64 - 8 * start);
        if (word ^ self.word(print, flags)) & printed != 0 {
            return Err(CursorError::OtherQuery);
        }
        match self {
            Self::Plain => {}
            Self::Signed(keys) => verify(keys, print, buffer)?,
            #[cfg(feature = "sealed-cursors")]
            Self::Sealed(keys) => sealed::open(keys, print, buffer)?,
        }
        payload.start = start;
        Ok(flags)
    }
}

/// The keys of a token that has been opened.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    buffer: Buffer,
    start: usize,
}

impl Payload {
    pub(super) fn new() -> Self {
        Self {
            buffer: Buffer::new(),
            start: 0,
        }
    }

    pub(super) fn keys(&self) -> &[u8] {
        &self.buffer.as_slice()[self.start..]
    }
}

#[inline]
fn encode(bytes: &[u8]) -> String {
    // The tag and the keys that fit a buffer; allocating once, at the right size, is what counts.
    let mut text = [0; (Buffer::INLINE + TAG) * 4 / 3 + 2];
    match URL_SAFE_NO_PAD.encode_slice(bytes, &mut text) {
        Ok(len) => std::str::from_utf8(&text[..len])
            .map(str::to_owned)
            .unwrap_or_default(),
        Err(_) => URL_SAFE_NO_PAD.encode(bytes),
    }
}

#[inline]
fn decode(token: &str, buffer: &mut Buffer) -> Result<(), CursorError> {
    buffer.resize(base64::decoded_len_estimate(token.len()));
    let len = URL_SAFE_NO_PAD
        .decode_slice(token, buffer.as_mut_slice())
        .map_err(|_| CursorError::Malformed)?;
    buffer.truncate(len);
    Ok(())
}

fn tag(key: &Signer, print: Fingerprint, signed: &[u8]) -> Signer {
    let mut mac = key.clone();
    mac.update(&print.0);
    mac.update(signed);
    mac
}

fn verify(keys: &[Signer], print: Fingerprint, buffer: &mut Buffer) -> Result<(), CursorError> {
    let (signed, found) = buffer
        .as_slice()
        .split_last_chunk::<TAG>()
        .ok_or(CursorError::Malformed)?;
    // `verify_truncated_left` compares in constant time.
    let matches = |key: &Signer| tag(key, print, signed).verify_truncated_left(found).is_ok();
    if !keys.iter().any(matches) {
        return Err(CursorError::Signature);
    }
    buffer.truncate(signed.len());
    Ok(())
}

#[cfg(feature = "sealed-cursors")]
mod sealed {
    use aes_gcm_siv::aead::AeadInOut as _;
    use aes_gcm_siv::{Aes256GcmSiv, Nonce, Tag};

    use super::{Buffer, CursorError, Fingerprint, SECRET_PRINT, TAG};

    const CLEAR: usize = 1 + SECRET_PRINT;

    // One nonce a query: RFC 8452 keeps its promises when a nonce comes again, but that equal
    // keys give equal tokens, which is wanted.
    fn nonce(print: Fingerprint) -> Nonce {
        let mut nonce = [0; 12];
        nonce[..8].copy_from_slice(&print.0);
        nonce.into()
    }

    pub(super) fn seal(key: &Aes256GcmSiv, print: Fingerprint, buffer: &mut Buffer) {
        let (clear, keys) = buffer.as_mut_slice().split_at_mut(CLEAR);
        let tag = key
            .encrypt_inout_detached(&nonce(print), clear, keys.into())
            .expect("a cursor is far below the 64 GiB that the cipher takes");
        buffer.extend(&tag);
    }

    pub(super) fn open(
        keys: &[Aes256GcmSiv],
        print: Fingerprint,
        buffer: &mut Buffer,
    ) -> Result<(), CursorError> {
        let len = buffer
            .as_slice()
            .len()
            .checked_sub(TAG)
            .filter(|len| *len >= CLEAR);
        let len = len.ok_or(CursorError::Malformed)?;
        let sealed = buffer.clone();
        let tag = Tag::try_from(&sealed.as_slice()[len..]).map_err(|_| CursorError::Malformed)?;
        buffer.truncate(len);
        for key in keys {
            // A failed attempt leaves no text behind, so each starts from what came in.
            let (clear, text) = buffer.as_mut_slice().split_at_mut(CLEAR);
            text.copy_from_slice(&sealed.as_slice()[CLEAR..len]);
            if key
                .decrypt_inout_detached(&nonce(print), clear, text.into(), &tag)
                .is_ok()
            {
                return Ok(());
            }
        }
        Err(CursorError::Signature)
    }
}
