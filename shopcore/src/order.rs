//! Orders: what is bought, at frozen prices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::catalog::LatePolicy;
use crate::customer::Chat;
use crate::id::{CustomerId, LineId, OrderId, ProductId, UnitId, VoucherId};
use crate::money::{self, Currency, Money, MoneyError};
use crate::text::Name;
use crate::time::Timestamp;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Units and voucher are held; the invoice is open.
    AwaitingPayment,
    /// Paid; the goods are on their way.
    Paid,
    /// The platform took the goods.
    Delivered,
    /// Given up by the customer, an admin, or a failed invoice.
    Cancelled,
    /// Not paid in time.
    Expired,
    /// Paid back in whole.
    Refunded,
}

impl OrderState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 6] = [
        Self::AwaitingPayment,
        Self::Paid,
        Self::Delivered,
        Self::Cancelled,
        Self::Expired,
        Self::Refunded,
    ];

    /// Whether an order may go from here to `to`. `Expired` and `Cancelled` become `Paid` only by
    /// a late settlement under the policy [`LatePolicy::Deliver`].
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::AwaitingPayment => matches!(to, Self::Paid | Self::Cancelled | Self::Expired),
            Self::Paid => matches!(to, Self::Delivered | Self::Refunded),
            Self::Delivered => matches!(to, Self::Refunded),
            Self::Cancelled | Self::Expired => matches!(to, Self::Paid),
            Self::Refunded => false,
        }
    }

    /// Whether what was ordered is paid and not paid back in whole.
    #[must_use]
    pub const fn is_paid(self) -> bool {
        match self {
            Self::Paid | Self::Delivered => true,
            Self::AwaitingPayment | Self::Cancelled | Self::Expired | Self::Refunded => false,
        }
    }

    /// Whether what was ordered counts towards what a customer may buy in all.
    #[must_use]
    pub const fn counts(self) -> bool {
        match self {
            Self::AwaitingPayment | Self::Paid | Self::Delivered => true,
            Self::Cancelled | Self::Expired | Self::Refunded => false,
        }
    }

    /// Whether money of an order can be given back here, and leave the order at `to`.
    #[must_use]
    pub fn may_refund_to(self, to: Self) -> bool {
        match self {
            Self::Paid | Self::Delivered => to == self || to == Self::Refunded,
            Self::AwaitingPayment | Self::Cancelled | Self::Expired | Self::Refunded => false,
        }
    }

    /// The state's name in stores, audit entries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingPayment => "awaiting_payment",
            Self::Paid => "paid",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
        }
    }
}

/// The number people know an order by: eight characters such as `7K3M-9QXA`, unique in the shop.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderNumber([u8; 8]);

/// A text is no order number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an order number has eight letters and digits, such as 7K3M-9QXA")]
pub struct BadOrderNumber;

/// Crockford's base 32: no I, L, O or U, so that it can be read out.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl OrderNumber {
    /// The number made of 40 random bits: the low ones of the order's id.
    #[must_use]
    pub fn of(order: OrderId) -> Self {
        let bytes = order.as_bytes();
        let bits = bytes[11..]
            .iter()
            .fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        Self(std::array::from_fn(|place| {
            let index = usize::try_from((bits >> (35 - 5 * place)) & 31).unwrap_or(0);
            ALPHABET[index]
        }))
    }
}

impl FromStr for OrderNumber {
    type Err = BadOrderNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bare: Vec<u8> = text
            .bytes()
            .filter(|b| !matches!(b, b'-' | b' ' | b'#'))
            .map(|b| match b.to_ascii_uppercase() {
                b'O' => b'0',
                b'I' | b'L' => b'1',
                other => other,
            })
            .collect();
        let number: [u8; 8] = bare.try_into().map_err(|_| BadOrderNumber)?;
        if number.iter().all(|b| ALPHABET.contains(b)) {
            Ok(Self(number))
        } else {
            Err(BadOrderNumber)
        }
    }
}

impl TryFrom<String> for OrderNumber {
    type Error = BadOrderNumber;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OrderNumber> for String {
    fn from(number: OrderNumber) -> Self {
        number.to_string()
    }
}

impl fmt::Display for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (head, tail) = self.0.split_at(4);
        let text = |part| std::str::from_utf8(part).unwrap_or("????");
        write!(f, "{}-{}", text(head), text(tail))
    }
}

impl fmt::Debug for OrderNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A product of an order, frozen as it was when the order was placed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderLine {
    /// Its id: units are held and sold by it.
    pub id: LineId,
    /// The product.
    pub product: ProductId,
    /// The product's name.
    pub name: Name,
    /// How many.
    pub quantity: u32,
    /// The price of one.
    pub price: Money,
    /// For a product of unlimited supply: the unit whose content is handed over.
    pub unlimited: Option<UnitId>,
}

impl OrderLine {
    /// Price times quantity.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn amount(&self) -> Result<Money, MoneyError> {
        self.price.checked_mul(self.quantity)
    }
}

/// What an order costs: `total = subtotal - discount + fee`, all at least zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// The sum of the lines.
    pub subtotal: Money,
    /// What the voucher takes off, at most the subtotal.
    pub discount: Money,
    /// What is added for the way of payment.
    pub fee: Money,
    /// What is to be paid.
    pub total: Money,
}

/// Why totals can't be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TotalsError {
    /// An amount does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The discount exceeds the subtotal, or an amount is below zero.
    #[error("an amount is negative or the discount exceeds the subtotal")]
    OutOfRange,
}

impl Totals {
    /// Computes the total.
    ///
    /// # Errors
    /// [`TotalsError`].
    pub fn new(subtotal: Money, discount: Money, fee: Money) -> Result<Self, TotalsError> {
        let net = subtotal.checked_sub(discount)?;
        if [subtotal, discount, fee, net]
            .iter()
            .any(|amount| amount.is_negative())
        {
            return Err(TotalsError::OutOfRange);
        }
        Ok(Self {
            subtotal,
            discount,
            fee,
            total: net.checked_add(fee)?,
        })
    }

    /// Computes the totals of lines.
    ///
    /// # Errors
    /// [`TotalsError`].
    pub fn of(lines: &[OrderLine], discount: Money) -> Result<Self, TotalsError> {
        let currency = discount.currency();
        let amounts = lines
            .iter()
            .map(OrderLine::amount)
            .collect::<Result<Vec<_>, _>>()?;
        Self::new(
            money::sum(currency, amounts)?,
            discount,
            Money::zero(currency),
        )
    }

    /// The currency of all four.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.total.currency()
    }
}

/// What a customer buys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// The number people know it by.
    pub number: OrderNumber,
    /// Who buys.
    pub customer: CustomerId,
    /// Where the goods are sent.
    pub chat: Chat,
    /// Where it stands.
    pub state: OrderState,
    /// What is bought.
    pub lines: Vec<OrderLine>,
    /// What it costs.
    pub totals: Totals,
    /// What was given back of it, or is about to be.
    pub refunded: Money,
    /// The voucher it uses.
    pub voucher: Option<VoucherId>,
    /// What happens to a late payment: the strictest policy of its products.
    pub late: LatePolicy,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it reached its state.
    pub changed_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_written_and_as_heard() {
        let number = OrderNumber::of(OrderId::from(uuid::Uuid::from_u128(0x1234_5678_9abc_def0)));
        assert_eq!(number.to_string().parse(), Ok(number.clone()));
        assert_eq!(
            "ol00-0000".parse::<OrderNumber>().unwrap().to_string(),
            "0100-0000"
        );
        for text in ["", "😀", "ABCD", "ABCD-EFGH-J", "UUUU-UUUU"] {
            assert_eq!(text.parse::<OrderNumber>(), Err(BadOrderNumber), "{text}");
        }
    }

    #[test]
    fn a_discount_never_exceeds_the_subtotal() {
        let usd = |minor| Money::new(minor, Currency::USD);
        assert_eq!(
            Totals::new(usd(10), usd(11), usd(0)),
            Err(TotalsError::OutOfRange)
        );
        assert_eq!(Totals::new(usd(10), usd(10), usd(1)).unwrap().total, usd(1));
    }

    #[test]
    fn only_refunded_is_final_and_nothing_returns_to_the_start() {
        for from in OrderState::ALL {
            assert!(!from.may_become(OrderState::AwaitingPayment));
            assert_eq!(
                OrderState::ALL.iter().any(|to| from.may_become(*to)),
                from != OrderState::Refunded
            );
        }
    }
}
