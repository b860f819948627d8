//! News: what the shop's team hears of, and how each of them wants to hear it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use chrono::{FixedOffset, NaiveTime, Timelike};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::error::BotError;
use super::permission::Permission;
use crate::Shop;
use crate::id::{CustomerId, InvoiceId};
use crate::message::Notice;
use crate::store::{Batch, ChatWrite, Page, StoreError};
use crate::time::Timestamp;

/// The plug-in under whose name wishes, and news that wait for the end of quiet hours, are kept.
pub(super) const KEEPER: &str = "notices";

/// A kind of news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum News {
    /// An order was placed: a note that follows it.
    NewOrder,
    /// An order is paid: the same note, where it was not sent before.
    Paid,
    /// An order or a deposit was not paid in time.
    Expired,
    /// A deposit was asked for: a note that follows it.
    Deposit,
    /// A payment came short, late, or on top.
    OddPayment,
    /// A review case was opened.
    Case,
    /// A customer fulfilled the terms of a product.
    Terms,
    /// Little or nothing is left of a product.
    LowStock,
    /// Something about the shop does not work as it should.
    Alert,
    /// A customer wrote to the shop.
    Letter,
    /// A customer floods the bot.
    Spam,
}

impl News {
    /// Every kind.
    pub(super) const ALL: [Self; 11] = [
        Self::NewOrder,
        Self::Paid,
        Self::Expired,
        Self::Deposit,
        Self::OddPayment,
        Self::Case,
        Self::Terms,
        Self::Letter,
        Self::LowStock,
        Self::Spam,
        Self::Alert,
    ];

    /// What a notice tells the team of; `None` for those that only customers get.
    pub(super) fn of(notice: &Notice) -> Option<Self> {
        match notice {
            Notice::ExpiredForAdmin { .. } => Some(Self::Expired),
            Notice::OddPayment { .. } => Some(Self::OddPayment),
            Notice::CaseOpened { .. } => Some(Self::Case),
            Notice::TermsFulfilled { .. } => Some(Self::Terms),
            Notice::LowStock { .. } => Some(Self::LowStock),
            Notice::Letter { .. } => Some(Self::Letter),
            Notice::Spam { .. } => Some(Self::Spam),
            Notice::WebhooksMissing { .. } | Notice::Alarm { .. } => Some(Self::Alert),
            Notice::Expired { .. }
            | Notice::Partial { .. }
            | Notice::Credited { .. }
            | Notice::Refunded { .. }
            | Notice::ProofDeclined { .. }
            | Notice::Terms { .. }
            | Notice::Restocked { .. }
            | Notice::UnderReview { .. } => None,
        }
    }

    /// Who may hear of it.
    pub(super) const fn permission(self) -> Permission {
        match self {
            Self::NewOrder
            | Self::Paid
            | Self::Expired
            | Self::Deposit
            | Self::OddPayment
            | Self::Terms => Permission::Orders,
            Self::Case => Permission::Reviews,
            Self::LowStock => Permission::Stock,
            Self::Letter | Self::Spam => Permission::Customers,
            Self::Alert => Permission::Settings,
        }
    }

    /// Whether it may break into quiet hours, for those who want that: someone's money waits for a
    /// decision, or the shop is in trouble.
    pub(super) const fn is_urgent(self) -> bool {
        match self {
            Self::Case | Self::Alert => true,
            Self::NewOrder
            | Self::Paid
            | Self::Expired
            | Self::Deposit
            | Self::OddPayment
            | Self::Terms
            | Self::Letter
            | Self::Spam
            | Self::LowStock => false,
        }
    }

    /// Its name in keys.
    const fn as_str(self) -> &'static str {
        match self {
            Self::NewOrder => "new_order",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Deposit => "deposit",
            Self::OddPayment => "odd_payment",
            Self::Case => "case",
            Self::Terms => "terms",
            Self::LowStock => "low_stock",
            Self::Letter => "letter",
            Self::Spam => "spam",
            Self::Alert => "alert",
        }
    }
}

/// The hours, by the shop's clock on the wall, in which nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QuietHours {
    /// When they begin, in minutes of the day.
    from: u32,
    /// When they end; before their beginning where midnight lies between.
    to: u32,
}

impl QuietHours {
    /// Reads `22-7` or `22:30-06:15`; `None` where it is neither, or no time lies between.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (from, to) = text.trim().split_once(['-', '–'])?;
        let (from, to) = (minute_of_day(from)?, minute_of_day(to)?);
        (from != to).then_some(Self { from, to })
    }

    fn cover(self, minute: u32) -> bool {
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }

    /// When they begin, as a clock shows it.
    pub(super) fn begin(self) -> String {
        clock(self.from)
    }

    /// When they end, as a clock shows it.
    pub(super) fn end(self) -> String {
        clock(self.to)
    }
}

fn minute_of_day(text: &str) -> Option<u32> {
    let text = text.trim().replace('.', ":");
    let (hour, minute) = text.split_once(':').unwrap_or((&text, "0"));
    let time = NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, 0)?;
    Some(time.hour() * 60 + time.minute())
}

fn clock(minute: u32) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// What someone of the team wants to hear, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Wishes {
    /// What they don't want to hear of.
    pub(super) off: BTreeSet<News>,
    /// When they don't want to be disturbed.
    pub(super) quiet: Option<QuietHours>,
    /// Whether what is urgent waits for the end of quiet hours as well.
    pub(super) urgent_waits: bool,
}

/// How a piece of news reaches someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// At once.
    Now,
    /// In the summary after the quiet hours.
    Later,
    /// Not at all.
    Never,
}

impl Wishes {
    /// How news of a kind reach them at a moment.
    pub(super) fn manner(&self, news: News, at: Timestamp, zone: FixedOffset) -> Manner {
        if self.off.contains(&news) {
            return Manner::Never;
        }
        let breaks_in = news.is_urgent() && !self.urgent_waits;
        if self.is_quiet(at, zone) && !breaks_in {
            Manner::Later
        } else {
            Manner::Now
        }
    }

    /// Whether they are not to be disturbed at a moment.
    pub(super) fn is_quiet(&self, at: Timestamp, zone: FixedOffset) -> bool {
        let time = at.with_timezone(&zone).time();
        let minute = time.hour() * 60 + time.minute();
        self.quiet.is_some_and(|quiet| quiet.cover(minute))
    }

    /// The wishes of someone; those who never said anything hear everything at once.
    pub(super) async fn of(shop: &Shop, who: CustomerId) -> Result<Self, StoreError> {
        let key = wishes_key(who);
        let stored = shop.store().find_state(shop.id(), KEEPER, &key).await?;
        let read = |bytes: Vec<u8>| serde_json::from_slice(&bytes).ok();
        Ok(stored.and_then(read).unwrap_or_default())
    }

    /// Keeps them in place of those someone had.
    pub(super) async fn keep(&self, shop: &Shop, who: CustomerId) -> Result<(), BotError> {
        put(shop, [(wishes_key(who), Some(encoded(self)))]).await
    }
}

fn wishes_key(who: CustomerId) -> String {
    format!("wishes/{who}")
}

/// A piece of news.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Piece {
    /// How the order or deposit of an invoice stands.
    Invoice(InvoiceId),
    /// A notice.
    Notice(Notice),
}

/// What waits for the end of someone's quiet hours.
#[derive(Debug, Default)]
pub(super) struct Pile {
    /// What they would have been told of, and of what kind it is, oldest first of each kind.
    pub(super) news: Vec<(News, Piece)>,
    keys: Vec<String>,
}

/// In front of the keys of what waits.
const KEPT: &str = "kept/";

/// Keeps a piece of news for someone; keeping it twice under one id keeps it once.
pub(super) async fn put_off(
    shop: &Shop,
    who: CustomerId,
    (news, id): (News, impl fmt::Display),
    piece: &Piece,
) -> Result<(), BotError> {
    let key = format!("{KEPT}{who}/{}/{id}", news.as_str());
    put(shop, [(key, Some(encoded(&(who, news, piece))))]).await
}

/// The most pieces that are looked at together; the rest of very many waits for the next time.
const PIECES_MAX: u32 = 2_000;

impl Pile {
    /// What is kept for everyone.
    pub(super) async fn all(shop: &Shop) -> Result<BTreeMap<CustomerId, Self>, StoreError> {
        let page = Page::first(PIECES_MAX);
        let store = shop.store();
        let kept = store.list_states(shop.id(), KEEPER, KEPT, page).await?;
        let mut piles: BTreeMap<_, Self> = BTreeMap::new();
        for (key, value) in kept.items {
            match serde_json::from_slice(&value) {
                Ok((who, news, piece)) => {
                    let pile = piles.entry(who).or_default();
                    pile.news.push((news, piece));
                    pile.keys.push(key);
                }
                Err(error) => tracing::warn!(%error, key, "news that were kept can't be read"),
            }
        }
        Ok(piles)
    }

    /// Lets go what was told.
    pub(super) async fn forget(self, shop: &Shop) -> Result<(), BotError> {
        put(shop, self.keys.into_iter().map(|key| (key, None))).await
    }
}

/// Keeps small values under their keys; `None` forgets.
pub(super) async fn put(
    shop: &Shop,
    values: impl IntoIterator<Item = (String, Option<Vec<u8>>)>,
) -> Result<(), BotError> {
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    for (key, value) in values {
        let plugin = KEEPER.to_owned();
        batch.push(ChatWrite::PutState { plugin, key, value });
    }
    Ok(shop.commit(batch).await?)
}

/// A value as it is kept.
pub(super) fn encoded<T: Serialize>(value: &T) -> Vec<u8> {
    json!(value).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_micros;

    fn at(hour: i64, minute: i64) -> Timestamp {
        from_micros((hour * 60 + minute) * 60_000_000)
    }

    #[test]
    fn quiet_hours_are_read_as_people_write_them() {
        for (text, begin, end) in [
            ("22-7", "22:00", "07:00"),
            (" 22:30 – 06.15 ", "22:30", "06:15"),
            ("0-8", "00:00", "08:00"),
        ] {
            let quiet = QuietHours::parse(text).unwrap();
            assert_eq!((quiet.begin(), quiet.end()), (begin.into(), end.into()));
        }
        for text in [
            "", "22", "7-7", "24-7", "22:60-7", "-", "a-b", "22-7-8", "-1-7",
        ] {
            assert_eq!(QuietHours::parse(text), None, "{text}");
        }
    }

    #[test]
    fn quiet_hours_may_pass_midnight_and_go_by_the_clock_on_the_wall() {
        let wishes = Wishes {
            quiet: QuietHours::parse("22-7"),
            ..Wishes::default()
        };
        let (utc, jakarta) = (
            FixedOffset::east_opt(0).unwrap(),
            FixedOffset::east_opt(7 * 3600).unwrap(),
        );
        for (hour, minute, quiet) in [(21, 59, false), (22, 0, true), (6, 59, true), (7, 0, false)]
        {
            assert_eq!(wishes.is_quiet(at(hour, minute), utc), quiet);
            assert_eq!(wishes.is_quiet(at(hour + 17, minute), jakarta), quiet);
        }
    }

    #[test]
    fn what_is_urgent_breaks_in_unless_it_shall_wait_too() {
        let utc = FixedOffset::east_opt(0).unwrap();
        let mut wishes = Wishes {
            quiet: QuietHours::parse("22-7"),
            off: BTreeSet::from([News::Expired]),
            urgent_waits: false,
        };
        let night = |wishes: &Wishes, news| wishes.manner(news, at(23, 0), utc);
        assert_eq!(night(&wishes, News::Case), Manner::Now);
        assert_eq!(night(&wishes, News::NewOrder), Manner::Later);
        assert_eq!(night(&wishes, News::Expired), Manner::Never);
        wishes.urgent_waits = true;
        assert_eq!(night(&wishes, News::Case), Manner::Later);
        assert_eq!(wishes.manner(News::Case, at(12, 0), utc), Manner::Now);
    }
}
