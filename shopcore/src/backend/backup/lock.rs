//! What seals a backup, and what opens it: an age key pair, or a passphrase.

use std::fmt;
use std::io::{BufRead, Read, Write};
use std::str::FromStr;

use age::secrecy::{ExposeSecret, SecretString};
use age::stream::{StreamReader, StreamWriter};
use age::{DecryptError, Decryptor, Encryptor, Identity, Recipient, scrypt, x25519};
use thiserror::Error;

/// Why something is no key. What was given is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BadKey {
    /// It is not a public key.
    #[error("it is no public key of age: such a key begins with age1")]
    Recipient,
    /// It is not a private key.
    #[error("it has no private key of age: such a key begins with AGE-SECRET-KEY-1")]
    Identity,
    /// It is too easily guessed.
    #[error("a passphrase has at least {min} characters", min = Lock::PASSPHRASE_MIN)]
    ShortPassphrase,
}

/// Seals backups.
#[derive(Clone)]
pub struct Lock(Way);

#[derive(Clone)]
enum Way {
    Public(x25519::Recipient),
    Passphrase(SecretString),
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::Public(key) => write!(f, "Lock({key})"),
            Way::Passphrase(_) => f.write_str("Lock(…)"),
        }
    }
}

impl Lock {
    /// The least characters of a passphrase.
    pub const PASSPHRASE_MIN: usize = 12;

    /// Seals for whoever has the private key of this public one, `age1…`.
    ///
    /// # Errors
    /// [`BadKey::Recipient`] when it is none.
    pub fn recipient(key: &str) -> Result<Self, BadKey> {
        let key = x25519::Recipient::from_str(key.trim());
        key.map(|key| Self(Way::Public(key)))
            .map_err(|_| BadKey::Recipient)
    }

    /// Seals for whoever knows this passphrase.
    ///
    /// # Errors
    /// [`BadKey::ShortPassphrase`] when it has less than [`Self::PASSPHRASE_MIN`] characters.
    pub fn passphrase(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        if text.chars().count() < Self::PASSPHRASE_MIN {
            return Err(BadKey::ShortPassphrase);
        }
        Ok(Self(Way::Passphrase(text.to_owned().into())))
    }

    /// Seals what is written, and tells a key that opens it right now. A public key alone could not
    /// verify what it sealed, so one that is never written down is let in beside it.
    pub(super) fn seal<W: Write>(self, to: W) -> std::io::Result<(StreamWriter<W>, Key)> {
        let (sealed, key) = match self.0 {
            Way::Public(own) => {
                let proof = x25519::Identity::generate();
                let both: [&dyn Recipient; 2] = [&own, &proof.to_public()];
                (
                    Encryptor::with_recipients(both.into_iter()),
                    KeyKind::Private(proof),
                )
            }
            Way::Passphrase(text) => (
                Ok(Encryptor::with_user_passphrase(text.clone())),
                KeyKind::Passphrase(text),
            ),
        };
        let sealed = sealed.map_err(std::io::Error::other)?;
        Ok((sealed.wrap_output(to)?, Key(key)))
    }
}

/// Opens backups.
#[derive(Clone)]
pub struct Key(KeyKind);

#[derive(Clone)]
enum KeyKind {
    Private(x25519::Identity),
    Passphrase(SecretString),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl Key {
    /// A new private key.
    #[must_use]
    pub fn generate() -> Self {
        Self(KeyKind::Private(x25519::Identity::generate()))
    }

    /// The private key in a file of `age-keygen` or of [`Self::file`].
    ///
    /// # Errors
    /// [`BadKey::Identity`] when there is none.
    pub fn identity(file: &str) -> Result<Self, BadKey> {
        let lines = file.lines().map(str::trim);
        let mut keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let key = keys.next().ok_or(BadKey::Identity)?;
        let key = x25519::Identity::from_str(key).map_err(|_| BadKey::Identity)?;
        Ok(Self(KeyKind::Private(key)))
    }

    /// A passphrase.
    #[must_use]
    pub fn passphrase(text: &str) -> Self {
        Self(KeyKind::Passphrase(text.trim().to_owned().into()))
    }

    /// What seals for this key.
    #[must_use]
    pub fn lock(&self) -> Lock {
        Lock(match &self.0 {
            KeyKind::Private(key) => Way::Public(key.to_public()),
            KeyKind::Passphrase(text) => Way::Passphrase(text.clone()),
        })
    }

    /// The public key; `None` where it is a passphrase.
    #[must_use]
    pub fn public(&self) -> Option<String> {
        match &self.0 {
            KeyKind::Private(key) => Some(key.to_public().to_string()),
            KeyKind::Passphrase(_) => None,
        }
    }

    /// What a file with it holds, as `age` reads it: a secret. `None` where it is a passphrase.
    #[must_use]
    pub fn file(&self) -> Option<String> {
        match &self.0 {
            KeyKind::Private(key) => Some(format!(
                "# public key: {}\n{}\n",
                key.to_public(),
                key.to_string().expose_secret()
            )),
            KeyKind::Passphrase(_) => None,
        }
    }

    pub(super) fn open<R: BufRead + Read>(&self, from: R) -> Result<StreamReader<R>, DecryptError> {
        let sealed = Decryptor::new_buffered(from)?;
        match &self.0 {
            KeyKind::Private(key) => sealed.decrypt(std::iter::once(key as &dyn Identity)),
            KeyKind::Passphrase(text) => {
                let identity = scrypt::Identity::new(text.clone());
                sealed.decrypt(std::iter::once(&identity as &dyn Identity))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_back_and_never_shown() {
        let key = Key::generate();
        let file = key.file().unwrap();
        let again = Key::identity(&file).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(format!("{key:?}"), "Key(…)");
        let lock = Lock::passphrase("correct horse battery").unwrap();
        assert_eq!(format!("{lock:?}"), "Lock(…)");
        assert!(Lock::recipient(&key.public().unwrap()).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        for told in [
            Lock::recipient("AGE-SECRET-KEY-1X")
                .unwrap_err()
                .to_string(),
            Lock::passphrase("short").unwrap_err().to_string(),
            Key::identity("# nothing\n").unwrap_err().to_string(),
            Key::identity("hunter2").unwrap_err().to_string(),
        ] {
            assert!(
                !told.contains("KEY-1X") && !told.contains("hunter2"),
                "{told}"
            );
        }
    }
}
