//! Amounts in Stripe's units: <https://docs.stripe.com/currencies>. Most currencies have two
//! decimals there, rupiah and krónur too; some have none, and some three.

use shopcore::gateway::GatewayError;
use shopcore::money::{Currency, Money};

use super::wire::refused;

/// Those without decimals.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF",
    "XOF", "XPF",
];

/// Those with three.
const THIRDS: [&str; 5] = ["BHD", "JOD", "KWD", "OMR", "TND"];

fn decimals(currency: Currency) -> u32 {
    let code = currency.code();
    if WHOLE.contains(&code) {
        0
    } else if THIRDS.contains(&code) {
        3
    } else {
        2
    }
}

/// How many of Stripe's units a minor unit of the shop's has.
fn factor(currency: Currency) -> Option<i64> {
    let more = decimals(currency).checked_sub(currency.exponent())?;
    10_i64.checked_pow(more)
}

/// The currency as Stripe writes it.
pub(super) fn code(currency: Currency) -> String {
    currency.code().to_ascii_lowercase()
}

/// An amount of the shop's in Stripe's units.
pub(super) fn of(amount: Money) -> Result<i64, GatewayError> {
    let units = factor(amount.currency()).and_then(|factor| amount.minor().checked_mul(factor));
    units.ok_or_else(|| refused("it does not take this currency"))
}

/// An amount that Stripe tells, where the shop's currency has units so small.
pub(super) fn money(units: i64, code: &str) -> Result<Money, GatewayError> {
    let currency: Currency = code
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| refused("it tells of an unknown currency"))?;
    let factor = factor(currency).filter(|factor| units.checked_rem(*factor) == Some(0));
    let minor = factor.and_then(|factor| units.checked_div(factor));
    let minor = minor.filter(|minor| (0..=Money::MAX_MINOR).contains(minor));
    minor
        .map(|minor| Money::new(minor, currency))
        .ok_or_else(|| refused("it tells of an amount that can't be"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_scaled_to_and_fro_and_never_rounded() {
        for (code, minor, units) in [
            ("USD", 499, 499),
            ("IDR", 15_000, 1_500_000),
            ("JPY", 500, 500),
            ("KWD", 1_230, 1_230),
        ] {
            let amount = Money::new(minor, code.parse().unwrap());
            assert_eq!(of(amount).unwrap(), units);
            assert_eq!(money(units, &code.to_ascii_lowercase()).unwrap(), amount);
        }
        for (units, code) in [(1_500_001, "idr"), (-1, "usd"), (i64::MAX, "usd"), (1, "?")] {
            assert!(money(units, code).is_err());
        }
        assert!(of(Money::new(i64::MAX, Currency::IDR)).is_err());
    }
}
