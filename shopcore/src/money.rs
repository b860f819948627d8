//! Money: checked integer minor units with a currency, and percentages in basis points.
//!
//! ```
//! use shopcore::money::{Currency, Money};
//!
//! let price = Money::parse("Rp 15.000", Currency::IDR)?;
//! assert_eq!(price.minor(), 15_000);
//! assert_eq!(price.checked_mul(2)?.to_string(), "Rp 30.000");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![warn(clippy::arithmetic_side_effects)]

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

mod notation;
mod percent;

pub use percent::{ParsePercentError, Percent};

/// A currency: an ISO 4217 code, or `XTR` for Telegram Stars.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Why a currency code was refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is not an ISO 4217 currency code")]
pub struct UnknownCurrency(pub String);

impl Currency {
    /// Indonesian rupiah, in whole rupiah.
    pub const IDR: Self = Self(*b"IDR");
    /// United States dollar, in cents.
    pub const USD: Self = Self(*b"USD");
    /// Euro, in cents.
    pub const EUR: Self = Self(*b"EUR");
    /// Telegram Stars, whole.
    pub const XTR: Self = Self(*b"XTR");

    /// The three letters.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XXX")
    }

    /// Decimal digits of the minor unit: 2 for USD, 0 for JPY.
    ///
    /// IDR counts 0 here although ISO 4217 lists 2: no sen circulates and every gateway takes
    /// whole rupiah, so a finer unit could only make totals that nobody can pay.
    #[must_use]
    pub fn exponent(&self) -> u32 {
        if matches!(*self, Self::IDR | Self::XTR) {
            return 0;
        }
        let digits = iso_currency::Currency::from_code(self.code()).and_then(|c| c.exponent());
        digits.map_or(0, u32::from)
    }

    /// Minor units in one unit: 100 for USD, 1 for JPY.
    #[must_use]
    pub fn minor_per_unit(&self) -> i64 {
        10_i64.saturating_pow(self.exponent())
    }
}

impl FromStr for Currency {
    type Err = UnknownCurrency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        let known = code == "XTR" || iso_currency::Currency::from_code(&code).is_some();
        match (known, code.as_bytes().try_into()) {
            (true, Ok(bytes)) => Ok(Self(bytes)),
            (true | false, Ok(_) | Err(_)) => Err(UnknownCurrency(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = UnknownCurrency;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in minor units of a currency. May be negative: a debit is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

/// Why an operation on money has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The result does not fit 64 bits.
    #[error("the amount is too large")]
    Overflow,
    /// Two currencies met.
    #[error("{left} and {right} can't be combined")]
    CurrencyMismatch {
        /// The currency of the amount operated on.
        left: Currency,
        /// The other one.
        right: Currency,
    },
}

/// Why a text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ParseMoneyError {
    /// Nothing to read.
    #[error("the amount is empty")]
    Empty,
    /// Something other than digits, separators, a sign and the currency.
    #[error("not an amount")]
    NotAnAmount,
    /// It could be read in two ways, such as `1.500` where cents are usual.
    #[error("the amount is ambiguous: write it without thousands separators")]
    Ambiguous,
    /// More decimals than the currency has.
    #[error("{currency} has {}", decimals_told(*decimals))]
    TooPrecise {
        /// The currency that was expected.
        currency: Currency,
        /// How many decimals it has.
        decimals: u32,
    },
    /// Below zero.
    #[error("the amount is negative")]
    Negative,
    /// Beyond [`Money::MAX_MINOR`].
    #[error("the amount is too large")]
    TooLarge,
}

fn decimals_told(decimals: u32) -> String {
    match decimals {
        0 => "no decimals; write 1500".to_owned(),
        _ => format!("{decimals} decimals"),
    }
}

impl Money {
    /// The largest amount a person may type, in minor units: a trillion, which leaves headroom
    /// for any quantity and any sum over a shop's life.
    pub const MAX_MINOR: i64 = 1_000_000_000_000;

    /// `minor` minor units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing.
    #[must_use]
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Reads an amount in the currency's usual notation, zero or more: `15000`, `15.000` or
    /// `Rp 15.000` for IDR, `4.99`, `1,234.50` or `$4.99` for USD.
    ///
    /// # Errors
    /// See [`ParseMoneyError`]; nothing is rounded or guessed.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, ParseMoneyError> {
        notation::parse(text, currency).map(|minor| Self { minor, currency })
    }

    /// The amount in minor units.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// Whether there is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether it is more than nothing.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Whether it is less than nothing.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`MoneyError`] on overflow or two currencies.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.with(self.minor.checked_add(other.minor))
    }

    /// The difference, which may be negative.
    ///
    /// # Errors
    /// [`MoneyError`] on overflow or two currencies.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        self.with(self.minor.checked_sub(other.minor))
    }

    /// This many times the amount.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_mul(self, times: u32) -> Result<Self, MoneyError> {
        self.with(self.minor.checked_mul(i64::from(times)))
    }

    /// The opposite amount.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.with(self.minor.checked_neg())
    }

    /// The smaller of two amounts.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`].
    pub fn checked_min(self, other: Self) -> Result<Self, MoneyError> {
        self.same(other)?;
        Ok(if other.minor < self.minor {
            other
        } else {
            self
        })
    }

    /// This share of the amount, rounded down to a whole minor unit.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn percent(self, percent: Percent) -> Result<Self, MoneyError> {
        let scaled = i128::from(self.minor).checked_mul(i128::from(percent.basis_points()));
        let share = scaled.map(|s| s.div_euclid(i128::from(Percent::WHOLE)));
        self.with(share.and_then(|s| i64::try_from(s).ok()))
    }

    /// The amount as programs write it: without the currency, a dot before its decimals and nothing
    /// between thousands, such as `15000` or `-4.99`.
    #[must_use]
    pub fn plain(self) -> String {
        notation::plain(self)
    }

    fn same(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            return Ok(());
        }
        Err(MoneyError::CurrencyMismatch {
            left: self.currency,
            right: other.currency,
        })
    }

    fn with(self, minor: Option<i64>) -> Result<Self, MoneyError> {
        minor
            .map(|minor| Self { minor, ..self })
            .ok_or(MoneyError::Overflow)
    }
}

/// Adds up amounts of one currency.
///
/// # Errors
/// [`MoneyError`] on overflow or a foreign currency.
pub fn sum(
    currency: Currency,
    amounts: impl IntoIterator<Item = Money>,
) -> Result<Money, MoneyError> {
    amounts
        .into_iter()
        .try_fold(Money::zero(currency), Money::checked_add)
}

impl fmt::Display for Money {
    /// The currency's usual notation: `Rp 15.000`, `$4.99`, `KWD 1,234.500`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        notation::write(*self, f)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} minor {}", self.minor, self.currency)
    }
}

#[cfg(test)]
mod tests;
