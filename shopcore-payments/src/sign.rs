//! Signatures by HMAC-SHA256, in hexadecimal.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::hex::{hex, unhex};

/// Keys that are longer are hashed first (RFC 2104, section 3).
const BLOCK: usize = 64;

/// What `key` signs `text` with.
pub(crate) fn sign(key: &str, text: &[u8]) -> String {
    hex(&signed(key, text).finalize().into_bytes())
}

/// Whether `signature` is what `key` signs `text` with, compared in constant time.
pub(crate) fn is_signed(key: &str, text: &[u8], signature: &str) -> bool {
    let given = unhex(signature);
    given.is_some_and(|given| signed(key, text).verify_slice(&given).is_ok())
}

fn signed(key: &str, text: &[u8]) -> Hmac<Sha256> {
    let mut block = [0; BLOCK];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key.as_bytes()),
        None => {
            for (kept, byte) in block.iter_mut().zip(Sha256::digest(key)) {
                *kept = byte;
            }
        }
    }
    Hmac::new(&block.into()).chain_update(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2; and the example of Tripay's own documents.
    #[test]
    fn it_signs_as_the_documents_say() {
        for (key, text, signature) in [
            (
                "Jefe",
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                "ytf6ooi2gmlNPfpchd94jDOk8hRWOu",
                "T0001INV555671500000",
                "9f167eba844d1fcb369404e2bda53702e2f78f7aa12e91da6715414e65b8c86a",
            ),
        ] {
            assert_eq!(sign(key, text.as_bytes()), signature);
            assert!(is_signed(key, text.as_bytes(), &signature.to_uppercase()));
            assert!(!is_signed(key, b"another text", signature));
            assert!(!is_signed(key, text.as_bytes(), &signature[2..]));
            assert!(!is_signed(key, text.as_bytes(), ""));
        }
    }

    #[test]
    fn a_long_key_is_hashed_first() {
        let key = "k".repeat(BLOCK + 1);
        let whole = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
        let whole = whole.chain_update(b"text").finalize().into_bytes();
        assert_eq!(sign(&key, b"text"), hex(&whole));
    }
}
