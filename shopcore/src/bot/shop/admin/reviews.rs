//! Review cases: those that are open, and how a person decides them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::assigning;
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::shop::{paging, typed};
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, Media, View};
use crate::bot::{BotError, Ctx};
use crate::id::{CaseId, PaymentId};
use crate::review::{Case, CaseReason, CaseState, Resolution};
use crate::service::{ProofError, ReviewError};
use crate::stock::Content;
use crate::store::RefundFilter;
use crate::text::Reason;

/// Decides review cases.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Cases;

/// What the buttons of review cases do.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bot) enum Press {
    /// A page of the open cases.
    List(u32),
    /// A case.
    Show(CaseId),
    /// Credits its money to the customer's wallet.
    Credit(CaseId),
    /// Has its payment sent back.
    Refund(CaseId),
    /// Delivers after all.
    Deliver(CaseId),
    /// Shows the customer's proof.
    Proof(CaseId),
    /// Believes it.
    Accept(CaseId),
    /// Asks why it is to be closed.
    Close(CaseId),
}

impl Action for Press {
    const PLUGIN: &'static str = "cases";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Reviews)
    }
}

/// Waits for the reason a case is closed for.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Closing(CaseId);

impl State for Closing {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Reviews)
    }
}

#[async_trait]
impl Plugin for Cases {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "cases",
            summary: t!(locale, "command-cases"),
            require: Some(Permission::Reviews),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-cases"), &Press::List(0))?;
        Ok(vec![MenuEntry { place: 140, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, _: &str) -> Result<(), BotError> {
        list(ctx, 0).await
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let press = ctx.open(action)?;
        let actor = ctx.admin(Permission::Reviews)?;
        let reviews = ctx.shop().reviews();
        match press {
            Press::List(page) => list(ctx, page).await,
            Press::Show(case) => show(ctx, case).await,
            Press::Close(case) => ask_reason(ctx, Closing(case), None).await,
            Press::Credit(case) => {
                decided(ctx, case, reviews.credit(&actor, case, None).await).await
            }
            Press::Refund(case) => decided(ctx, case, reviews.refund(&actor, case).await).await,
            Press::Proof(case) => show_proof(ctx, case).await,
            Press::Accept(case) => match ctx.shop().proofs().accept(&actor, case).await {
                Ok(()) => show(ctx, case).await,
                Err(ProofError::Review(error)) => decided(ctx, case, Err(error)).await,
                Err(error) => Err(error.into()),
            },
            Press::Deliver(case) => decided(ctx, case, reviews.deliver(&actor, case).await).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let closing: Closing = dialog.state(ctx)?;
        match answer {
            Answer::Text(text) => close(ctx, closing, text).await,
            Answer::File { .. } | Answer::Choice(_) => ask_reason(ctx, closing, None).await,
        }
    }
}

async fn list(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let reviews = ctx.shop().reviews();
    let (page, cases) = paging::load(page, |rows| reviews.list(rows)).await?;
    let text = if cases.total == 0 {
        t!(ctx, "cases-none")
    } else {
        t!(ctx, "cases", count = cases.total)
    };
    let mut view = View::text(text);
    for case in &cases.items {
        let at = ctx.moment(case.opened_at);
        let label = t!(
            ctx,
            "button-a-case",
            at = at,
            why = reason(ctx, case.reason)
        );
        view = view.row([Button::new(label, &Press::Show(case.id))?]);
    }
    let view = paging::turn(ctx, view, page, cases.total, Press::List)?;
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

fn reason(ctx: &Ctx<'_>, reason: CaseReason) -> Rich {
    match reason {
        CaseReason::LatePayment => t!(ctx, "case-late-payment"),
        CaseReason::UnknownReference => t!(ctx, "case-unknown-reference"),
        CaseReason::UnknownGateway => t!(ctx, "case-unknown-gateway"),
        CaseReason::WrongCurrency => t!(ctx, "case-wrong-currency"),
        CaseReason::Unsettled => t!(ctx, "case-unsettled"),
        CaseReason::DeliveryRefused => t!(ctx, "case-delivery-refused"),
        CaseReason::Proof => t!(ctx, "case-proof"),
        CaseReason::Payout => t!(ctx, "case-payout"),
        CaseReason::NotInStatement => t!(ctx, "case-not-in-statement"),
        CaseReason::OtherInStatement => t!(ctx, "case-other-in-statement"),
    }
}

fn state(ctx: &Ctx<'_>, state: CaseState) -> Rich {
    match state {
        CaseState::Open => t!(ctx, "case-open"),
        CaseState::Resolved(Resolution::Credited) => t!(ctx, "case-credited"),
        CaseState::Resolved(Resolution::Delivered) => t!(ctx, "case-delivered"),
        CaseState::Resolved(Resolution::Accepted) => t!(ctx, "case-accepted"),
        CaseState::Resolved(Resolution::Closed) => t!(ctx, "case-closed"),
    }
}

async fn show(ctx: &Ctx<'_>, case: CaseId) -> Result<(), BotError> {
    let case = ctx.shop().reviews().get(case).await?;
    let why = reason(ctx, case.reason);
    let heading = t!(ctx, "case", why = why, state = state(ctx, case.state));
    let mut view = View::text(heading.line(facts(ctx, &case).await?));
    if case.state == CaseState::Open {
        if case.payment.is_some() && case.reason.keeps_payment() && case.customer.is_some() {
            view = view.row([Button::new(
                t!(ctx, "button-credit"),
                &Press::Credit(case.id),
            )?]);
        }
        if case.payment.is_some() && case.reason.keeps_payment() && case.customer.is_none() {
            let assign = assigning::Press(case.id);
            view = view.row([Button::new(t!(ctx, "button-assign"), &assign)?]);
        }
        if let Some(payment) = case.payment
            && case.reason.keeps_payment()
            && is_refundable(ctx, payment).await?
        {
            view = view.row([Button::new(
                t!(ctx, "button-refund"),
                &Press::Refund(case.id),
            )?]);
        }
        if case.order.is_some() && may_deliver(case.reason) {
            view = view.row([Button::new(
                t!(ctx, "button-deliver"),
                &Press::Deliver(case.id),
            )?]);
        }
        if case.reason == CaseReason::Proof {
            let (see, accept) = (Press::Proof(case.id), Press::Accept(case.id));
            view = view
                .row([Button::new(t!(ctx, "button-proof"), &see)?])
                .row([Button::new(t!(ctx, "button-accept-proof"), &accept)?]);
        }
        let (label, _) = words_of_closing(ctx, case.reason);
        view = view.row([Button::new(label, &Press::Close(case.id))?]);
    }
    let view = view.row([Button::new(t!(ctx, "button-cases"), &Press::List(0))?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// What closing a case of this kind is called, and what is asked then.
fn words_of_closing(ctx: &Ctx<'_>, reason: CaseReason) -> (Rich, Rich) {
    match reason {
        CaseReason::Proof => (
            t!(ctx, "button-decline-proof"),
            t!(ctx, "case-ask-reason-proof"),
        ),
        CaseReason::Payout => (
            t!(ctx, "button-paid-out"),
            t!(ctx, "case-ask-reason-payout"),
        ),
        CaseReason::LatePayment
        | CaseReason::UnknownReference
        | CaseReason::UnknownGateway
        | CaseReason::WrongCurrency
        | CaseReason::Unsettled
        | CaseReason::DeliveryRefused
        | CaseReason::NotInStatement
        | CaseReason::OtherInStatement => (t!(ctx, "button-close"), t!(ctx, "case-ask-reason")),
    }
}

async fn show_proof(ctx: &Ctx<'_>, case: CaseId) -> Result<(), BotError> {
    let actor = ctx.admin(Permission::Reviews)?;
    let view = match ctx.shop().proofs().look(&actor, case).await {
        Ok(Content::Text(text)) => View::text(Rich::plain(text)),
        Ok(Content::File { name, bytes }) => {
            View::text(t!(ctx, "case-proof")).media(Media::File { name, bytes })
        }
        Err(ProofError::NoProof) => {
            ctx.remark(&t!(ctx, "case-decided"));
            return show(ctx, case).await;
        }
        Err(error) => return Err(error.into()),
    };
    ctx.reply(view).await?;
    show(ctx, case).await
}

/// Whether a case may end with goods.
fn may_deliver(reason: CaseReason) -> bool {
    match reason {
        CaseReason::LatePayment | CaseReason::Unsettled | CaseReason::DeliveryRefused => true,
        CaseReason::UnknownReference
        | CaseReason::UnknownGateway
        | CaseReason::WrongCurrency
        | CaseReason::Proof
        | CaseReason::Payout
        | CaseReason::NotInStatement
        | CaseReason::OtherInStatement => false,
    }
}

async fn is_refundable(ctx: &Ctx<'_>, payment: PaymentId) -> Result<bool, BotError> {
    let (shop, store) = (ctx.shop(), ctx.shop().store());
    let found = store.get_payment(shop.id(), payment).await?;
    Ok(found.is_some_and(|payment| shop.reviews().is_refundable(&payment)))
}

/// What the case is about: its payment, order and customer, as far as they are known.
async fn facts(ctx: &Ctx<'_>, case: &Case) -> Result<Rich, BotError> {
    let (store, shop) = (ctx.shop().store(), ctx.shop().id());
    let opened = ctx.moment(case.opened_at);
    let mut text = t!(ctx, "case-opened", at = opened);
    if let Some(payment) = case.payment
        && let Some(payment) = store.get_payment(shop, payment).await?
    {
        let (amount, gateway) = (payment.amount, &payment.gateway);
        let reference = payment.reference.as_str();
        text = text.line(t!(
            ctx,
            "case-payment",
            amount = amount,
            gateway = gateway,
            reference = reference,
        ));
    }
    if let Some(order) = case.order
        && let Some(order) = store.find_order(shop, order).await?
    {
        text = text.line(t!(ctx, "case-order", number = &order.number));
    }
    if case.reason == CaseReason::Proof
        && let Some(charge) = ctx.shop().proofs().charge(case).await?
    {
        let (amount, gateway) = (charge.payable, &charge.gateway);
        let reference = charge.reference.as_str();
        text = text.line(t!(
            ctx,
            "case-proof-charge",
            amount = amount,
            gateway = gateway,
            reference = reference,
        ));
    }
    if case.reason == CaseReason::Payout {
        let filter = RefundFilter::Case(case.id);
        for refund in store.list_refunds(shop, filter).await? {
            text = text.line(t!(ctx, "case-payout-amount", amount = refund.amount));
        }
    }
    if let Some(customer) = case.customer
        && let Some(customer) = store.get_customer(shop, customer).await?
    {
        let contact = &customer.contact;
        let at = format!("{}/{}", contact.frontend, contact.external);
        text = text.line(t!(ctx, "case-customer", at = at));
    }
    Ok(text)
}

/// Shows what became of a case; one that was decided meanwhile is shown as it truly stands.
pub(super) async fn decided(
    ctx: &Ctx<'_>,
    case: CaseId,
    outcome: Result<(), ReviewError>,
) -> Result<(), BotError> {
    match outcome {
        Ok(()) => {}
        Err(ReviewError::NotOpen(_)) => ctx.remark(&t!(ctx, "case-decided")),
        Err(error) => return Err(error.into()),
    }
    show(ctx, case).await
}

async fn ask_reason(ctx: &Ctx<'_>, closing: Closing, wrong: Option<Rich>) -> Result<(), BotError> {
    let case = ctx.shop().reviews().get(closing.0).await?;
    if case.state != CaseState::Open {
        return show(ctx, closing.0).await;
    }
    let (_, why) = words_of_closing(ctx, case.reason);
    let text = wrong.unwrap_or_default().paragraph(why);
    ctx.ask(&closing, Question::line(text)).await
}

async fn close(ctx: &Ctx<'_>, closing: Closing, text: &str) -> Result<(), BotError> {
    let reason = match Reason::parse(text) {
        Ok(reason) => reason,
        Err(error) => return ask_reason(ctx, closing, Some(typed::text(ctx, error))).await,
    };
    let actor = ctx.admin(Permission::Reviews)?;
    let outcome = ctx.shop().reviews().close(&actor, closing.0, &reason).await;
    ctx.leave_dialog().await?;
    decided(ctx, closing.0, outcome).await
}
