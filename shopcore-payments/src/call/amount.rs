//! Amounts as gateways write them, read without a float between.

use serde_json::Value;
use shopcore::money::{Currency, Money};
use thiserror::Error;

/// An amount that is none, is negative, too large or finer than its currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the gateway's amount is not understood")]
pub struct BadAmount;

/// Reads an amount in units of `currency`: a whole number, or a text such as `"24145.00"`. A number
/// with a fraction is refused, for JSON readers make a float of it.
///
/// # Errors
/// [`BadAmount`]; nothing is rounded.
pub fn amount(value: &Value, currency: Currency) -> Result<Money, BadAmount> {
    match value {
        Value::Number(number) => units(&number.as_u64().ok_or(BadAmount)?.to_string(), currency),
        Value::String(text) => units(text, currency),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => Err(BadAmount),
    }
}

/// An amount in units of its currency, such as `4.99`.
#[must_use]
pub fn written(amount: Money) -> String {
    let digits = usize::try_from(amount.currency().exponent()).unwrap_or(0);
    let minor = format!("{:0>width$}", amount.minor(), width = digits + 1);
    let (whole, fraction) = minor.split_at(minor.len() - digits);
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

fn units(text: &str, currency: Currency) -> Result<Money, BadAmount> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return Err(BadAmount),
        Some(parts) => parts,
        None => (text, ""),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return Err(BadAmount);
    }
    let digits = usize::try_from(currency.exponent()).map_err(|_| BadAmount)?;
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > digits {
        return Err(BadAmount);
    }
    let minor = format!("{whole}{fraction:0<digits$}").parse();
    let minor = minor.map_err(|_| BadAmount)?;
    if minor > Money::MAX_MINOR {
        return Err(BadAmount);
    }
    Ok(Money::new(minor, currency))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn whole_numbers_and_decimal_texts_are_read_exactly() {
        for (value, currency, minor) in [
            (json!(24145), Currency::IDR, 24_145),
            (json!("24145.00"), Currency::IDR, 24_145),
            (json!("24145"), Currency::USD, 2_414_500),
            (json!("0.1"), Currency::USD, 10),
            (json!("1.230"), Currency::USD, 123),
        ] {
            assert_eq!(amount(&value, currency), Ok(Money::new(minor, currency)));
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for (currency, minor, text) in [
            (Currency::IDR, 24_145, "24145"),
            (Currency::USD, 499, "4.99"),
            (Currency::USD, 5, "0.05"),
            (Currency::USD, 0, "0.00"),
        ] {
            let money = Money::new(minor, currency);
            assert_eq!(written(money), text);
            assert_eq!(amount(&json!(text), currency), Ok(money));
        }
    }

    #[test]
    fn what_is_no_exact_amount_is_refused() {
        for value in [
            json!(1.0),
            json!(-1),
            json!("1.5"),
            json!("-1"),
            json!("+1"),
            json!("1e3"),
            json!("1."),
            json!(".5"),
            json!(""),
            json!(" 1"),
            json!("1,000"),
            json!("1.000.000"),
            json!(u64::MAX),
            json!("99999999999999999999"),
            json!(null),
            json!([1]),
        ] {
            assert_eq!(amount(&value, Currency::IDR), Err(BadAmount), "{value}");
        }
    }
}
