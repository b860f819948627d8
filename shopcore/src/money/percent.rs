//! Percentages from 0 to 100, in basis points.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A share between 0 % and 100 %, kept in basis points (hundredths of a percent).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "u16", into = "u16")]
pub struct Percent(u16);

/// Why a percentage was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParsePercentError {
    /// Not a number with at most two decimals and an optional `%`.
    #[error("not a percentage with at most two decimals")]
    NotAPercentage,
    /// More than 100 %.
    #[error("a percentage is at most 100 %")]
    TooLarge,
}

impl Percent {
    /// Basis points in the whole.
    pub const WHOLE: u16 = 10_000;

    /// A percentage of so many basis points.
    ///
    /// # Errors
    /// [`ParsePercentError::TooLarge`] above [`Percent::WHOLE`].
    pub const fn from_basis_points(points: u16) -> Result<Self, ParsePercentError> {
        if points > Self::WHOLE {
            return Err(ParsePercentError::TooLarge);
        }
        Ok(Self(points))
    }

    /// The percentage in basis points, 0 to 10,000.
    #[must_use]
    pub const fn basis_points(self) -> u16 {
        self.0
    }
}

impl FromStr for Percent {
    type Err = ParsePercentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bad = ParsePercentError::NotAPercentage;
        let text = text.trim();
        let number = text.strip_suffix('%').unwrap_or(text).trim_end();
        let (whole, decimals) = number.split_once(['.', ',']).unwrap_or((number, ""));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || decimals.len() > 2 || !digits(whole) || !digits(decimals) {
            return Err(bad);
        }
        let points: u64 = format!("{whole}{decimals:0<2}").parse().map_err(|_| bad)?;
        u16::try_from(points).map_or(Err(ParsePercentError::TooLarge), Self::from_basis_points)
    }
}

impl TryFrom<u16> for Percent {
    type Error = ParsePercentError;

    fn try_from(points: u16) -> Result<Self, Self::Error> {
        Self::from_basis_points(points)
    }
}

impl From<Percent> for u16 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, points) = (self.0.div_euclid(100), self.0.rem_euclid(100));
        if points == 0 {
            write!(f, "{whole}%")
        } else {
            write!(f, "{whole}.{points:02}%")
        }
    }
}
