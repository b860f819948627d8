//! Texts that people typed: trimmed, bounded, free of control characters.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing but white space and what takes no room.
    #[error("it is empty")]
    Empty,
    /// Longer than allowed.
    #[error("it has {actual} characters; at most {max} are allowed")]
    TooLong {
        /// The limit, in characters.
        max: usize,
        /// What it has.
        actual: usize,
    },
    /// Control characters, or marks that reverse the direction of what follows.
    #[error("it contains invisible control characters")]
    Control,
    /// A character outside the code's alphabet.
    #[error("only letters, digits and . _ - / are allowed")]
    Alphabet,
    /// A code of nothing but punctuation.
    #[error("it has neither a letter nor a digit")]
    Punctuation,
}

/// Checks a text of at most `max` characters; line breaks and tabs are allowed where `multiline`.
fn checked(text: &str, max: usize, lines: Lines) -> Result<String, TextError> {
    let text = text.trim();
    let actual = text.chars().count();
    if is_blank(text) {
        return Err(TextError::Empty);
    }
    if actual > max {
        return Err(TextError::TooLong { max, actual });
    }
    let allowed = |c: char| matches!((lines, c), (Lines::Many, '\n' | '\t'));
    if text
        .chars()
        .any(|c| (c.is_control() && !allowed(c)) || reverses(c))
    {
        return Err(TextError::Control);
    }
    Ok(text.to_owned())
}

#[derive(Clone, Copy)]
enum Lines {
    One,
    Many,
}

/// Whether there is nothing to be seen of a text.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_unseen(c))
}

/// Unicode's characters that show nothing by themselves (`Default_Ignorable_Code_Point`), and the
/// empty pattern of Braille.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{2800}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Bidirectional overrides and isolates make a text read as something else than it is.
fn reverses(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Everything that directs how a text is read: also the marks that texts of people need where they
/// mix scripts.
pub(crate) fn directs(c: char) -> bool {
    reverses(c) || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}')
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident: $max:literal, $lines:ident);* $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest allowed, in characters.
            pub const MAX: usize = $max;

            /// Takes a text, trimmed.
            ///
            /// # Errors
            /// [`TextError`] when it is empty, too long or holds control characters.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                checked(text, Self::MAX, Lines::$lines).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

texts! {
    /// A name of a product, a category or a customer: one line.
    Name: 120, One;
    /// A description or the terms of a product: several lines.
    Description: 2_000, Many;
    /// A reason an admin gives: one line.
    Reason: 300, One;
    /// The sign in front of a category's name, as a rule an emoji: of several code points, some.
    Emoji: 8, One;
}

/// Checks a code of at most `max` characters, and puts it into upper case.
fn code(text: &str, max: usize) -> Result<String, TextError> {
    let text = checked(text, max, Lines::One)?.to_ascii_uppercase();
    let mark = |c| matches!(c, '.' | '_' | '-' | '/');
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || mark(c)) {
        return Err(TextError::Alphabet);
    }
    if text.chars().all(mark) {
        return Err(TextError::Punctuation);
    }
    Ok(text)
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident: $max:literal);* $(;)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The longest allowed, in characters.
            pub const MAX: usize = $max;

            /// Takes a code: letters, digits and `. _ - /`, kept in upper case; at least one is a
            /// letter or a digit.
            ///
            /// # Errors
            /// [`TextError`] when it is empty, too long, has other characters or only punctuation.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                code(text, Self::MAX).map(Self)
            }

            /// The code, in upper case.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = TextError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

codes! {
    /// The code a seller gives a product; unique in the shop.
    ProductCode: 32;
    /// The code a customer types to use a voucher; unique in the shop.
    VoucherCode: 32;
}

/// Why a label, such as a platform's id of a person, was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("1 to {max} visible ASCII characters are allowed")]
pub struct BadLabel {
    /// The longest allowed.
    pub max: usize,
}

macro_rules! labels {
    ($($(#[$doc:meta])* $name:ident: $max:literal);* $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to
            #[doc = stringify!($max)]
            /// visible ASCII characters.
            ///
            /// # Errors
            /// [`BadLabel`](crate::text::BadLabel).
            pub fn parse(text: &str) -> Result<Self, $crate::text::BadLabel> {
                let fits = (1..=$max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
                if fits { Ok(Self(text.to_owned())) } else { Err($crate::text::BadLabel { max: $max }) }
            }

            /// The characters.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::text::BadLabel;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(label: $name) -> Self {
                label.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

pub(crate) use labels;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_texts_say_why() {
        let long = "x".repeat(10_000);
        for unseen in [" \n ", "\u{200b}", "\u{2800} \u{3164}", "\u{feff}\u{ad}"] {
            assert_eq!(Name::parse(unseen), Err(TextError::Empty));
        }
        assert_eq!(
            Name::parse(&long),
            Err(TextError::TooLong {
                max: 120,
                actual: 10_000
            })
        );
        assert_eq!(Name::parse("a\nb"), Err(TextError::Control));
        assert_eq!(Name::parse("exe\u{202e}gpj"), Err(TextError::Control));
        assert_eq!(ProductCode::parse("a b"), Err(TextError::Alphabet));
        assert_eq!(VoucherCode::parse("😀"), Err(TextError::Alphabet));
    }

    #[test]
    fn a_code_needs_a_letter_or_a_digit() {
        for marks in ["-", ".", "_/", " --- "] {
            assert_eq!(ProductCode::parse(marks), Err(TextError::Punctuation));
            assert_eq!(VoucherCode::parse(marks), Err(TextError::Punctuation));
        }
        assert_eq!(ProductCode::parse("-1-").unwrap().as_str(), "-1-");
    }

    #[test]
    fn good_texts_are_kept_trimmed() {
        assert_eq!(
            Name::parse(" مفتاح <b> 😀 ").unwrap().as_str(),
            "مفتاح <b> 😀"
        );
        assert_eq!(
            Description::parse("two\nlines").unwrap().as_str(),
            "two\nlines"
        );
        assert_eq!(ProductCode::parse(" win-11 ").unwrap().as_str(), "WIN-11");
    }
}
