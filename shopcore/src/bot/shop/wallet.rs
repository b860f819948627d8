//! The wallet: what it holds, how that came about, and deposits.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{checkout, paging, typed};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::menu;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, Scene, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::invoice::{Invoice, InvoiceState, Outcome, Subject};
use crate::ledger::Purpose;
use crate::money::Money;
use crate::service::{CheckoutError, HistoryLine, Mark, What};
use crate::store::Statement;

/// Open deposits that get a button, the newest.
const OPEN_DEPOSITS_SHOWN: usize = 10;

/// Shows customers their wallet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wallets;

#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Press {
    /// The balance.
    Show,
    /// A page of the history.
    History(u32),
    /// Asks how much to deposit.
    Deposit,
}

impl Action for Press {
    const PLUGIN: &'static str = "wallet";
}

/// Waits for the amount of a deposit.
#[derive(Debug, Serialize, Deserialize)]
struct AskingAmount;

impl State for AskingAmount {
    const PLUGIN: &'static str = Press::PLUGIN;
}

#[async_trait]
impl Plugin for Wallets {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        let command = |name, summary| Command {
            name,
            summary,
            require: None,
        };
        vec![
            command("wallet", t!(locale, "command-wallet")),
            command("deposit", t!(locale, "command-deposit")),
        ]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-wallet"), &Press::Show)?;
        Ok(vec![MenuEntry { place: 40, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, name: &str, args: &str) -> Result<(), BotError> {
        match name {
            "deposit" if args.is_empty() => ask_amount(ctx, None).await,
            "deposit" => deposit(ctx, args).await,
            _ => show(ctx).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show => show(ctx).await,
            Press::History(page) => history(ctx, page).await,
            Press::Deposit => ask_amount(ctx, None).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let AskingAmount = dialog.state(ctx)?;
        match answer {
            Answer::Text(amount) => deposit(ctx, amount).await,
            Answer::File { .. } | Answer::Choice(_) => ask_amount(ctx, None).await,
        }
    }
}

async fn show(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let (wallet, customer) = (ctx.shop().wallet(), ctx.customer().id);
    let balance = wallet.balance(customer).await?;
    let open = wallet.open_deposits(customer).await?;
    let mut text = t!(ctx, "wallet", balance = balance);
    if !open.is_empty() {
        text = text.paragraph(t!(ctx, "wallet-open-deposits", count = open.len()));
    }
    let mut view = ctx.locale().illustrated(Scene::Wallet, View::text(text));
    for invoice in open.iter().take(OPEN_DEPOSITS_SHOWN) {
        let label = t!(ctx, "button-open-deposit", amount = invoice.amount);
        view = view.row([Button::new(label, &checkout::Press::Show(invoice.id))?]);
    }
    let view = view.row([
        Button::new(t!(ctx, "button-deposit"), &Press::Deposit)?,
        Button::new(t!(ctx, "button-history"), &Press::History(0))?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn history(ctx: &Ctx<'_>, page: u32) -> Result<(), BotError> {
    let customer = ctx.customer().id;
    let wallet = ctx.shop().wallet();
    let (page, lines) = paging::load(page, |rows| wallet.history(customer, rows)).await?;
    let text = if lines.total == 0 {
        t!(ctx, "history-none")
    } else {
        let mut text = t!(ctx, "history");
        for line in &lines.items {
            text = text.line(describe(ctx, line).await?);
        }
        text.paragraph(t!(ctx, "history-marks"))
    };
    let view = paging::turn(ctx, View::text(text), page, lines.total, Press::History)?;
    let view = view.row([Button::new(t!(ctx, "button-wallet"), &Press::Show)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn describe(ctx: &Ctx<'_>, line: &HistoryLine) -> Result<Rich, BotError> {
    let (amount, what) = match &line.what {
        What::Moved(statement) => (statement.amount, moved(ctx, statement).await?),
        What::Unpaid(invoice) => (invoice.amount, unpaid(ctx, invoice)),
    };
    let mark = match line.mark {
        Mark::Done => t!(ctx, "mark-done"),
        Mark::Waits => t!(ctx, "mark-waits"),
        Mark::Failed => t!(ctx, "mark-failed"),
        Mark::Returned => t!(ctx, "mark-returned"),
    };
    let at = ctx.moment(line.what.at());
    Ok(match &line.order {
        Some(order) => t!(
            ctx,
            "statement-of-order",
            mark = mark,
            at = at,
            amount = amount,
            what = what,
            number = order
        ),
        None => t!(
            ctx,
            "statement",
            mark = mark,
            at = at,
            amount = amount,
            what = what
        ),
    })
}

async fn moved(ctx: &Ctx<'_>, statement: &Statement) -> Result<Rich, BotError> {
    Ok(match statement.purpose {
        Purpose::Payment => payment(ctx, statement).await?,
        Purpose::WalletPayment => t!(ctx, "statement-wallet-payment"),
        Purpose::Leftover => t!(ctx, "statement-leftover"),
        Purpose::Review => t!(ctx, "statement-review"),
        Purpose::Refund => t!(ctx, "statement-refund"),
        Purpose::Adjustment => t!(ctx, "statement-adjustment"),
    })
}

/// What became of a deposit that is not paid.
fn unpaid(ctx: &Ctx<'_>, invoice: &Invoice) -> Rich {
    match invoice.state_at(ctx.shop().now()) {
        InvoiceState::Created | InvoiceState::Waiting | InvoiceState::Paid => {
            t!(ctx, "statement-deposit-waits")
        }
        InvoiceState::Expired => t!(ctx, "statement-deposit-expired"),
        InvoiceState::Cancelled => t!(ctx, "statement-deposit-cancelled"),
        InvoiceState::Failed => t!(ctx, "statement-deposit-failed"),
    }
}

/// Why a payment, or a part of it, came into the wallet.
async fn payment(ctx: &Ctx<'_>, statement: &Statement) -> Result<Rich, BotError> {
    Ok(match statement.outcome {
        Some(Outcome::Paid) => t!(ctx, "statement-deposit"),
        Some(Outcome::PaidWithExcess) if is_deposit(ctx, statement).await? => {
            t!(ctx, "statement-deposit")
        }
        Some(Outcome::PaidWithExcess | Outcome::LateDelivered) => t!(ctx, "statement-excess"),
        Some(Outcome::Surplus) => t!(ctx, "statement-surplus"),
        Some(Outcome::LateCredited) => t!(ctx, "statement-late"),
        Some(Outcome::Partial | Outcome::Review) | None => t!(ctx, "statement-payment"),
    })
}

async fn is_deposit(ctx: &Ctx<'_>, statement: &Statement) -> Result<bool, BotError> {
    let Some(invoice) = statement.invoice else {
        return Ok(false);
    };
    let found = ctx.shop().checkout().invoice(invoice).await?;
    Ok(found.invoice.subject == Subject::Deposit)
}

/// Asks how much to deposit, after saying what was wrong with the last answer.
async fn ask_amount(ctx: &Ctx<'_>, wrong: Option<Rich>) -> Result<(), BotError> {
    let settings = ctx.shop().settings();
    let (least, most) = (settings.deposit_minimum, settings.deposit_maximum);
    let ask = t!(ctx, "deposit-ask", least = least, most = most);
    let text = wrong.unwrap_or_default().paragraph(ask);
    ctx.ask(&AskingAmount, Question::line(text)).await
}

async fn deposit(ctx: &Ctx<'_>, line: &str) -> Result<(), BotError> {
    let amount = match Money::parse(line, ctx.shop().currency()) {
        Ok(amount) => amount,
        Err(error) => return ask_amount(ctx, Some(typed::amount(ctx, &error))).await,
    };
    let customer = ctx.customer().id;
    match ctx
        .shop()
        .checkout()
        .deposit(customer, amount, ctx.request_key())
        .await
    {
        Ok(invoice) => {
            ctx.leave_dialog().await?;
            checkout::present(ctx, invoice.id).await
        }
        Err(CheckoutError::DepositRange { most, .. }) => {
            let wrong = if amount.minor() > most.minor() {
                t!(ctx, "deposit-too-large")
            } else {
                t!(ctx, "deposit-too-small")
            };
            ask_amount(ctx, Some(wrong)).await
        }
        Err(error) => Err(error.into()),
    }
}
