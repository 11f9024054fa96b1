//! A digest of several parts, none of which can pass for another.

use sha2::{Digest as _, Sha256};

pub(super) struct Digest(Sha256);

impl Digest {
    pub(super) fn new(purpose: &[u8]) -> Self {
        let mut digest = Self(Sha256::new());
        digest.bytes(purpose);
        digest
    }

    pub(super) fn count(&mut self, count: usize) {
        self.0.update((count as u64).to_le_bytes());
    }

    /// With their length before them, so that it is known where they end.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.update(bytes);
    }

    pub(super) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}
