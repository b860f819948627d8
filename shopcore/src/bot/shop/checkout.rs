//! Paying invoices: how much, how, until when; the check, the wallet, and giving up.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::proofs;
use crate::bot::BotError;
use crate::bot::Ctx;
use crate::bot::action::{Action, Packed};
use crate::bot::menu;
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::texts::{Scene, t};
use crate::bot::view::{Button, Media, View};
use crate::gateway::{GatewayName, Support};
use crate::id::InvoiceId;
use crate::invoice::{BankAccount, Charge, ChargeState, Invoice, InvoiceState, PayWith, Subject};
use crate::message::MessageKind;
use crate::money::Money;
use crate::service::InvoiceView;
use crate::time::Timestamp;

/// Takes payments of invoices.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payments;

/// What the buttons of invoices do.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot) enum Press {
    /// Shows how an invoice stands.
    Show(InvoiceId),
    /// Pays it through this gateway.
    Through(InvoiceId, GatewayName),
    /// Pays it with play money.
    Simulate(InvoiceId),
    /// Asks whether the payment arrived.
    Check(InvoiceId),
    /// Pays it from the wallet.
    FromWallet(InvoiceId),
    /// Asks whether to give it up.
    Cancel(InvoiceId),
    /// Gives it up.
    CancelSurely(InvoiceId),
}

impl Action for Press {
    const PLUGIN: &'static str = "pay";
}

#[async_trait]
impl Plugin for Payments {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show(invoice) => present(ctx, invoice).await,
            Press::Through(invoice, gateway) => through(ctx, invoice, &gateway).await,
            Press::Simulate(invoice) => simulate(ctx, invoice).await,
            Press::Check(invoice) => check(ctx, invoice).await,
            Press::FromWallet(invoice) => from_wallet(ctx, invoice).await,
            Press::Cancel(invoice) => ask_to_cancel(ctx, invoice).await,
            Press::CancelSurely(invoice) => cancel(ctx, invoice).await,
        }
    }
}

/// Shows an invoice as it truly stands: what to pay and how, or how it ended. One way to pay is
/// opened at once, of several one is chosen.
pub(super) async fn present(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let Some(seen) = own_payable(ctx, invoice).await? else {
        return Ok(());
    };
    if ctx.shop().proofs().is_waiting(invoice).await? {
        return show_proof_waiting(ctx, &seen).await;
    }
    if let Some(charge) = open_charge(&seen) {
        return ask_payment(ctx, &seen, charge).await;
    }
    match ctx
        .shop()
        .checkout()
        .gateways_for(&seen.invoice)?
        .as_slice()
    {
        [only] => through(ctx, invoice, only).await,
        several => offer_gateways(ctx, &seen, several).await,
    }
}

/// What can be done about an invoice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It can be paid.
    Payable,
    /// Its time is over, and it will be closed soon; a payment may be on its way.
    Overdue,
    /// Nothing.
    Ended,
}

fn stage(ctx: &Ctx<'_>, invoice: &Invoice) -> Stage {
    if !invoice.state.is_open() {
        Stage::Ended
    } else if invoice.expires_at <= ctx.shop().now() {
        Stage::Overdue
    } else {
        Stage::Payable
    }
}

/// The invoice, if it is the person's own.
async fn own(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<InvoiceView, BotError> {
    let seen = ctx.shop().checkout().invoice(invoice).await?;
    if seen.invoice.customer == ctx.customer().id {
        Ok(seen)
    } else {
        Err(BotError::Stale)
    }
}

/// The invoice, if it is the person's own and can be paid; else they are shown how it stands.
async fn own_payable(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<Option<InvoiceView>, BotError> {
    let seen = own(ctx, invoice).await?;
    match stage(ctx, &seen.invoice) {
        Stage::Payable => return Ok(Some(seen)),
        Stage::Overdue => show_overdue(ctx, &seen).await?,
        Stage::Ended => show_ended(ctx, &seen).await?,
    }
    Ok(None)
}

fn open_charge(seen: &InvoiceView) -> Option<&Charge> {
    let due = seen.invoice.outstanding().ok()?;
    seen.charges
        .iter()
        .rev()
        .find(|charge| charge.state == ChargeState::Open && charge.covers == due)
}

async fn through(ctx: &Ctx<'_>, invoice: InvoiceId, gateway: &GatewayName) -> Result<(), BotError> {
    let Some(seen) = own_payable(ctx, invoice).await? else {
        return Ok(());
    };
    if ctx.shop().proofs().is_waiting(invoice).await? {
        return show_proof_waiting(ctx, &seen).await;
    }
    let charge = ctx.shop().checkout().charge(invoice, gateway).await?;
    let seen = own(ctx, invoice).await?;
    match charge.state {
        ChargeState::Open | ChargeState::Created => ask_payment(ctx, &seen, &charge).await,
        ChargeState::Paid | ChargeState::Closed | ChargeState::Abandoned => {
            show_ended(ctx, &seen).await
        }
    }
}

async fn ask_payment(ctx: &Ctx<'_>, seen: &InvoiceView, charge: &Charge) -> Result<(), BotError> {
    let invoice = seen.invoice.id;
    let text = heading(ctx, seen)
        .line(t!(ctx, "invoice-amount", amount = charge.payable))
        .line(difference(ctx, charge))
        .line(received(ctx, &seen.invoice))
        .line(time_left(ctx, seen.invoice.expires_at))
        .line(t!(
            ctx,
            "invoice-reference",
            reference = charge.reference.as_str()
        ));
    let view = how_to_pay(ctx, text, &seen.invoice, charge);
    let mut view = ctx.locale().illustrated(Scene::Checkout, view);
    if simulates(ctx, &charge.gateway) {
        view = view.row([Button::new(
            t!(ctx, "button-simulate"),
            &Press::Simulate(invoice),
        )?]);
    }
    if ctx.shop().proofs().wants(charge) {
        let send = proofs::Press(invoice);
        view = view.row([Button::new(t!(ctx, "button-proof-send"), &send)?]);
    } else {
        let check = Press::Check(invoice);
        view = view.row([Button::new(t!(ctx, "button-check"), &check)?]);
    }
    view = other_ways(ctx, seen, view, Some(&charge.gateway)).await?;
    show_open(ctx, invoice, view).await
}

/// What is paid beside the price, or what is paid for in another currency.
fn difference(ctx: &Ctx<'_>, charge: &Charge) -> Rich {
    match charge.payable.checked_sub(charge.covers) {
        Ok(fee) if fee.is_positive() => t!(ctx, "invoice-fee", fee = fee),
        Ok(_) => Rich::new(),
        Err(_) => t!(ctx, "invoice-covers", amount = charge.covers),
    }
}

/// Adds to `text` how a charge is paid, and what follows.
fn how_to_pay(ctx: &Ctx<'_>, text: Rich, invoice: &Invoice, charge: &Charge) -> View {
    let brings = match invoice.subject {
        _ if ctx.shop().proofs().wants(charge) => t!(ctx, "invoice-brings-proof"),
        Subject::Order(_) => t!(ctx, "invoice-brings-goods"),
        Subject::Deposit => t!(ctx, "invoice-brings-money"),
    };
    match &charge.pay_with {
        Some(PayWith::Qr(code)) => View::text(text.paragraph(t!(ctx, "invoice-scan")).line(brings))
            .media(Media::Qr(code.clone())),
        Some(PayWith::Page(url)) => {
            View::text(text.paragraph(t!(ctx, "invoice-page")).line(brings))
                .row([Button::url(t!(ctx, "button-pay-page"), url.clone())])
        }
        Some(PayWith::Account(account)) => {
            View::text(transfer_to(ctx, text, account, charge).line(brings))
        }
        None => View::text(text.paragraph(t!(ctx, "invoice-pending"))),
    }
}

fn transfer_to(ctx: &Ctx<'_>, text: Rich, account: &BankAccount, charge: &Charge) -> Rich {
    let text = text
        .paragraph(t!(ctx, "invoice-transfer", amount = charge.payable))
        .line(t!(ctx, "invoice-bank", bank = account.bank.as_str()))
        .line(t!(ctx, "invoice-account", number = account.number.as_str()));
    match &account.holder {
        Some(holder) => text.line(t!(ctx, "invoice-holder", holder = holder.as_str())),
        None => text,
    }
}

async fn offer_gateways(
    ctx: &Ctx<'_>,
    seen: &InvoiceView,
    gateways: &[GatewayName],
) -> Result<(), BotError> {
    let how = if gateways.is_empty() {
        t!(ctx, "invoice-no-gateway")
    } else {
        t!(ctx, "invoice-choose")
    };
    let text = heading(ctx, seen)
        .line(t!(
            ctx,
            "invoice-amount",
            amount = seen.invoice.outstanding()?
        ))
        .line(time_left(ctx, seen.invoice.expires_at))
        .paragraph(how);
    let view = ctx.locale().illustrated(Scene::Checkout, View::text(text));
    let view = other_ways(ctx, seen, view, None).await?;
    show_open(ctx, seen.invoice.id, view).await
}

/// Adds the other gateways, the wallet where it suffices, and the way out.
async fn other_ways(
    ctx: &Ctx<'_>,
    seen: &InvoiceView,
    mut view: View,
    current: Option<&GatewayName>,
) -> Result<View, BotError> {
    let invoice = &seen.invoice;
    for gateway in ctx.shop().checkout().gateways_for(invoice)? {
        if Some(&gateway) != current {
            let label = t!(ctx, "button-gateway", gateway = &gateway);
            view = view.row([Button::new(label, &Press::Through(invoice.id, gateway))?]);
        }
    }
    if seen.order.is_some() && wallet_covers(ctx, invoice.outstanding()?).await? {
        let label = t!(ctx, "button-from-wallet");
        view = view.row([Button::new(label, &Press::FromWallet(invoice.id))?]);
    }
    let label = match invoice.subject {
        Subject::Order(_) => t!(ctx, "button-cancel-order"),
        Subject::Deposit => t!(ctx, "button-cancel-deposit"),
    };
    Ok(view.row([Button::new(label, &Press::Cancel(invoice.id))?]))
}

async fn wallet_covers(ctx: &Ctx<'_>, due: Money) -> Result<bool, BotError> {
    let balance = ctx.shop().wallet().balance(ctx.customer().id).await?;
    Ok(!balance.checked_sub(due)?.is_negative())
}

fn simulates(ctx: &Ctx<'_>, gateway: &GatewayName) -> bool {
    let gateway = ctx.shop().gateway(gateway);
    gateway.is_some_and(|gateway| gateway.capabilities().simulate == Support::Yes)
}

/// What is paid for, in at most half a caption: how much is asked and how it is paid follow.
fn heading(ctx: &Ctx<'_>, seen: &InvoiceView) -> Rich {
    let Some(order) = &seen.order else {
        return t!(ctx, "invoice-deposit");
    };
    let room = ctx.limits().caption / 2;
    let mut text = t!(ctx, "invoice-order", number = &order.number);
    for (shown, line) in order.lines.iter().enumerate() {
        let (name, quantity) = (&line.name, line.quantity);
        let line = t!(ctx, "order-line", name = name, quantity = quantity);
        let longer = text.clone().line(line);
        if longer.len_utf16() > room {
            let left = order.lines.len().saturating_sub(shown);
            return text.line(t!(ctx, "invoice-more-lines", count = left));
        }
        text = longer;
    }
    text
}

fn received(ctx: &Ctx<'_>, invoice: &Invoice) -> Rich {
    if invoice.received.is_zero() {
        return Rich::new();
    }
    t!(ctx, "invoice-received", received = invoice.received)
}

fn time_left(ctx: &Ctx<'_>, until: Timestamp) -> Rich {
    let seconds = (until - ctx.shop().now()).num_seconds();
    let minutes = u64::try_from(seconds).unwrap_or(0).div_ceil(60).max(1);
    if minutes > 120 {
        let hours = minutes.div_ceil(60);
        return t!(ctx, "invoice-hours-left", hours = hours);
    }
    t!(ctx, "invoice-time-left", minutes = minutes)
}

/// Shows a view of an open invoice, and logs it so that it can be taken away when that ends.
async fn show_open(ctx: &Ctx<'_>, invoice: InvoiceId, view: View) -> Result<(), BotError> {
    let message = ctx.show(view).await?;
    ctx.log_message(message, invoice, MessageKind::Invoice)
        .await
}

/// Tells that a person looks at the proof: nothing is to be paid a second time.
async fn show_proof_waiting(ctx: &Ctx<'_>, seen: &InvoiceView) -> Result<(), BotError> {
    let text = heading(ctx, seen).paragraph(t!(ctx, "proof-waiting"));
    let view = menu::offer(View::text(text), ctx)?;
    show_open(ctx, seen.invoice.id, view).await
}

/// Tells that the time to pay is over; only a payment on its way can still change how it ends.
async fn show_overdue(ctx: &Ctx<'_>, seen: &InvoiceView) -> Result<(), BotError> {
    let invoice = seen.invoice.id;
    let text = heading(ctx, seen)
        .line(received(ctx, &seen.invoice))
        .paragraph(t!(ctx, "invoice-time-over"));
    let view = View::text(text).row([Button::new(
        t!(ctx, "button-check"),
        &Press::Check(invoice),
    )?]);
    show_open(ctx, invoice, menu::offer(view, ctx)?).await
}

/// Tells how an invoice ended, in the place of whatever still asks for its payment.
async fn show_ended(ctx: &Ctx<'_>, seen: &InvoiceView) -> Result<(), BotError> {
    if let Some(message) = ctx.pressed() {
        ctx.remove(message).await?;
    }
    let how = match (seen.invoice.state, seen.invoice.subject) {
        (InvoiceState::Paid, Subject::Order(_)) => t!(ctx, "invoice-is-paid"),
        (InvoiceState::Paid, Subject::Deposit) => t!(ctx, "deposit-is-paid"),
        (InvoiceState::Expired, Subject::Order(_)) => t!(ctx, "invoice-is-expired"),
        (InvoiceState::Expired, Subject::Deposit) => t!(ctx, "deposit-is-expired"),
        (InvoiceState::Cancelled, _) => t!(ctx, "invoice-is-cancelled"),
        (InvoiceState::Failed, _) => t!(ctx, "invoice-is-failed"),
        (InvoiceState::Created | InvoiceState::Waiting, _) => t!(ctx, "invoice-pending"),
    };
    let view = View::text(heading(ctx, seen).paragraph(how));
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn simulate(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let seen = own(ctx, invoice).await?;
    let open = open_charge(&seen).filter(|charge| simulates(ctx, &charge.gateway));
    if let (Stage::Payable, Some(charge)) = (stage(ctx, &seen.invoice), open) {
        ctx.shop().settlement().simulate(charge).await?;
    }
    present(ctx, invoice).await
}

async fn check(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let before = own(ctx, invoice).await?;
    if before.invoice.state.is_open() {
        ctx.shop().settlement().check(invoice).await?;
    }
    let after = own(ctx, invoice).await?;
    if after.invoice.state.is_open() && after.invoice.received == before.invoice.received {
        ctx.remark(&t!(ctx, "payment-not-yet"));
        return match stage(ctx, &after.invoice) {
            Stage::Overdue => show_overdue(ctx, &after).await,
            Stage::Payable | Stage::Ended => Ok(()),
        };
    }
    present(ctx, invoice).await
}

async fn from_wallet(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let seen = own(ctx, invoice).await?;
    if stage(ctx, &seen.invoice) == Stage::Payable {
        ctx.shop()
            .checkout()
            .pay_from_wallet(&ctx.buyer(), invoice)
            .await?;
    }
    present(ctx, invoice).await
}

async fn ask_to_cancel(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let Some(seen) = own_payable(ctx, invoice).await? else {
        return Ok(());
    };
    let view = View::text(heading(ctx, &seen).paragraph(t!(ctx, "cancel-sure")))
        .row([Button::new(
            t!(ctx, "button-cancel-yes"),
            &Press::CancelSurely(invoice),
        )?])
        .row([Button::new(t!(ctx, "button-back"), &Press::Show(invoice))?]);
    show_open(ctx, invoice, view).await
}

async fn cancel(ctx: &Ctx<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let seen = own(ctx, invoice).await?;
    if seen.invoice.state.is_open() {
        ctx.shop().checkout().cancel(&ctx.buyer(), invoice).await?;
    }
    present(ctx, invoice).await
}
