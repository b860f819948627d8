//! Stock: units of content, each in exactly one state.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{LineId, ProductId, UnitId};
use crate::text::{directs, is_blank};
use crate::time::Timestamp;
use crate::vault::{Fingerprint, Sealed};

/// Where a unit stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum UnitState {
    /// Can be bought.
    Available,
    /// Kept for a line of an order that awaits its payment.
    Held(LineId),
    /// Belongs to a line of a paid order, for ever.
    Sold(LineId),
    /// Taken off sale by an admin.
    Withdrawn,
}

impl UnitState {
    /// Whether a unit may go from here to `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match (self, to) {
            (Self::Available, Self::Held(_) | Self::Sold(_) | Self::Withdrawn) => true,
            (Self::Held(from), Self::Sold(line)) => from == line,
            (Self::Held(_) | Self::Withdrawn, Self::Available) => true,
            (Self::Available, Self::Available)
            | (Self::Held(_), Self::Held(_) | Self::Withdrawn)
            | (Self::Withdrawn, Self::Held(_) | Self::Sold(_) | Self::Withdrawn)
            | (Self::Sold(_), _) => false,
        }
    }

    /// The line the unit is held for or sold to.
    #[must_use]
    pub fn line(self) -> Option<LineId> {
        match self {
            Self::Held(line) | Self::Sold(line) => Some(line),
            Self::Available | Self::Withdrawn => None,
        }
    }
}

/// A unit as stores keep it: its content only sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its id; units are sold in the order of their ids.
    pub id: UnitId,
    /// The product it belongs to.
    pub product: ProductId,
    /// Where it stands.
    pub state: UnitState,
    /// Its content.
    pub content: Sealed,
    /// When it was added.
    pub added_at: Timestamp,
}

/// A unit on its way into a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// Its id.
    pub id: UnitId,
    /// Its content.
    pub content: Sealed,
    /// Tells duplicates without telling the content.
    pub fingerprint: Fingerprint,
}

/// What is handed to the buyer. It is never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// A key, a code, the data of an account.
    Text(String),
    /// A file with its name.
    File {
        /// The name the buyer sees.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Content::Text(…)",
            Self::File { .. } => "Content::File(…)",
        })
    }
}

/// Why a content was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ContentError {
    /// Nothing but white space.
    #[error("the content is empty")]
    Empty,
    /// Longer than [`Content::TEXT_MAX`] or [`Content::FILE_MAX`].
    #[error("the content has {actual} {unit}; at most {max} are allowed")]
    TooLong {
        /// The limit.
        max: usize,
        /// What it has.
        actual: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// A control character, which terminals act upon and platforms lose. Texts may have lines and
    /// tabs, names of files not even those, nor what directs how a name is read: it hides what kind
    /// of file it is.
    #[error("the content or its name holds a control character")]
    Control,
    /// What was unsealed has no known form.
    #[error("the stored content has an unknown form")]
    UnknownForm,
}

impl Content {
    /// The longest text, in characters; longer goods are sold as files.
    pub const TEXT_MAX: usize = 4_000;
    /// The largest file, in bytes.
    pub const FILE_MAX: usize = 20 * 1024 * 1024;
    /// The longest file name, in characters.
    pub const FILE_NAME_MAX: usize = 120;

    /// A text, trimmed; its lines end with a line feed, however they ended before.
    ///
    /// # Errors
    /// [`ContentError`] when it is empty, too long or holds a control character.
    pub fn text(text: &str) -> Result<Self, ContentError> {
        let text = text.trim().replace("\r\n", "\n");
        let actual = text.chars().count();
        if is_blank(&text) {
            return Err(ContentError::Empty);
        }
        if actual > Self::TEXT_MAX {
            return Err(ContentError::TooLong {
                max: Self::TEXT_MAX,
                actual,
                unit: "characters",
            });
        }
        if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
            return Err(ContentError::Control);
        }
        Ok(Self::Text(text))
    }

    /// A file; of its name only the last part is kept.
    ///
    /// # Errors
    /// [`ContentError`] when it is empty or too large, or its name is, or its name holds a control
    /// character.
    pub fn file(name: &str, bytes: Vec<u8>) -> Result<Self, ContentError> {
        let name = name.rsplit(['/', '\\']).next().unwrap_or(name).trim();
        let letters = name.chars().count();
        if is_blank(name) || bytes.is_empty() {
            return Err(ContentError::Empty);
        }
        if letters > Self::FILE_NAME_MAX {
            let max = Self::FILE_NAME_MAX;
            return Err(ContentError::TooLong {
                max,
                actual: letters,
                unit: "characters in its name",
            });
        }
        if name.contains(|c: char| c.is_control() || directs(c)) {
            return Err(ContentError::Control);
        }
        if bytes.len() > Self::FILE_MAX {
            return Err(ContentError::TooLong {
                max: Self::FILE_MAX,
                actual: bytes.len(),
                unit: "bytes",
            });
        }
        Ok(Self::File {
            name: name.to_owned(),
            bytes,
        })
    }

    /// The bytes to seal and to fingerprint: a tag, for a file its name and a NUL, then the rest.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => [b"t", text.as_bytes()].concat(),
            Self::File { name, bytes } => [b"f", name.as_bytes(), b"\0", bytes].concat(),
        }
    }

    /// Reads back what [`Content::to_bytes`] made.
    ///
    /// # Errors
    /// [`ContentError::UnknownForm`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ContentError> {
        let utf8 = |part: &[u8]| {
            std::str::from_utf8(part)
                .map(str::to_owned)
                .map_err(|_| ContentError::UnknownForm)
        };
        match bytes.split_first() {
            Some((b't', text)) => utf8(text).map(Self::Text),
            Some((b'f', rest)) => {
                let end = rest
                    .iter()
                    .position(|b| *b == 0)
                    .ok_or(ContentError::UnknownForm)?;
                let (name, bytes) = rest.split_at(end);
                Ok(Self::File {
                    name: utf8(name)?,
                    bytes: bytes.get(1..).unwrap_or(&[]).to_vec(),
                })
            }
            Some(_) | None => Err(ContentError::UnknownForm),
        }
    }

    /// The first characters, then stars: enough to tell units apart, too little to use.
    #[must_use]
    pub fn masked(&self) -> String {
        match self {
            Self::Text(text) => {
                let letters = text.chars().count();
                let shown: String = text.chars().take((letters / 4).min(4)).collect();
                format!("{shown}{}", "•".repeat(8))
            }
            Self::File { name, .. } => format!("📎 {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_survives_its_bytes() {
        let file = Content::file("dir/a.bin", vec![0, 1, 2]).unwrap();
        for content in [Content::text(" KEY-1 😀 ").unwrap(), file] {
            assert_eq!(Content::from_bytes(&content.to_bytes()), Ok(content));
        }
        assert_eq!(Content::from_bytes(b"?x"), Err(ContentError::UnknownForm));
    }

    #[test]
    fn bad_content_says_why() {
        assert_eq!(Content::text(" "), Err(ContentError::Empty));
        for bad in ["a\0b", "a\u{1b}[31mb", "a\rb", "a\u{85}b", "a\u{7f}b"] {
            assert_eq!(Content::text(bad), Err(ContentError::Control));
            assert_eq!(Content::file(bad, vec![1]), Err(ContentError::Control));
        }
        assert!(matches!(
            Content::text(&"x".repeat(10_000)),
            Err(ContentError::TooLong { .. })
        ));
        assert!(matches!(
            Content::file("a", vec![0; Content::FILE_MAX + 1]),
            Err(ContentError::TooLong { .. })
        ));
    }

    #[test]
    fn a_file_name_reads_as_what_it_is() {
        for mark in "\u{61c}\u{200e}\u{200f}\u{202a}\u{202e}\u{2066}\u{2069}".chars() {
            let name = format!("photo{mark}gpj.exe");
            assert_eq!(Content::file(&name, vec![1]), Err(ContentError::Control));
        }
        assert!(Content::file("مفتاح 😀.txt", vec![1]).is_ok());
    }

    #[test]
    fn lines_and_tabs_are_no_bad_characters() {
        let text = Content::text("user\tpass\r\nline\n😀 لا").unwrap();
        assert_eq!(text, Content::Text("user\tpass\nline\n😀 لا".to_owned()));
    }

    #[test]
    fn debug_and_mask_hide_the_content() {
        let content = Content::text("SECRET-KEY-123").unwrap();
        assert_eq!(format!("{content:?}"), "Content::Text(…)");
        assert_eq!(content.masked(), "SEC••••••••");
        assert_eq!(Content::text("abc").unwrap().masked(), "••••••••");
    }

    #[test]
    fn sold_is_for_ever() {
        let line = LineId::from(uuid::Uuid::nil());
        let other = LineId::from(uuid::Uuid::max());
        for to in [
            UnitState::Available,
            UnitState::Held(line),
            UnitState::Withdrawn,
            UnitState::Sold(other),
        ] {
            assert!(!UnitState::Sold(line).may_become(to));
        }
        assert!(!UnitState::Held(line).may_become(UnitState::Sold(other)));
    }
}
