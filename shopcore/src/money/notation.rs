//! How amounts are written and read, currency by currency.

use std::fmt;

use super::{Currency, Money, ParseMoneyError};

struct Notation {
    symbol: &'static str,
    gap: &'static str,
    group: char,
    decimal: char,
}

fn notation(currency: Currency) -> Notation {
    let (symbol, gap, group, decimal) = match currency.code() {
        "IDR" => ("Rp", " ", '.', ','),
        "USD" => ("$", "", ',', '.'),
        "EUR" => ("€", "", ',', '.'),
        "GBP" => ("£", "", ',', '.'),
        "JPY" => ("¥", "", ',', '.'),
        "XTR" => ("⭐", " ", ',', '.'),
        _ => ("", " ", ',', '.'),
    };
    Notation {
        symbol,
        gap,
        group,
        decimal,
    }
}

pub(super) fn write(money: Money, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let style = notation(money.currency());
    let sign = if money.is_negative() { "−" } else { "" };
    let symbol = if style.symbol.is_empty() {
        money.currency.code()
    } else {
        style.symbol
    };
    let decimals = usize::try_from(money.currency().exponent()).unwrap_or(0);
    let digits = format!(
        "{:0>width$}",
        money.minor().unsigned_abs(),
        width = decimals.saturating_add(1)
    );
    let (units, fraction) = digits.split_at(digits.len().saturating_sub(decimals));
    write!(
        f,
        "{sign}{symbol}{}{}",
        style.gap,
        grouped(units, style.group)
    )?;
    if fraction.is_empty() {
        Ok(())
    } else {
        write!(f, "{}{fraction}", style.decimal)
    }
}

fn grouped(units: &str, separator: char) -> String {
    let mut text = String::new();
    for (index, digit) in units.chars().enumerate() {
        if index > 0 && units.len().saturating_sub(index).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

pub(super) fn parse(text: &str, currency: Currency) -> Result<i64, ParseMoneyError> {
    let bare = without_symbol(text.trim(), currency);
    if bare.is_empty() {
        return Err(ParseMoneyError::Empty);
    }
    let (negative, bare) = match bare.strip_prefix(['-', '−']) {
        Some(rest) => (true, without_symbol(rest, currency)),
        None => (false, bare),
    };
    let (units, fraction) = split(bare, currency)?;
    let minor = to_minor(&units, fraction, currency)?;
    match (negative, minor) {
        (true, 1..) => Err(ParseMoneyError::Negative),
        (true | false, minor) if minor > Money::MAX_MINOR => Err(ParseMoneyError::TooLarge),
        (true | false, minor) => Ok(minor),
    }
}

fn without_symbol(text: &str, currency: Currency) -> &str {
    let strip = |text: &str, mark: &str| -> Option<usize> {
        let head = text.get(..mark.len())?;
        (!mark.is_empty() && head.eq_ignore_ascii_case(mark)).then_some(mark.len())
    };
    let mut rest = text.trim();
    for mark in [currency.code(), notation(currency).symbol] {
        if let Some(tail) = strip(rest, mark).and_then(|at| rest.get(at..)) {
            rest = tail.trim_start();
        }
    }
    let upper = rest.len().saturating_sub(currency.code().len());
    match rest.get(upper..) {
        Some(tail) if tail.eq_ignore_ascii_case(currency.code()) => {
            rest.get(..upper).unwrap_or(rest).trim_end()
        }
        Some(_) | None => rest,
    }
}

/// Splits into the digits of whole units and of the fraction, checking the thousands separators.
fn split(text: &str, currency: Currency) -> Result<(String, &str), ParseMoneyError> {
    if !text
        .chars()
        .all(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
    {
        return Err(ParseMoneyError::NotAnAmount);
    }
    let Some(last) = text.rfind(['.', ',']) else {
        return Ok((text.to_owned(), ""));
    };
    let (head, tail) = text.split_at(last);
    let mark = tail.chars().next().unwrap_or('.');
    let digits = tail.get(1..).unwrap_or("");
    let style = notation(currency);
    let repeats = head.contains(mark);
    let groups = digits.len() == 3 && (repeats || mark == style.group || currency.exponent() == 0);
    if groups {
        return ungroup(text, mark).map(|units| (units, ""));
    }
    if digits.len() == 3 && currency.exponent() != 3 {
        return Err(ParseMoneyError::Ambiguous);
    }
    if repeats || digits.is_empty() || head.is_empty() {
        return Err(ParseMoneyError::NotAnAmount);
    }
    let group = if mark == '.' { ',' } else { '.' };
    ungroup(head, group).map(|units| (units, digits))
}

fn ungroup(text: &str, separator: char) -> Result<String, ParseMoneyError> {
    let mut parts = text.split(separator);
    let first = parts.next().unwrap_or("");
    let alone = !text.contains(separator);
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let fits = !first.is_empty() && (alone || first.len() <= 3) && digits(first);
    if !fits || !parts.all(|part| part.len() == 3 && digits(part)) {
        return Err(ParseMoneyError::NotAnAmount);
    }
    Ok(text.split(separator).collect())
}

fn to_minor(units: &str, fraction: &str, currency: Currency) -> Result<i64, ParseMoneyError> {
    let decimals = usize::try_from(currency.exponent()).unwrap_or(0);
    let meaningful = fraction.trim_end_matches('0');
    if meaningful.len() > decimals {
        return Err(ParseMoneyError::TooPrecise {
            currency,
            decimals: currency.exponent(),
        });
    }
    let digits = format!("{units}{meaningful:0<decimals$}");
    digits.parse().map_err(|_| ParseMoneyError::TooLarge)
}

/// The amount with a dot before its decimals and nothing between thousands.
pub(super) fn plain(money: Money) -> String {
    let decimals = usize::try_from(money.currency.exponent()).unwrap_or(0);
    let sign = if money.minor < 0 { "-" } else { "" };
    let digits = format!(
        "{:0>1$}",
        money.minor.unsigned_abs(),
        decimals.saturating_add(1)
    );
    match digits.split_at_checked(digits.len().saturating_sub(decimals)) {
        Some((units, fraction)) if !fraction.is_empty() => format!("{sign}{units}.{fraction}"),
        Some(_) | None => format!("{sign}{digits}"),
    }
}
