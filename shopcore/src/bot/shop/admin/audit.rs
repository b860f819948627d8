//! The audit in chat: who did what, filtered by actor, kind and time, searched by words.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::audit::{ActorKind, Kind, Search, Whose};
use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Open, Question, State};
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx, menu};
use crate::id::{AuditId, first_at};
use crate::service::Told;
use crate::text::{ProductCode, VoucherCode};

/// Tells who did what.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct AuditTrail;

/// What is looked for.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Filter {
    who: Option<ActorKind>,
    what: Option<Kind>,
    /// In how many days up to now.
    days: Option<u8>,
    words: Words,
    before: Option<AuditId>,
}

/// Whether the words that were typed last narrow the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
enum Words {
    #[default]
    Unused,
    Used,
}

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// Lists what fits.
    Show(Filter),
    /// Offers kinds of actors.
    Who(Filter),
    /// Offers kinds of things.
    What(Filter),
    /// Offers periods.
    When(Filter),
    /// Asks for words.
    Ask,
}

impl Action for Press {
    const PLUGIN: &'static str = "audit";

    fn require(&self) -> Option<Permission> {
        Some(Permission::Audit)
    }
}

/// Waits for words.
#[derive(Debug, Serialize, Deserialize)]
struct Asking;

impl State for Asking {
    const PLUGIN: &'static str = Press::PLUGIN;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Audit)
    }
}

#[async_trait]
impl Plugin for AuditTrail {
    fn id(&self) -> &'static str {
        Press::PLUGIN
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "audit",
            summary: t!(locale, "command-audit"),
            require: Some(Permission::Audit),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-audit"), &Press::Show(Filter::default()))?;
        Ok(vec![MenuEntry { place: 180, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        match args.trim() {
            "" => show(ctx, Filter::default()).await,
            words => search(ctx, words).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Show(filter) => show(ctx, filter).await,
            Press::Who(filter) => offer_who(ctx, filter).await,
            Press::What(filter) => offer_what(ctx, filter).await,
            Press::When(filter) => offer_when(ctx, filter).await,
            Press::Ask => ask(ctx).await,
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Asking = dialog.state(ctx)?;
        match answer {
            Answer::Text(words) => {
                ctx.leave_dialog().await?;
                search(ctx, words).await
            }
            Answer::File { .. } | Answer::Choice(_) => ask(ctx).await,
        }
    }
}

/// Entries on a page.
const ROWS: u32 = 12;
/// The longest details that are shown of an entry.
const DETAILS_MAX: usize = 120;

async fn ask(ctx: &Ctx<'_>) -> Result<(), BotError> {
    ctx.ask(&Asking, Question::line(t!(ctx, "audit-ask"))).await
}

async fn search(ctx: &Ctx<'_>, words: &str) -> Result<(), BotError> {
    let words: String = words.trim().chars().take(60).collect();
    ctx.note(Press::PLUGIN, &words).await?;
    let filter = Filter {
        words: Words::Used,
        ..Filter::default()
    };
    show(ctx, filter).await
}

async fn show(ctx: &Ctx<'_>, filter: Filter) -> Result<(), BotError> {
    let words = match filter.words {
        Words::Used => Some(
            ctx.recall::<String>(Press::PLUGIN)
                .await?
                .ok_or(BotError::Stale)?,
        ),
        Words::Unused => None,
    };
    let wanted = wanted(ctx, filter, words.as_deref()).await?;
    let mut found = ctx.shop().audit().search(&wanted, ROWS + 1).await?;
    let rows = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let more = found.len() > rows;
    found.truncate(rows);
    let mut text = heading(ctx, filter, words.as_deref());
    if found.is_empty() {
        text = text.paragraph(t!(ctx, "audit-none"));
    }
    for told in &found {
        text = text.paragraph(line(ctx, told));
    }
    let mut view = View::text(text).row([
        Button::new(t!(ctx, "button-audit-who"), &Press::Who(filter))?,
        Button::new(t!(ctx, "button-audit-what"), &Press::What(filter))?,
        Button::new(t!(ctx, "button-audit-when"), &Press::When(filter))?,
    ]);
    if let Some(last) = found.last().filter(|_| more) {
        let older = Filter {
            before: Some(last.record.entry.id),
            ..filter
        };
        view = view.row([Button::new(
            t!(ctx, "button-audit-older"),
            &Press::Show(older),
        )?]);
    }
    let all = Press::Show(Filter::default());
    view = view.row([
        Button::new(t!(ctx, "button-search-audit"), &Press::Ask)?,
        Button::new(t!(ctx, "button-audit-all"), &all)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// What is looked for, in the store's terms. Words that are an order's number, or a code, look for
/// what happened to it; any others are a part of what was done.
async fn wanted(ctx: &Ctx<'_>, filter: Filter, words: Option<&str>) -> Result<Search, BotError> {
    let shop = ctx.shop();
    let days = filter.days.map(|days| TimeDelta::days(i64::from(days)));
    let mut search = Search {
        whose: filter.who.map(Whose::Kind),
        kind: filter.what,
        from: days.map(|days| first_at(shop.now() - days)),
        before: filter.before,
        ..Search::default()
    };
    let Some(words) = words else {
        return Ok(search);
    };
    if let Ok(number) = words.parse()
        && let Some(order) = shop.store().find_order_number(shop.id(), &number).await?
    {
        search.about = Some(order.id.into());
    } else if let Ok(code) = ProductCode::parse(words)
        && let Some(product) = shop.catalog().find(&code).await?
    {
        search.about = Some(product.id.into());
    } else if let Ok(code) = VoucherCode::parse(words)
        && let Some(voucher) = shop.vouchers().find(&code).await?
    {
        search.about = Some(voucher.id.into());
    } else {
        search.action = Some(words.to_owned());
    }
    Ok(search)
}

fn heading(ctx: &Ctx<'_>, filter: Filter, words: Option<&str>) -> Rich {
    let mut heading = t!(ctx, "audit-title");
    let mut narrow = Vec::new();
    narrow.extend(filter.who.map(|who| who_name(ctx, who).to_string()));
    narrow.extend(filter.what.map(|what| what_name(ctx, what).to_string()));
    narrow.extend(filter.days.map(|days| when_name(ctx, days).to_string()));
    narrow.extend(words.map(|words| format!("„{words}“")));
    if !narrow.is_empty() {
        heading = heading.line(Rich::plain(narrow.join(" · ")));
    }
    heading
}

fn line(ctx: &Ctx<'_>, told: &Told) -> Rich {
    let (record, entry) = (&told.record, &told.record.entry);
    let line = t!(
        ctx,
        "audit-line",
        at = ctx.moment(record.at),
        who = who_name(ctx, record.actor.kind()),
        name = told.who.as_str(),
        what = what_name(ctx, entry.entity.kind),
        which = told.what.as_str(),
        action = entry.action.as_str()
    );
    match details(&entry.details) {
        text if text.is_empty() => line,
        text => line.line(Rich::plain(text).shortened(DETAILS_MAX)),
    }
}

/// Details as people read them: `amount: Rp 5.000, way: wallet`.
fn details(details: &serde_json::Value) -> String {
    let told = |(key, value): (&String, &serde_json::Value)| match value.as_str() {
        Some(text) => Some(format!("{key}: {text}")),
        None => (!value.is_null()).then(|| format!("{key}: {value}")),
    };
    let fields = details.as_object().into_iter().flatten();
    fields.filter_map(told).collect::<Vec<_>>().join(", ")
}

fn who_name(ctx: &Ctx<'_>, who: ActorKind) -> Rich {
    match who {
        ActorKind::Customer => t!(ctx, "actor-customer"),
        ActorKind::Admin => t!(ctx, "actor-admin"),
        ActorKind::Operator => t!(ctx, "actor-operator"),
        ActorKind::Job => t!(ctx, "audit-jobs"),
        ActorKind::Gateway => t!(ctx, "audit-gateways"),
    }
}

fn what_name(ctx: &Ctx<'_>, what: Kind) -> Rich {
    match what {
        Kind::Shop => t!(ctx, "kind-shop"),
        Kind::Category => t!(ctx, "kind-category"),
        Kind::Product => t!(ctx, "kind-product"),
        Kind::Voucher => t!(ctx, "kind-voucher"),
        Kind::Order => t!(ctx, "kind-order"),
        Kind::Invoice => t!(ctx, "kind-invoice"),
        Kind::Payment => t!(ctx, "kind-payment"),
        Kind::Customer => t!(ctx, "kind-customer"),
        Kind::Case => t!(ctx, "kind-case"),
        Kind::Refund => t!(ctx, "kind-refund"),
    }
}

fn when_name(ctx: &Ctx<'_>, days: u8) -> Rich {
    t!(ctx, "audit-days", days = u64::from(days))
}

/// A list of choices that narrow what is looked for, and the way back.
async fn offer(
    ctx: &Ctx<'_>,
    text: Rich,
    choices: impl IntoIterator<Item = (Rich, Filter)>,
) -> Result<(), BotError> {
    let mut buttons = Vec::new();
    for (label, filter) in choices {
        let first_page = Filter {
            before: None,
            ..filter
        };
        buttons.push(Button::new(label, &Press::Show(first_page))?);
    }
    let rows = buttons.chunks(2).map(<[Button]>::to_vec);
    let view = rows.fold(View::text(text), View::row);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn offer_who(ctx: &Ctx<'_>, filter: Filter) -> Result<(), BotError> {
    let anyone = (
        t!(ctx, "audit-anyone"),
        Filter {
            who: None,
            ..filter
        },
    );
    let kinds = ActorKind::ALL.map(|kind| {
        let who = Some(kind);
        (who_name(ctx, kind), Filter { who, ..filter })
    });
    offer(ctx, t!(ctx, "audit-who"), [anyone].into_iter().chain(kinds)).await
}

async fn offer_what(ctx: &Ctx<'_>, filter: Filter) -> Result<(), BotError> {
    let anything = (
        t!(ctx, "audit-anything"),
        Filter {
            what: None,
            ..filter
        },
    );
    let kinds = Kind::ALL.map(|kind| {
        let what = Some(kind);
        (what_name(ctx, kind), Filter { what, ..filter })
    });
    offer(
        ctx,
        t!(ctx, "audit-what"),
        [anything].into_iter().chain(kinds),
    )
    .await
}

async fn offer_when(ctx: &Ctx<'_>, filter: Filter) -> Result<(), BotError> {
    let ever = (
        t!(ctx, "audit-ever"),
        Filter {
            days: None,
            ..filter
        },
    );
    let spans = [1, 7, 30].map(|days| {
        let label = when_name(ctx, days);
        let days = Some(days);
        (label, Filter { days, ..filter })
    });
    offer(ctx, t!(ctx, "audit-when"), [ever].into_iter().chain(spans)).await
}
