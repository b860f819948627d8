//! Notes: one message for each new order and deposit, which follows how it stands.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::customers::title;
use super::notices::Press;
use crate::Shop;
use crate::audit::{Kind, Record};
use crate::bot::BotError;
use crate::bot::desk::Desk;
use crate::bot::frontend::FrontendError;
use crate::bot::news::{KEEPER, Manner, News, Piece, Wishes, encoded, put, put_off};
use crate::bot::permission::Permission;
use crate::bot::rich::Rich;
use crate::bot::shop::orders;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::customer::{Chat, Customer, MessageId};
use crate::id::{AuditId, CustomerId, InvoiceId, first_at};
use crate::invoice::{ChargeState, Invoice, InvoiceState};
use crate::order::OrderState;
use crate::service::InvoiceView;
use crate::store::Page;

/// How often the audit is looked at for what is new.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// How much later than its id an entry may appear: a batch waits that long for its store.
const APPEARS: TimeDelta = TimeDelta::seconds(60);
/// Entries that are read together.
const AT_ONCE: u32 = 500;
/// How long a note follows.
const FOLLOWED: TimeDelta = TimeDelta::days(30);
/// Notes that are forgotten, or tried again, together.
const NOTES_AT_ONCE: u32 = 200;

const CURSOR: &str = "cursor";
const NOTE: &str = "note/";
const AGAIN: &str = "again/";

/// The messages about an invoice, and what they say.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Note {
    /// How things stood when it was told.
    told: Option<Standing>,
    copies: Vec<Copy>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Copy {
    who: CustomerId,
    chat: Chat,
    message: MessageId,
}

/// What of an invoice a note shows and may change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Standing {
    invoice: InvoiceState,
    version: u32,
    order: Option<OrderState>,
    refunded: Option<String>,
    charges: usize,
}

impl Standing {
    fn of(seen: &InvoiceView) -> Self {
        let order = seen.order.as_ref();
        Self {
            invoice: seen.invoice.state,
            version: seen.invoice.version,
            order: order.map(|order| order.state),
            refunded: order.map(|order| order.refunded.to_string()),
            charges: seen.charges.len(),
        }
    }
}

/// Has the notes follow what the audit tells since the last time; `seen` are the entries behind the
/// cursor that were looked at.
pub(super) async fn follow(desk: &Desk<'_>, seen: &mut BTreeSet<AuditId>) -> Result<(), BotError> {
    let shop = desk.shop();
    let Some(cursor) = cursor(shop).await? else {
        // What was before the notes is not told.
        return move_cursor(shop, first_at(shop.now())).await;
    };
    let mut touched = again(shop).await?;
    let mut read = cursor;
    loop {
        let store = shop.store();
        let records = store.follow_audit(shop.id(), read, AT_ONCE).await?;
        let Some(last) = records.last() else { break };
        read = last.entry.id;
        for record in records {
            if seen.insert(record.entry.id) {
                touched.extend(invoice_of(shop, &record).await?);
            }
        }
    }
    for invoice in touched {
        if let Err(error) = tell(desk, invoice).await {
            tracing::info!(%error, %invoice, "a note could not follow; it is tried again");
            put(
                shop,
                [(format!("{AGAIN}{invoice}"), Some(encoded(&invoice)))],
            )
            .await?;
        }
    }
    let settled: AuditId = first_at(shop.now() - APPEARS);
    let cursor = cursor.max(read.min(settled));
    seen.retain(|id| *id > cursor);
    move_cursor(shop, cursor).await
}

async fn cursor(shop: &Shop) -> Result<Option<AuditId>, BotError> {
    let stored = shop.store().find_state(shop.id(), KEEPER, CURSOR).await?;
    Ok(stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

async fn move_cursor(shop: &Shop, to: AuditId) -> Result<(), BotError> {
    if cursor(shop).await? == Some(to) {
        return Ok(());
    }
    put(shop, [(CURSOR.to_owned(), Some(encoded(&to)))]).await
}

/// The invoices whose notes could not follow the last time.
async fn again(shop: &Shop) -> Result<BTreeSet<InvoiceId>, BotError> {
    let page = Page::first(NOTES_AT_ONCE);
    let store = shop.store();
    let found = store.list_states(shop.id(), KEEPER, AGAIN, page).await?;
    let ids = found.items.iter();
    Ok(ids
        .filter_map(|(_, id)| serde_json::from_slice(id).ok())
        .collect())
}

/// The invoice whose note may have to follow an entry.
async fn invoice_of(shop: &Shop, record: &Record) -> Result<Option<InvoiceId>, BotError> {
    let id = record.entry.entity.id;
    Ok(match record.entry.entity.kind {
        Kind::Invoice => Some(id.into()),
        Kind::Order => {
            let invoice = shop.store().find_invoice_of(shop.id(), id.into()).await?;
            invoice.map(|invoice| invoice.id)
        }
        Kind::Shop
        | Kind::Category
        | Kind::Product
        | Kind::Voucher
        | Kind::Payment
        | Kind::Customer
        | Kind::Case
        | Kind::Refund => None,
    })
}

/// Brings the note of an invoice to those who want it, and up to date with those who have it.
async fn tell(desk: &Desk<'_>, invoice: InvoiceId) -> Result<(), BotError> {
    let shop = desk.shop();
    let key = format!("{NOTE}{invoice}");
    let stored = shop.store().find_state(shop.id(), KEEPER, &key).await?;
    let mut note: Note = stored
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default();
    let seen = shop.checkout().invoice(invoice).await?;
    let standing = Standing::of(&seen);
    if note.told.as_ref() == Some(&standing) {
        return Ok(());
    }
    let mut outcome = Ok(());
    for admin in desk.admins(Permission::Orders).await? {
        let told = tell_one(desk, &admin, &seen, &mut note.copies).await;
        outcome = outcome.and(told);
    }
    if outcome.is_ok() {
        note.told = Some(standing);
    }
    let done = [
        (key, Some(encoded(&note))),
        (format!("{AGAIN}{invoice}"), None),
    ];
    put(shop, done).await?;
    outcome
}

async fn tell_one(
    desk: &Desk<'_>,
    admin: &Customer,
    seen: &InvoiceView,
    copies: &mut Vec<Copy>,
) -> Result<(), BotError> {
    let view = view(desk.shop(), desk.locale_of(admin), seen).await?;
    if let Some(index) = copies.iter().position(|copy| copy.who == admin.id) {
        let Copy { chat, message, .. } = &copies[index];
        match desk.edit(chat, message, view.clone()).await {
            Ok(()) => return Ok(()),
            Err(FrontendError::Unchangeable | FrontendError::Refused(_)) => {
                copies.remove(index);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let Some(news) = news(seen) else {
        return Ok(());
    };
    let (shop, invoice) = (desk.shop(), seen.invoice.id);
    let wishes = Wishes::of(shop, admin.id).await?;
    match wishes.manner(news, shop.now(), shop.settings().zone) {
        Manner::Never => Ok(()),
        Manner::Later => {
            let piece = Piece::Invoice(invoice);
            put_off(shop, admin.id, (news, invoice), &piece).await
        }
        Manner::Now => match desk.send(&admin.chat, view).await {
            Ok(message) => {
                let (who, chat) = (admin.id, admin.chat.clone());
                copies.push(Copy { who, chat, message });
                Ok(())
            }
            Err(FrontendError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        },
    }
}

/// What kind of news it is to someone who has no note of it yet.
fn news(seen: &InvoiceView) -> Option<News> {
    match (
        seen.order.as_ref().map(|order| order.state),
        seen.invoice.state,
    ) {
        (Some(OrderState::AwaitingPayment), _) => Some(News::NewOrder),
        (Some(OrderState::Paid | OrderState::Delivered), _) => Some(News::Paid),
        (Some(OrderState::Cancelled | OrderState::Expired | OrderState::Refunded), _) => None,
        (None, InvoiceState::Created | InvoiceState::Waiting | InvoiceState::Paid) => {
            Some(News::Deposit)
        }
        (None, InvoiceState::Expired | InvoiceState::Cancelled | InvoiceState::Failed) => None,
    }
}

/// The note of an invoice as things stand.
async fn view(shop: &Shop, to: Locale<'_>, seen: &InvoiceView) -> Result<View, BotError> {
    let invoice = &seen.invoice;
    let customer = shop.customers().get(invoice.customer).await?;
    let (heading, button) = match &seen.order {
        Some(order) => (
            t!(to, "note-order").line(orders::describe(to, order)),
            Button::new(t!(to, "button-open-order"), &Press::Order(order.id))?,
        ),
        None => (
            t!(to, "note-deposit", amount = invoice.amount).line(deposit_state(to, invoice.state)),
            Button::new(
                t!(to, "button-open-customer"),
                &Press::Customer(customer.id),
            )?,
        ),
    };
    let contact = &customer.contact;
    let at = format!("{}/{}", contact.frontend, contact.external);
    let text = heading
        .line(voucher(shop, to, seen).await?)
        .paragraph(t!(to, "note-customer", name = title(&customer), at = at))
        .line(methods(to, seen))
        .line(money(shop, to, invoice));
    Ok(View::text(text).row([button]))
}

fn deposit_state(to: Locale<'_>, state: InvoiceState) -> Rich {
    match state {
        InvoiceState::Created | InvoiceState::Waiting => t!(to, "deposit-waiting"),
        InvoiceState::Paid => t!(to, "deposit-paid"),
        InvoiceState::Expired => t!(to, "deposit-expired"),
        InvoiceState::Cancelled => t!(to, "deposit-cancelled"),
        InvoiceState::Failed => t!(to, "deposit-failed"),
    }
}

async fn voucher(shop: &Shop, to: Locale<'_>, seen: &InvoiceView) -> Result<Rich, BotError> {
    let Some(id) = seen.order.as_ref().and_then(|order| order.voucher) else {
        return Ok(Rich::new());
    };
    let found = shop.store().get_voucher(shop.id(), id).await?;
    Ok(found.map_or_else(Rich::new, |voucher| {
        t!(to, "note-voucher", code = voucher.code.as_str())
    }))
}

/// How it is or was paid: through the gateways that were not given up, else not through any.
fn methods(to: Locale<'_>, seen: &InvoiceView) -> Rich {
    let mut names: Vec<_> = Vec::new();
    for charge in &seen.charges {
        let counts = match charge.state {
            ChargeState::Created | ChargeState::Open => seen.invoice.state.is_open(),
            ChargeState::Paid => true,
            ChargeState::Closed | ChargeState::Abandoned => false,
        };
        let name = charge.gateway.as_str();
        if counts && !names.contains(&name) {
            names.push(name);
        }
    }
    match (names.is_empty(), seen.invoice.state) {
        (false, _) => t!(to, "note-method", names = names.join(", ")),
        (true, InvoiceState::Paid) => t!(to, "note-method-own"),
        (true, _) => Rich::new(),
    }
}

/// What has come, and how long there is for the rest.
fn money(shop: &Shop, to: Locale<'_>, invoice: &Invoice) -> Rich {
    if !invoice.state_at(shop.now()).is_open() {
        return Rich::new();
    }
    let minutes = (invoice.expires_at - shop.now()).num_minutes();
    let text = if invoice.received.is_positive() {
        t!(
            to,
            "note-received",
            received = invoice.received,
            amount = invoice.amount
        )
    } else {
        Rich::new()
    };
    text.line(t!(
        to,
        "note-until",
        until = to.moment(invoice.expires_at),
        minutes = u64::try_from(minutes).unwrap_or(0)
    ))
}

/// Forgets notes whose orders and deposits are long past.
pub(super) async fn tidy(shop: &Shop) -> Result<(), BotError> {
    let page = Page::first(NOTES_AT_ONCE);
    let before: InvoiceId = first_at(shop.now() - FOLLOWED);
    let oldest = format!("{NOTE}{before}");
    loop {
        let store = shop.store();
        let found = store.list_states(shop.id(), KEEPER, NOTE, page).await?;
        let old: Vec<_> = found
            .items
            .into_iter()
            .filter(|(key, _)| *key < oldest)
            .map(|(key, _)| (key, None))
            .collect();
        if old.is_empty() {
            return Ok(());
        }
        put(shop, old).await?;
    }
}
