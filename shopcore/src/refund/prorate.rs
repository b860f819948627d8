//! What goes back of something that was sold for a time and used for a part of it.

use serde::{Deserialize, Serialize};

use crate::money::{Money, MoneyError, Percent};

/// How much of what is left unused goes back, by how it was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Up to how many days of use count as early.
    pub early_days: u32,
    /// After early use, where no claim under warranty was made.
    pub early: Percent,
    /// After longer use, where none was made.
    pub later: Percent,
    /// After one or two claims.
    pub few_claims: Percent,
    /// After three claims.
    pub three_claims: Percent,
    /// After more.
    pub more_claims: Percent,
}

/// A rate that is known when the program is built.
const fn rate(points: u16) -> Percent {
    match Percent::from_basis_points(points) {
        Ok(rate) => rate,
        Err(_) => panic!("a rate is at most 100 %"),
    }
}

const USUAL: Rates = Rates {
    early_days: 7,
    early: rate(8_000),
    later: rate(7_000),
    few_claims: rate(6_000),
    three_claims: rate(5_000),
    more_claims: rate(4_000),
};

impl Default for Rates {
    /// 80 % up to the seventh day, then 70 %; after claims 60, 50 and 40 %.
    fn default() -> Self {
        USUAL
    }
}

impl Rates {
    /// The rate after so many days of use and so many claims.
    #[must_use]
    pub const fn rate(&self, used: u32, claims: u32) -> Percent {
        match claims {
            0 if used <= self.early_days => self.early,
            0 => self.later,
            1 | 2 => self.few_claims,
            3 => self.three_claims,
            _ => self.more_claims,
        }
    }

    /// `price × days left ÷ total days × rate`, rounded down to a minor unit; nothing where all
    /// days are used.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`], also where there are no days.
    pub fn prorate(
        &self,
        price: Money,
        (used, total): (u32, u32),
        claims: u32,
    ) -> Result<Money, MoneyError> {
        let left = i128::from(total.saturating_sub(used));
        let rate = i128::from(self.rate(used, claims).basis_points());
        let whole = i128::from(total) * i128::from(Percent::WHOLE);
        let part = i128::from(price.minor()) * left * rate;
        let minor = part.checked_div(whole).ok_or(MoneyError::Overflow)?;
        let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        Ok(Money::new(minor, price.currency()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    fn back(price: i64, used: u32, total: u32, claims: u32) -> i64 {
        let price = Money::new(price, Currency::IDR);
        let back = Rates::default().prorate(price, (used, total), claims);
        back.unwrap().minor()
    }

    #[test]
    fn the_rest_goes_back_by_how_it_was_used() {
        assert_eq!(back(30_000, 7, 30, 0), 18_400);
        assert_eq!(back(30_000, 8, 30, 0), 15_400);
        assert_eq!(
            [1, 2].map(|claims| back(30_000, 8, 30, claims)),
            [13_200; 2]
        );
        assert_eq!(back(30_000, 8, 30, 3), 11_000);
        assert_eq!(
            [4, 99].map(|claims| back(30_000, 8, 30, claims)),
            [8_800; 2]
        );
    }

    #[test]
    fn nothing_goes_back_of_what_is_used_up_and_nothing_is_rounded_up() {
        assert_eq!(back(30_000, 30, 30, 0), 0);
        assert_eq!(back(30_000, 31, 30, 0), 0);
        assert_eq!(back(100, 0, 3, 0), 80);
        assert_eq!(back(100, 1, 3, 0), 53);
        assert_eq!(back(i64::MAX, 0, u32::MAX, 0), 7_378_697_629_483_820_645);
        let none = Rates::default().prorate(Money::new(1, Currency::IDR), (0, 0), 0);
        assert_eq!(none, Err(MoneyError::Overflow));
    }
}
