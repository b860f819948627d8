//! The rule of settlement: what a verified payment does to its invoice.

use super::{Charge, EventId, GatewayName, Invoice, InvoiceState, Reference};
use crate::catalog::LatePolicy;
use crate::money::{Money, MoneyError};
use crate::time::Timestamp;

/// A payment that a gateway vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentEvent {
    /// The gateway.
    pub gateway: GatewayName,
    /// Its id of the payment.
    pub event: EventId,
    /// The reference the payment names.
    pub reference: Reference,
    /// What was paid.
    pub amount: Money,
    /// When.
    pub paid_at: Timestamp,
}

/// What a payment does to its invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The invoice is paid; `excess`, zero or more, goes to the wallet.
    Completes {
        /// Worth towards the invoice of this payment, the excess included.
        value: Money,
        /// What exceeds the invoice.
        excess: Money,
    },
    /// The invoice stays open and asks for the rest.
    Partial {
        /// Worth towards the invoice of this payment.
        value: Money,
    },
    /// The invoice asks for nothing any more: the value goes to the wallet.
    Surplus {
        /// Worth of this payment.
        value: Money,
    },
    /// The invoice had expired or was cancelled.
    Late {
        /// What to do about it. [`LatePolicy::Deliver`] only where the value suffices.
        policy: LatePolicy,
        /// Worth of this payment.
        value: Money,
        /// What exceeds the invoice, where it is delivered.
        excess: Money,
    },
    /// Not in the charge's currency: a person has to look.
    WrongCurrency,
}

/// Decides what a payment of `amount` on `charge` does to `invoice`. `late` is the policy of the
/// order; a deposit is always credited.
///
/// # Errors
/// [`MoneyError::Overflow`].
pub fn decide(
    invoice: &Invoice,
    charge: &Charge,
    late: LatePolicy,
    amount: Money,
) -> Result<Verdict, MoneyError> {
    if amount.currency() != charge.payable.currency() {
        return Ok(Verdict::WrongCurrency);
    }
    let value = charge.value_of(amount)?;
    let none = Money::zero(invoice.amount.currency());
    match invoice.state {
        InvoiceState::Created | InvoiceState::Waiting => {
            let excess = invoice
                .received
                .checked_add(value)?
                .checked_sub(invoice.amount)?;
            if excess.is_negative() {
                return Ok(Verdict::Partial { value });
            }
            Ok(Verdict::Completes { value, excess })
        }
        InvoiceState::Paid | InvoiceState::Failed => Ok(Verdict::Surplus { value }),
        InvoiceState::Expired | InvoiceState::Cancelled => {
            // What came before the end has left for the wallet: only this payment counts.
            let excess = value.checked_sub(invoice.amount)?;
            let short = excess.is_negative();
            let policy = if short && late == LatePolicy::Deliver {
                LatePolicy::Credit
            } else {
                late
            };
            Ok(Verdict::Late {
                policy,
                value,
                excess: if short { none } else { excess },
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::{ChargeId, CustomerId, InvoiceId};
    use crate::invoice::{ChargeState, Subject};
    use crate::money::Currency;
    use crate::time::from_micros;
    use uuid::Uuid;

    fn idr(minor: i64) -> Money {
        Money::new(minor, Currency::IDR)
    }

    fn invoice(state: InvoiceState, received: i64) -> Invoice {
        Invoice {
            id: InvoiceId::from(Uuid::nil()),
            subject: Subject::Deposit,
            customer: CustomerId::from(Uuid::nil()),
            amount: idr(1_000),
            received: idr(received),
            state,
            expires_at: from_micros(0),
            created_at: from_micros(0),
            version: 1,
        }
    }

    fn charge(payable: Money, covers: i64) -> Charge {
        Charge {
            id: ChargeId::from(Uuid::nil()),
            invoice: InvoiceId::from(Uuid::nil()),
            gateway: GatewayName::parse("sandbox").unwrap(),
            reference: Reference::parse("r").unwrap(),
            gateway_id: None,
            asked: payable,
            payable,
            covers: idr(covers),
            state: ChargeState::Open,
            pay_with: None,
            created_at: from_micros(0),
            poll_at: None,
            polls: 0,
        }
    }

    fn verdict(state: InvoiceState, received: i64, policy: LatePolicy, amount: i64) -> Verdict {
        let charge = charge(idr(1_000 - received), 1_000 - received);
        decide(&invoice(state, received), &charge, policy, idr(amount)).unwrap()
    }

    #[test]
    fn open_invoices_complete_fall_short_or_overflow() {
        let open =
            |received, amount| verdict(InvoiceState::Waiting, received, LatePolicy::Credit, amount);
        assert_eq!(
            open(0, 1_000),
            Verdict::Completes {
                value: idr(1_000),
                excess: idr(0)
            }
        );
        assert_eq!(open(0, 999), Verdict::Partial { value: idr(999) });
        assert_eq!(
            open(400, 600),
            Verdict::Completes {
                value: idr(600),
                excess: idr(0)
            }
        );
        assert_eq!(
            open(400, 700),
            Verdict::Completes {
                value: idr(700),
                excess: idr(100)
            }
        );
    }

    #[test]
    fn late_payments_follow_the_policy_if_they_suffice() {
        let late = |policy, amount| verdict(InvoiceState::Expired, 0, policy, amount);
        assert!(matches!(
            late(LatePolicy::Deliver, 1_000),
            Verdict::Late {
                policy: LatePolicy::Deliver,
                ..
            }
        ));
        assert!(matches!(
            late(LatePolicy::Deliver, 999),
            Verdict::Late {
                policy: LatePolicy::Credit,
                ..
            }
        ));
        assert!(matches!(
            late(LatePolicy::Review, 999),
            Verdict::Late {
                policy: LatePolicy::Review,
                ..
            }
        ));
    }

    #[test]
    fn a_paid_invoice_takes_no_more() {
        let paid = verdict(InvoiceState::Paid, 0, LatePolicy::Deliver, 1_000);
        assert_eq!(paid, Verdict::Surplus { value: idr(1_000) });
    }

    #[test]
    fn the_gateways_fee_is_not_worth_anything_to_the_invoice() {
        let with_fee = charge(idr(1_010), 1_000);
        assert_eq!(with_fee.value_of(idr(1_010)), Ok(idr(1_000)));
        assert_eq!(with_fee.value_of(idr(505)), Ok(idr(500)));
        assert_eq!(with_fee.value_of(idr(1_110)), Ok(idr(1_100)));
    }

    #[test]
    fn a_foreign_charge_is_valued_at_its_frozen_rate() {
        let stars = |minor| Money::new(minor, Currency::XTR);
        let charge = charge(stars(50), 1_000);
        assert_eq!(charge.value_of(stars(25)), Ok(idr(500)));
        assert_eq!(charge.value_of(stars(100)), Ok(idr(2_000)));
        let verdict = decide(
            &invoice(InvoiceState::Waiting, 0),
            &charge,
            LatePolicy::Credit,
            idr(1_000),
        );
        assert_eq!(verdict, Ok(Verdict::WrongCurrency));
    }
}
