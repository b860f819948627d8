//! Showing that something was paid, where no gateway can tell.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::bot::action::{Action, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::plugin::Plugin;
use crate::bot::rich::Rich;
use crate::bot::shop::checkout;
use crate::bot::texts::t;
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::id::InvoiceId;
use crate::service::ProofError;
use crate::stock::{Content, ContentError};

/// Takes proofs of payment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Proofs;

/// Asks for the proof that an invoice was paid.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Press(pub(super) InvoiceId);

impl Action for Press {
    const PLUGIN: &'static str = "proofs";
}

/// Waits for the proof.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Proving(InvoiceId);

impl State for Proving {
    const PLUGIN: &'static str = Press::PLUGIN;
}

#[async_trait]
impl Plugin for Proofs {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let Press(invoice) = ctx.open(action)?;
        ask(ctx, invoice, None).await
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Proving(invoice) = dialog.state(ctx)?;
        let proof = match answer {
            Answer::Text(text) => Content::text(text),
            Answer::File { name, bytes } => Content::file(name, bytes.to_vec()),
            Answer::Choice(_) => return ask(ctx, invoice, None).await,
        };
        match proof {
            Ok(proof) => send(ctx, invoice, &proof).await,
            Err(error) => ask(ctx, invoice, Some(wrong(ctx, &error))).await,
        }
    }
}

fn wrong(ctx: &Ctx<'_>, error: &ContentError) -> Rich {
    match error {
        ContentError::Empty => t!(ctx, "text-empty"),
        ContentError::TooLong { .. } => t!(ctx, "proof-too-long"),
        ContentError::Control | ContentError::UnknownForm => t!(ctx, "text-control"),
    }
}

async fn ask(ctx: &Ctx<'_>, invoice: InvoiceId, wrong: Option<Rich>) -> Result<(), BotError> {
    let text = wrong.unwrap_or_default().paragraph(t!(ctx, "proof-ask"));
    ctx.ask(&Proving(invoice), Question::paste(text)).await
}

async fn send(ctx: &Ctx<'_>, invoice: InvoiceId, proof: &Content) -> Result<(), BotError> {
    let proofs = ctx.shop().proofs();
    let text = match proofs.send(ctx.customer().id, invoice, proof).await {
        Ok(_) => t!(ctx, "proof-thanks"),
        Err(ProofError::Waiting) => t!(ctx, "proof-waiting"),
        Err(error) => return Err(error.into()),
    };
    ctx.leave_dialog().await?;
    let show = checkout::Press::Show(invoice);
    let view = View::text(text).row([Button::new(t!(ctx, "button-check"), &show)?]);
    ctx.reply(view).await?;
    Ok(())
}
