use super::*;

fn idr(text: &str) -> Result<i64, ParseMoneyError> {
    Money::parse(text, Currency::IDR).map(Money::minor)
}

fn usd(text: &str) -> Result<i64, ParseMoneyError> {
    Money::parse(text, Currency::USD).map(Money::minor)
}

#[test]
fn reads_the_usual_notation() {
    for text in [
        "15000",
        "15.000",
        "15,000",
        "Rp 15.000",
        "rp15000",
        "IDR 15,000",
        "15.000,00",
    ] {
        assert_eq!(idr(text), Ok(15_000), "{text}");
    }
    for text in [
        "1234.5",
        "1234.50",
        "1,234.50",
        "$1,234.50",
        "USD 1234,50",
        "1234.50 usd",
    ] {
        assert_eq!(usd(text), Ok(123_450), "{text}");
    }
    assert_eq!(usd("1,234"), Ok(123_400));
    assert_eq!(usd("0"), Ok(0));
}

#[test]
fn refuses_what_it_would_have_to_guess() {
    assert_eq!(usd("1.500"), Err(ParseMoneyError::Ambiguous));
    assert_eq!(
        idr("15.5"),
        Err(ParseMoneyError::TooPrecise {
            currency: Currency::IDR,
            decimals: 0
        })
    );
    assert_eq!(usd("1.999"), Err(ParseMoneyError::Ambiguous));
    assert_eq!(
        usd("1.9999"),
        Err(ParseMoneyError::TooPrecise {
            currency: Currency::USD,
            decimals: 2
        })
    );
    assert_eq!(usd("-5"), Err(ParseMoneyError::Negative));
    assert_eq!(usd(" "), Err(ParseMoneyError::Empty));
    assert_eq!(usd("99999999999999999999"), Err(ParseMoneyError::TooLarge));
    for text in [
        "five",
        "1..5",
        ".",
        "5.",
        "1,23,456.00",
        "😀",
        "<b>5</b>",
        "٥",
        "1e3",
        "EUR 5",
    ] {
        assert_eq!(usd(text), Err(ParseMoneyError::NotAnAmount), "{text}");
    }
}

#[test]
fn writes_what_it_reads() {
    for (minor, currency) in [
        (0, Currency::IDR),
        (1_234_567, Currency::IDR),
        (5, Currency::USD),
        (123_456, Currency::EUR),
    ] {
        let money = Money::new(minor, currency);
        assert_eq!(Money::parse(&money.to_string(), currency), Ok(money));
    }
    assert_eq!(
        Money::new(-123_456, Currency::USD).to_string(),
        "−$1,234.56"
    );
    assert_eq!(
        Money::new(1_500_000, Currency::IDR).to_string(),
        "Rp 1.500.000"
    );
}

#[test]
fn arithmetic_is_checked() {
    let most = Money::new(i64::MAX, Currency::USD);
    let one = Money::new(1, Currency::USD);
    assert_eq!(most.checked_add(one), Err(MoneyError::Overflow));
    assert_eq!(most.checked_mul(2), Err(MoneyError::Overflow));
    assert!(matches!(
        one.checked_add(Money::zero(Currency::IDR)),
        Err(MoneyError::CurrencyMismatch { .. })
    ));
    let tenth = "10%".parse::<Percent>().unwrap();
    assert_eq!(
        Money::new(999, Currency::USD).percent(tenth),
        Ok(Money::new(99, Currency::USD))
    );
    assert_eq!(most.percent("100".parse().unwrap()), Ok(most));
}

#[test]
fn percentages_have_two_decimals_and_a_ceiling() {
    assert_eq!("12.5%".parse::<Percent>().unwrap().to_string(), "12.50%");
    assert_eq!(
        "100.01".parse::<Percent>(),
        Err(ParsePercentError::TooLarge)
    );
    for text in ["", "%", "-1", "1.234", "ten", "1e1"] {
        assert_eq!(
            text.parse::<Percent>(),
            Err(ParsePercentError::NotAPercentage),
            "{text}"
        );
    }
}

#[test]
fn currencies_are_known_by_code() {
    assert_eq!("idr".parse(), Ok(Currency::IDR));
    assert_eq!("KWD".parse::<Currency>().map(|c| c.exponent()), Ok(3));
    for text in ["", "XX", "ABCD", "😀"] {
        assert!(text.parse::<Currency>().is_err(), "{text}");
    }
}
