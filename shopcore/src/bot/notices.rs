//! Notices: what the shop tells people without being asked.

use super::error::BotError;
use super::menu;
use super::rich::Rich;
use super::shop::{checkout, contact, low, odd, restock, reviews, terms};
use super::texts::{Locale, Scene, t};
use super::view::{Button, View};
use crate::Shop;
use crate::id::InvoiceId;
use crate::invoice::Subject;
use crate::message::{Alarm, CreditReason, Notice};
use crate::money::Money;

/// A notice as it is shown, and the invoice it is about.
pub(super) struct Told {
    pub(super) view: View,
    pub(super) invoice: Option<InvoiceId>,
}

/// What stands in the place of a message about an invoice that ended and can't be deleted.
pub(super) fn closed(locale: Locale<'_>) -> View {
    View::text(t!(locale, "invoice-closed"))
}

/// Draws a notice.
pub(super) async fn view(
    shop: &Shop,
    locale: Locale<'_>,
    notice: &Notice,
) -> Result<Told, BotError> {
    let menu = menu::button(locale)?;
    let (text, button, invoice) = match notice {
        Notice::Expired { invoice } => {
            let what = subject(shop, locale, *invoice).await?;
            let text = t!(locale, "notice-expired", what = what);
            (text, menu, Some(*invoice))
        }
        Notice::ExpiredForAdmin { invoice } => {
            let what = subject(shop, locale, *invoice).await?;
            let text = t!(locale, "notice-expired-admin", what = what);
            (text, menu, Some(*invoice))
        }
        Notice::Partial { invoice, received } => {
            let (text, button) = partial(shop, locale, *invoice, *received).await?;
            (text, button, Some(*invoice))
        }
        Notice::Credited { amount, why } => (credited(locale, *amount, *why), menu, None),
        Notice::ProofDeclined { invoice, reason } => {
            let (text, button) = declined(shop, locale, *invoice, reason.as_str()).await?;
            (text, button, Some(*invoice))
        }
        Notice::Refunded { order, amount } => {
            let number = shop.orders().get(*order).await?.number;
            let text = t!(locale, "notice-refunded", amount = amount, number = &number);
            (text, menu, None)
        }
        Notice::UnderReview { amount, .. } => {
            let text = t!(locale, "notice-under-review", amount = amount);
            (text, menu, None)
        }
        Notice::WebhooksMissing { gateway } => {
            let text = t!(locale, "notice-webhooks-missing", gateway = gateway);
            (text, menu, None)
        }
        Notice::LowStock { product, left } => {
            about_no_invoice(low::notice(shop, locale, *product, *left).await?)
        }
        Notice::Alarm { alarm, over } => (trouble(shop, locale, alarm, *over), menu, None),
        Notice::OddPayment { payment } => {
            about_no_invoice(odd::notice(shop, locale, *payment).await?)
        }
        Notice::Restocked { product } => {
            about_no_invoice(restock::notice(shop, locale, *product).await?)
        }
        Notice::Terms { order, product } => {
            about_no_invoice(terms::notice(shop, locale, *order, *product).await?)
        }
        Notice::TermsFulfilled { order, product } => {
            about_no_invoice(terms::fulfilled(shop, locale, *order, *product).await?)
        }
        Notice::Spam { customer } => {
            about_no_invoice(contact::spam(shop, locale, *customer).await?)
        }
        Notice::Letter { letter, customer } => {
            let view = contact::view(shop, locale, *letter, *customer).await?;
            let invoice = None;
            return Ok(Told { view, invoice });
        }
        Notice::CaseOpened { case } => {
            let button = Button::new(t!(locale, "button-case"), &reviews::Press::Show(*case))?;
            (t!(locale, "notice-case"), button, None)
        }
    };
    let mut view = View::text(text).row([button]);
    if matches!(notice, Notice::Terms { .. }) {
        view = locale.illustrated(Scene::Terms, view);
    }
    Ok(Told { view, invoice })
}

fn about_no_invoice((text, button): (Rich, Button)) -> (Rich, Button, Option<InvoiceId>) {
    (text, button, None)
}

async fn declined(
    shop: &Shop,
    locale: Locale<'_>,
    invoice: InvoiceId,
    reason: &str,
) -> Result<(Rich, Button), BotError> {
    let pay = checkout::Press::Show(invoice);
    let button = Button::new(t!(locale, "button-proof-again"), &pay)?;
    let what = subject(shop, locale, invoice).await?;
    let text = t!(
        locale,
        "notice-proof-declined",
        what = what,
        reason = reason
    );
    Ok((text, button))
}

/// What is wrong with the shop, or over.
fn trouble(shop: &Shop, to: Locale<'_>, alarm: &Alarm, over: bool) -> Rich {
    let name = shop.name();
    match (alarm, over) {
        (Alarm::Gateway(gateway), false) => {
            t!(to, "alarm-gateway", shop = name, gateway = gateway)
        }
        (Alarm::Gateway(gateway), true) => {
            t!(to, "alarm-gateway-over", shop = name, gateway = gateway)
        }
        (Alarm::JobFails(job), false) => t!(to, "alarm-fails", shop = name, job = job.as_str()),
        (Alarm::JobLate(job), false) => t!(to, "alarm-late", shop = name, job = job.as_str()),
        (Alarm::Violated(number), false) => {
            t!(
                to,
                "alarm-violated",
                shop = name,
                number = u64::from(*number)
            )
        }
        (Alarm::Violated(number), true) => {
            t!(
                to,
                "alarm-violated-over",
                shop = name,
                number = u64::from(*number)
            )
        }
        (Alarm::JobFails(job) | Alarm::JobLate(job), true) => {
            t!(to, "alarm-job-over", shop = name, job = job.as_str())
        }
    }
}

fn credited(locale: Locale<'_>, amount: Money, why: CreditReason) -> Rich {
    match why {
        CreditReason::Deposit => t!(locale, "credited-deposit", amount = amount),
        CreditReason::Excess => t!(locale, "credited-excess", amount = amount),
        CreditReason::Late => t!(locale, "credited-late", amount = amount),
        CreditReason::Surplus => t!(locale, "credited-surplus", amount = amount),
        CreditReason::Leftover => t!(locale, "credited-leftover", amount = amount),
        CreditReason::Refund => t!(locale, "credited-refund", amount = amount),
        CreditReason::Admin => t!(locale, "credited-admin", amount = amount),
    }
}

/// What an invoice asks payment for, as people call it.
async fn subject(shop: &Shop, locale: Locale<'_>, id: InvoiceId) -> Result<String, BotError> {
    let found = shop.checkout().invoice(id).await?;
    let what = match (found.invoice.subject, &found.order) {
        (Subject::Order(_), Some(order)) => {
            t!(
                locale,
                "subject-order",
                number = &order.number,
                total = order.totals.total
            )
        }
        (Subject::Order(_), None) | (Subject::Deposit, _) => {
            t!(locale, "subject-deposit", amount = found.invoice.amount)
        }
    };
    Ok(what.to_string())
}

/// What arrived, and the rest where there still is one: more may have arrived since, or the invoice
/// may have ended.
async fn partial(
    shop: &Shop,
    locale: Locale<'_>,
    id: InvoiceId,
    received: Money,
) -> Result<(Rich, Button), BotError> {
    let invoice = shop.checkout().invoice(id).await?.invoice;
    let rest = invoice.outstanding()?;
    if !rest.is_positive() || !invoice.state_at(shop.now()).is_open() {
        let text = t!(locale, "notice-received", received = received);
        return Ok((text, menu::button(locale)?));
    }
    let text = t!(locale, "notice-partial", received = received, rest = rest);
    let pay = checkout::Press::Show(id);
    Ok((text, Button::new(t!(locale, "button-pay-rest"), &pay)?))
}
