//! On which terms a shop offers a way to pay: how much it takes, who bears its fee, in which
//! currency it asks.

use std::str::FromStr;

use thiserror::Error;

use super::Capabilities;
use crate::money::{Currency, Money, MoneyError, ParseMoneyError, Percent};

/// What a gateway takes for itself: a share of what is asked, and a fixed amount in the currency it
/// is asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fee {
    /// The share.
    pub share: Percent,
    /// The fixed amount.
    pub fixed: Money,
}

impl Fee {
    /// What is added to `amount`: the share, rounded up to the minor unit, and the fixed amount.
    ///
    /// # Errors
    /// [`MoneyError`].
    pub fn on(&self, amount: Money) -> Result<Money, MoneyError> {
        let points = i128::from(amount.minor()) * i128::from(self.share.basis_points());
        let share = divided_up(points, i128::from(Percent::WHOLE))?;
        Money::new(share, amount.currency()).checked_add(self.fixed)
    }
}

/// What an amount of one currency is worth in another, such as `1 USD = 16250 IDR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    from: Money,
    to: Money,
}

/// Why a rate is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RateError {
    /// Not two amounts with an equals sign between.
    #[error("a rate is written as \"1 USD = 16250 IDR\"")]
    Form,
    /// An amount is not understood.
    #[error(transparent)]
    Money(#[from] ParseMoneyError),
    /// An amount is not above zero.
    #[error("the amounts of a rate are more than zero")]
    Nothing,
    /// Both are of one currency.
    #[error("a rate has two currencies")]
    OneCurrency,
}

impl Rate {
    /// The rate by which `from` is worth `to`.
    ///
    /// # Errors
    /// [`RateError`].
    pub fn new(from: Money, to: Money) -> Result<Self, RateError> {
        if !from.is_positive() || !to.is_positive() {
            return Err(RateError::Nothing);
        }
        if from.currency() == to.currency() {
            return Err(RateError::OneCurrency);
        }
        Ok(Self { from, to })
    }

    /// The currency that `currency` is changed into, where it is one of the two.
    #[must_use]
    pub fn other(self, currency: Currency) -> Option<Currency> {
        Some(self.leading_from(currency)?.to.currency())
    }

    /// The rate that leads from `currency`, where it is one of the two.
    fn leading_from(self, currency: Currency) -> Option<Self> {
        let Self { from, to } = self;
        if from.currency() == currency {
            Some(self)
        } else {
            (to.currency() == currency).then_some(Self { from: to, to: from })
        }
    }

    /// What `amount` is worth, rounded up to the minor unit.
    fn convert(self, amount: Money) -> Result<Money, MoneyError> {
        let product = i128::from(amount.minor()) * i128::from(self.to.minor());
        let minor = divided_up(product, i128::from(self.from.minor()))?;
        Ok(Money::new(minor, self.to.currency()))
    }
}

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (from, to) = text.split_once('=').ok_or(RateError::Form)?;
        Self::new(amount(from)?, amount(to)?)
    }
}

/// An amount followed by its currency, such as `16250 IDR`.
fn amount(text: &str) -> Result<Money, RateError> {
    let (amount, currency) = text.trim().rsplit_once(' ').ok_or(RateError::Form)?;
    let currency = currency.parse().map_err(|_| RateError::Form)?;
    Ok(Money::parse(amount, currency)?)
}

fn divided_up(product: i128, by: i128) -> Result<i64, MoneyError> {
    let whole = product.checked_div_euclid(by).ok_or(MoneyError::Overflow)?;
    let up = if product.checked_rem_euclid(by) == Some(0) {
        whole
    } else {
        whole.saturating_add(1)
    };
    i64::try_from(up).map_err(|_| MoneyError::Overflow)
}

/// The terms on which a shop offers a gateway. The default asks for the price in the shop's
/// currency, whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaymentTerms {
    /// The least that is paid through it, in the shop's currency.
    pub minimum: Option<Money>,
    /// The most that is paid through it, in the shop's currency.
    pub maximum: Option<Money>,
    /// What the gateway takes, where the customer bears it: it is added to what is asked. What the
    /// gateway adds by itself is not named here.
    pub fee: Option<Fee>,
    /// How the shop's currency is changed into the one that is asked in; kept by each charge.
    pub rate: Option<Rate>,
}

/// Why a gateway is not offered for an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotOffered {
    /// It takes neither the shop's currency, nor the one its rate leads to.
    #[error("the gateway does not take {0}")]
    Currency(Currency),
    /// So little is not paid through it.
    #[error("the gateway takes {0} at least")]
    TooLittle(Money),
    /// So much is not paid through it.
    #[error("the gateway takes {0} at most")]
    TooMuch(Money),
    /// The amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// Why a gateway could never be offered on its terms.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BadTerms {
    /// The least is more than the most.
    #[error("the minimum {minimum} is more than the maximum {maximum}")]
    Range {
        /// The least.
        minimum: Money,
        /// The most.
        maximum: Money,
    },
    /// What it would be asked in is nothing that it takes.
    #[error("the gateway takes {}, and would be asked for {asked}; set a rate between the two", codes(.takes))]
    Currency {
        /// What it would be asked in.
        asked: Currency,
        /// What it takes.
        takes: Vec<Currency>,
    },
}

fn codes(currencies: &[Currency]) -> String {
    let codes: Vec<_> = currencies.iter().map(|currency| currency.code()).collect();
    codes.join(", ")
}

impl PaymentTerms {
    /// Whether a gateway of these abilities can be asked at all in a shop of this currency.
    ///
    /// # Errors
    /// [`BadTerms`].
    pub fn check(&self, shop: Currency, gateway: &Capabilities) -> Result<(), BadTerms> {
        if let (Some(minimum), Some(maximum)) = (self.minimum, self.maximum)
            && minimum.minor() > maximum.minor()
        {
            return Err(BadTerms::Range { minimum, maximum });
        }
        let asked = self.rate.and_then(|rate| rate.other(shop)).unwrap_or(shop);
        if gateway.currencies.contains(&asked) {
            return Ok(());
        }
        Err(BadTerms::Currency {
            asked,
            takes: gateway.currencies.clone(),
        })
    }

    /// What a gateway of these abilities is asked for, so that `covers` of an invoice is paid.
    ///
    /// # Errors
    /// [`NotOffered`].
    pub fn asks(&self, covers: Money, gateway: &Capabilities) -> Result<Money, NotOffered> {
        within(covers, self.minimum, self.maximum)?;
        let priced = match self.rate {
            None => covers,
            Some(rate) => {
                let rate = rate.leading_from(covers.currency());
                let rate = rate.ok_or(NotOffered::Currency(covers.currency()))?;
                rate.convert(covers)?
            }
        };
        let asked = match self.fee {
            None => priced,
            Some(fee) => priced.checked_add(fee.on(priced)?)?,
        };
        if !gateway.currencies.contains(&asked.currency()) {
            return Err(NotOffered::Currency(asked.currency()));
        }
        within(asked, gateway.minimum, gateway.maximum)?;
        Ok(asked)
    }
}

fn within(amount: Money, least: Option<Money>, most: Option<Money>) -> Result<(), NotOffered> {
    match (least, most) {
        (Some(least), _) if amount.minor() < least.minor() => Err(NotOffered::TooLittle(least)),
        (_, Some(most)) if amount.minor() > most.minor() => Err(NotOffered::TooMuch(most)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::{CreateMode, Support};

    fn idr(minor: i64) -> Money {
        Money::new(minor, Currency::IDR)
    }

    fn takes(currencies: &[Currency]) -> Capabilities {
        Capabilities {
            create: CreateMode::Neither,
            currencies: currencies.to_vec(),
            minimum: Some(idr(500)),
            maximum: Some(idr(1_000_000)),
            cancel: Support::No,
            refund: Support::No,
            statement: Support::No,
            webhooks: Support::No,
            simulate: Support::No,
        }
    }

    #[test]
    fn a_fee_is_rounded_up_and_added() {
        let fee = Fee {
            share: "0.7%".parse().unwrap(),
            fixed: idr(310),
        };
        let terms = PaymentTerms {
            fee: Some(fee),
            ..PaymentTerms::default()
        };
        let asked = |covers| terms.asks(idr(covers), &takes(&[Currency::IDR]));
        assert_eq!(asked(15_000), Ok(idr(15_000 + 105 + 310)));
        assert_eq!(asked(15_001), Ok(idr(15_001 + 106 + 310)));
    }

    #[test]
    fn another_currency_is_asked_by_its_rate_whichever_way_it_is_written() {
        for text in ["1 USD = 16250 IDR", "16250 IDR = 1 USD"] {
            let terms = PaymentTerms {
                rate: Some(text.parse().unwrap()),
                ..PaymentTerms::default()
            };
            let cents = |minor| Money::new(minor, Currency::USD);
            let gateway = takes(&[Currency::IDR]);
            assert_eq!(terms.asks(cents(499), &gateway), Ok(idr(81_088)));
            let euro = Money::new(1, Currency::EUR);
            let refused = terms.asks(euro, &gateway);
            assert_eq!(refused, Err(NotOffered::Currency(Currency::EUR)));
        }
    }

    #[test]
    fn too_little_and_too_much_are_refused_by_the_shop_or_by_the_gateway() {
        let terms = PaymentTerms {
            minimum: Some(idr(1_000)),
            maximum: Some(idr(2_000_000)),
            ..PaymentTerms::default()
        };
        let asked = |covers, terms: PaymentTerms| terms.asks(idr(covers), &takes(&[Currency::IDR]));
        assert_eq!(asked(999, terms), Err(NotOffered::TooLittle(idr(1_000))));
        let most = Err(NotOffered::TooMuch(idr(1_000_000)));
        assert_eq!(asked(1_000_001, terms), most);
        let most = Err(NotOffered::TooMuch(idr(2_000_000)));
        assert_eq!(asked(2_000_001, terms), most);
        let open = PaymentTerms::default();
        assert_eq!(asked(499, open), Err(NotOffered::TooLittle(idr(500))));
    }

    #[test]
    fn terms_that_could_never_be_met_are_refused() {
        let check = |terms: PaymentTerms, shop| terms.check(shop, &takes(&[Currency::IDR]));
        let open = PaymentTerms::default();
        assert_eq!(check(open, Currency::IDR), Ok(()));
        let told = check(open, Currency::USD).unwrap_err().to_string();
        assert!(told.starts_with("the gateway takes IDR, and would be asked for USD"));
        let rate = "1 USD = 16250 IDR".parse().ok();
        assert_eq!(check(PaymentTerms { rate, ..open }, Currency::USD), Ok(()));
        let range = PaymentTerms {
            minimum: Some(idr(2)),
            maximum: Some(idr(1)),
            ..open
        };
        let told = check(range, Currency::IDR).unwrap_err().to_string();
        assert_eq!(told, "the minimum Rp 2 is more than the maximum Rp 1");
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        for text in [
            "",
            "1 USD",
            "1 USD = 2 USD",
            "0 USD = 1 IDR",
            "x USD = 1 IDR",
            "1 = 2",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
