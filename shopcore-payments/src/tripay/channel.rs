//! How customers pay through Tripay.

use std::str::FromStr;

use thiserror::Error;

/// The longest code.
const CODE_MAX: usize = 32;

/// A channel of Tripay by its code, such as `QRIS`, `BRIVA` or `OVO`. Which there are depends on the
/// merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripayChannel(String);

/// A text that is no code of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no channel of Tripay: codes are of capital letters and digits, such as QRIS")]
pub struct BadChannel(pub String);

impl TripayChannel {
    /// QRIS, which every bank and wallet reads.
    #[must_use]
    pub fn qris() -> Self {
        Self("QRIS".to_owned())
    }

    /// Its code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it gives customers the number of a virtual account.
    pub(super) fn is_account(&self) -> bool {
        self.0.ends_with("VA")
    }
}

impl FromStr for TripayChannel {
    type Err = BadChannel;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        if !(1..=CODE_MAX).contains(&text.len()) || !text.bytes().all(fits) {
            return Err(BadChannel(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_of_capital_letters_and_digits() {
        for code in ["QRIS", "QRIS2", "BRIVA", "QRIS_SHOPEEPAY"] {
            let channel: TripayChannel = code.parse().unwrap();
            assert_eq!(
                (channel.as_str(), channel.is_account()),
                (code, code == "BRIVA")
            );
        }
        for code in ["", "qris", "QR IS", "Q/", &"A".repeat(33)] {
            assert!(code.parse::<TripayChannel>().is_err(), "{code}");
        }
    }
}
