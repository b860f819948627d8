//! How customers pay through Pakasir.

use std::str::FromStr;

use thiserror::Error;

/// A way to pay: QRIS, or a virtual account of a bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PakasirMethod {
    /// A QR code that every Indonesian bank and wallet reads.
    Qris,
    /// CIMB Niaga.
    CimbNiaga,
    /// BNI.
    Bni,
    /// Bank Sahabat Sampoerna.
    Sampoerna,
    /// Bank Neo Commerce.
    Bnc,
    /// Maybank.
    Maybank,
    /// Permata.
    Permata,
    /// ATM Bersama.
    AtmBersama,
    /// Artha Graha.
    ArthaGraha,
    /// BRI.
    Bri,
}

/// A method that Pakasir does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no payment method of Pakasir")]
pub struct UnknownPakasirMethod(pub String);

impl PakasirMethod {
    /// Every method.
    pub const ALL: [Self; 10] = [
        Self::Qris,
        Self::CimbNiaga,
        Self::Bni,
        Self::Sampoerna,
        Self::Bnc,
        Self::Maybank,
        Self::Permata,
        Self::AtmBersama,
        Self::ArthaGraha,
        Self::Bri,
    ];

    /// Its name at Pakasir, from section C.3 of the guide.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Qris => "qris",
            Self::CimbNiaga => "cimb_niaga_va",
            Self::Bni => "bni_va",
            Self::Sampoerna => "sampoerna_va",
            Self::Bnc => "bnc_va",
            Self::Maybank => "maybank_va",
            Self::Permata => "permata_va",
            Self::AtmBersama => "atm_bersama_va",
            Self::ArthaGraha => "artha_graha_va",
            Self::Bri => "bri_va",
        }
    }

    /// The bank of a virtual account, as customers know it.
    pub(super) const fn bank(self) -> Option<&'static str> {
        match self {
            Self::Qris => None,
            Self::CimbNiaga => Some("CIMB Niaga"),
            Self::Bni => Some("BNI"),
            Self::Sampoerna => Some("Bank Sampoerna"),
            Self::Bnc => Some("Bank Neo Commerce"),
            Self::Maybank => Some("Maybank"),
            Self::Permata => Some("Permata"),
            Self::AtmBersama => Some("ATM Bersama"),
            Self::ArthaGraha => Some("Artha Graha"),
            Self::Bri => Some("BRI"),
        }
    }
}

impl FromStr for PakasirMethod {
    type Err = UnknownPakasirMethod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut all = Self::ALL.into_iter();
        all.find(|method| method.as_str() == text)
            .ok_or_else(|| UnknownPakasirMethod(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_go_by_the_names_of_the_guide() {
        for method in PakasirMethod::ALL {
            assert_eq!(method.as_str().parse(), Ok(method));
            assert_eq!(method.bank().is_none(), method == PakasirMethod::Qris);
        }
        assert!("QRIS".parse::<PakasirMethod>().is_err());
    }
}
