//! Odd payments: those that did not simply pay their invoice, as the team hears of them.

use super::notices::Press;
use crate::Shop;
use crate::bot::BotError;
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::Button;
use crate::id::PaymentId;
use crate::invoice::Outcome;
use crate::service::CheckoutError;

/// The notice of an odd payment, and the button that shows what it was for.
pub(in crate::bot) async fn notice(
    shop: &Shop,
    locale: Locale<'_>,
    payment: PaymentId,
) -> Result<(Rich, Button), BotError> {
    let payment = shop.store().get_payment(shop.id(), payment).await?;
    let payment = payment.ok_or(CheckoutError::UnknownInvoice)?;
    let invoice = payment.invoice.ok_or(CheckoutError::UnknownInvoice)?;
    let found = shop.checkout().invoice(invoice).await?;
    let (what, button) = match &found.order {
        Some(order) => (
            t!(locale, "odd-order", number = &order.number),
            Button::new(t!(locale, "button-open-order"), &Press::Order(order.id))?,
        ),
        None => {
            let theirs = Press::Customer(found.invoice.customer);
            (
                t!(locale, "odd-deposit"),
                Button::new(t!(locale, "button-open-customer"), &theirs)?,
            )
        }
    };
    let (what, amount, due) = (what.to_string(), payment.amount, found.invoice.amount);
    let text = match payment.outcome {
        Outcome::Partial => t!(locale, "odd-short", amount = amount, what = what, due = due),
        Outcome::PaidWithExcess => {
            t!(
                locale,
                "odd-excess",
                amount = amount,
                what = what,
                due = due
            )
        }
        Outcome::Surplus => t!(locale, "odd-surplus", amount = amount, what = what),
        Outcome::LateDelivered => t!(locale, "odd-late-delivered", amount = amount, what = what),
        Outcome::LateCredited => t!(locale, "odd-late-credited", amount = amount, what = what),
        Outcome::Paid | Outcome::Review => t!(locale, "odd-paid", amount = amount, what = what),
    };
    Ok((text, button))
}
