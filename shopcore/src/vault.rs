//! The vault: seals what must not be read from a stolen store, and fingerprints it for duplicates.
//!
//! Sealing is XChaCha20-Poly1305 ([RFC 8439], with the 24-byte nonce of
//! draft-irtf-cfrg-xchacha) with the shop's and the row's id as associated data, so that a sealed
//! value moved to another row does not open. Fingerprints are HMAC-SHA256 ([RFC 2104]) under a key
//! of their own, which is random for each shop and itself kept sealed.
//!
//! [RFC 8439]: https://www.rfc-editor.org/rfc/rfc8439
//! [RFC 2104]: https://www.rfc-editor.org/rfc/rfc2104

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use thiserror::Error;
use uuid::Uuid;

use crate::id::ShopId;

/// Something sealed: opens only with the vault's key, for the row it was sealed for.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// A sealed value read back from a store.
    #[must_use]
    pub fn stored(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes that stores keep.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// Tells whether two contents of a shop are the same, without telling the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub [u8; 32]);

/// Why a key was refused or does not open something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum VaultError {
    /// Not 32 bytes in base64.
    #[error("a vault key is 32 bytes in base64")]
    BadKey,
    /// No key of the vault sealed this.
    #[error("none of the vault's keys sealed this")]
    UnknownKey,
    /// The sealed bytes were damaged or belong to another row.
    #[error("the sealed bytes are damaged or belong to another row")]
    Damaged,
    /// The machine gives no random bytes.
    #[error("the machine gives no random bytes")]
    NoEntropy,
}

/// A key of 32 random bytes. `Debug` shows only its id.
#[derive(Clone, PartialEq, Eq)]
pub struct VaultKey([u8; 32]);

impl VaultKey {
    /// A new random key.
    ///
    /// # Errors
    /// [`VaultError::NoEntropy`].
    pub fn generate() -> Result<Self, VaultError> {
        random().map(Self)
    }

    /// Reads 32 bytes in base64.
    ///
    /// # Errors
    /// [`VaultError::BadKey`].
    pub fn from_base64(text: &str) -> Result<Self, VaultError> {
        let bytes = STANDARD
            .decode(text.trim())
            .map_err(|_| VaultError::BadKey)?;
        bytes.try_into().map(Self).map_err(|_| VaultError::BadKey)
    }

    /// The key in base64, to be kept where only the shop's program can read it.
    #[must_use]
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    fn id(&self) -> [u8; 4] {
        let hash = Sha256::digest(self.0);
        std::array::from_fn(|i| hash[i])
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultKey({:02x?})", self.id())
    }
}

struct Holder {
    id: [u8; 4],
    cipher: XChaCha20Poly1305,
}

/// Holds the keys: seals with the first, opens with whichever sealed.
pub struct Vault {
    first: Holder,
    older: Vec<Holder>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} keys)", self.older.len() + 1)
    }
}

const NONCE: usize = 24;
const HEAD: usize = 4 + NONCE;

impl Vault {
    /// A vault that seals with `key`.
    #[must_use]
    pub fn new(key: &VaultKey) -> Self {
        Self {
            first: holder(key),
            older: Vec::new(),
        }
    }

    /// Lets the vault also open what an older key sealed.
    #[must_use]
    pub fn with_older(mut self, key: &VaultKey) -> Self {
        self.older.push(holder(key));
        self
    }

    /// Seals `plain` for one row of a shop.
    ///
    /// # Errors
    /// [`VaultError::NoEntropy`].
    pub fn seal(
        &self,
        shop: ShopId,
        row: impl Into<Uuid>,
        plain: &[u8],
    ) -> Result<Sealed, VaultError> {
        let nonce: [u8; NONCE] = random()?;
        let aad = associated(shop, row.into());
        let payload = Payload {
            msg: plain,
            aad: &aad,
        };
        let nonce_ref = XNonce::from(nonce);
        let body = self
            .first
            .cipher
            .encrypt(&nonce_ref, payload)
            .map_err(|_| VaultError::Damaged)?;
        Ok(Sealed([self.first.id.as_slice(), &nonce, &body].concat()))
    }

    /// Opens what was sealed for this row.
    ///
    /// # Errors
    /// [`VaultError::UnknownKey`] or [`VaultError::Damaged`].
    pub fn open(
        &self,
        shop: ShopId,
        row: impl Into<Uuid>,
        sealed: &Sealed,
    ) -> Result<Vec<u8>, VaultError> {
        let (head, body) = sealed.0.split_at_checked(HEAD).ok_or(VaultError::Damaged)?;
        let (id, nonce) = head.split_at(4);
        let mut holders = std::iter::once(&self.first).chain(&self.older);
        let holder = holders
            .find(|holder| holder.id == id)
            .ok_or(VaultError::UnknownKey)?;
        let aad = associated(shop, row.into());
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| VaultError::Damaged)?;
        let payload = Payload {
            msg: body,
            aad: &aad,
        };
        holder
            .cipher
            .decrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::Damaged)
    }
}

fn holder(key: &VaultKey) -> Holder {
    Holder {
        id: key.id(),
        cipher: XChaCha20Poly1305::new(&Key::from(key.0)),
    }
}

fn associated(shop: ShopId, row: Uuid) -> [u8; 32] {
    let mut bytes = [0; 32];
    let (head, tail) = bytes.split_at_mut(16);
    head.copy_from_slice(shop.as_bytes());
    tail.copy_from_slice(row.as_bytes());
    bytes
}

fn random<const N: usize>() -> Result<[u8; N], VaultError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| VaultError::NoEntropy)?;
    Ok(bytes)
}

/// Makes fingerprints under a shop's key.
#[derive(Clone)]
pub struct Fingerprinter(Hmac<Sha256>);

impl fmt::Debug for Fingerprinter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprinter(…)")
    }
}

impl Fingerprinter {
    /// New random key material, to be sealed into the shop's row.
    ///
    /// # Errors
    /// [`VaultError::NoEntropy`].
    pub fn generate_key() -> Result<[u8; 32], VaultError> {
        random()
    }

    /// A fingerprinter under `key`.
    ///
    /// # Errors
    /// [`VaultError::BadKey`] when it is not 32 bytes.
    pub fn new(key: &[u8]) -> Result<Self, VaultError> {
        if key.len() != 32 {
            return Err(VaultError::BadKey);
        }
        Hmac::new_from_slice(key)
            .map(Self)
            .map_err(|_| VaultError::BadKey)
    }

    /// The fingerprint of a content.
    #[must_use]
    pub fn of(&self, content: &[u8]) -> Fingerprint {
        let mut mac = self.0.clone();
        mac.update(content);
        Fingerprint(mac.finalize().into_bytes().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shop() -> ShopId {
        ShopId::from(Uuid::from_u128(1))
    }

    #[test]
    fn opens_only_for_its_row_and_key() {
        let vault = Vault::new(&VaultKey::generate().unwrap());
        let row = Uuid::from_u128(7);
        let sealed = vault.seal(shop(), row, b"KEY-1").unwrap();
        assert_eq!(vault.open(shop(), row, &sealed).unwrap(), b"KEY-1");
        assert_eq!(
            vault.open(shop(), Uuid::nil(), &sealed),
            Err(VaultError::Damaged)
        );
        let other = Vault::new(&VaultKey::generate().unwrap());
        assert_eq!(
            other.open(shop(), row, &sealed),
            Err(VaultError::UnknownKey)
        );
        assert_eq!(
            vault.open(shop(), row, &Sealed::stored(vec![0; 5])),
            Err(VaultError::Damaged)
        );
    }

    #[test]
    fn an_older_key_still_opens() {
        let (old, new) = (VaultKey::generate().unwrap(), VaultKey::generate().unwrap());
        let sealed = Vault::new(&old).seal(shop(), Uuid::nil(), b"x").unwrap();
        let rotated = Vault::new(&new).with_older(&old);
        assert_eq!(rotated.open(shop(), Uuid::nil(), &sealed).unwrap(), b"x");
    }

    #[test]
    fn keys_are_32_bytes_in_base64_and_not_printed() {
        let key = VaultKey::generate().unwrap();
        assert_eq!(VaultKey::from_base64(&key.to_base64()), Ok(key.clone()));
        assert!(!format!("{key:?}").contains(&key.to_base64()));
        for text in ["", "abc", "😀", "AAAA"] {
            assert_eq!(
                VaultKey::from_base64(text),
                Err(VaultError::BadKey),
                "{text}"
            );
        }
    }

    #[test]
    fn equal_contents_have_equal_fingerprints_under_one_key_only() {
        let one = Fingerprinter::new(&[1; 32]).unwrap();
        let two = Fingerprinter::new(&[2; 32]).unwrap();
        assert_eq!(one.of(b"a"), one.of(b"a"));
        assert_ne!(one.of(b"a"), one.of(b"b"));
        assert_ne!(one.of(b"a"), two.of(b"a"));
    }
}
