//! Anti-spam: whoever does many things at once is warned, then the team is told of them, then they
//! are kept out for a while.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::Duration;

use super::context::Ctx;
use super::error::BotError;
use super::frontend::Crowd;
use super::middleware::{Middleware, Next};
use super::permission::Permissions;
use super::texts::t;
use super::view::View;
use crate::customer::Standing;
use crate::id::CustomerId;
use crate::time::Timestamp;

/// So many deeds in a row, each within so long of the last, are too many.
const ROW: u32 = 5;
const QUICK: Duration = Duration::seconds(1);
/// What was under way when a warning was sent is not held against its reader.
const GRACE: Duration = Duration::seconds(2);
/// Who was calm for so long is warned anew.
const CALM: Duration = Duration::seconds(60);
/// Customers remembered before those who have calmed down are forgotten.
const REMEMBERED_MAX: usize = 10_000;

/// Keeps those who flood the bot from it: a warning, a word to the team, a ban that lifts by itself.
/// The team itself, and whoever sits at the shop's own machine, may be as quick as they like.
///
/// How quick someone is, is known to the process that answers them; what follows is in the store.
pub struct AntiSpam {
    ban: Duration,
    quick: Mutex<HashMap<CustomerId, Pace>>,
}

/// How far it went with someone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Calm,
    Warned,
    Told,
}

/// How quick someone is.
#[derive(Debug, Clone, Copy)]
struct Pace {
    last: Timestamp,
    /// Deeds in a row, since the stage changed where that was within it.
    row: u32,
    /// Whether the row goes on behind a warning: it is not answered then.
    goes_on: bool,
    stage: Stage,
    since: Timestamp,
}

/// What is to be done about a deed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Answer,
    Ignore,
    Warn,
    Tell,
    Ban,
}

impl Pace {
    fn new(now: Timestamp) -> Self {
        Self {
            last: now,
            row: 0,
            goes_on: false,
            stage: Stage::Calm,
            since: now,
        }
    }

    fn judge(&mut self, now: Timestamp) -> Verdict {
        let pause = now - self.last;
        self.last = now;
        if pause >= CALM {
            self.stage = Stage::Calm;
        }
        if pause >= QUICK {
            (self.row, self.goes_on) = (0, false);
        }
        self.row = self.row.saturating_add(1);
        let within_grace = self.stage != Stage::Calm && now - self.since < GRACE;
        if self.row < ROW || within_grace {
            return match self.goes_on || self.row >= ROW {
                true => Verdict::Ignore,
                false => Verdict::Answer,
            };
        }
        let (stage, verdict) = match self.stage {
            Stage::Calm => (Stage::Warned, Verdict::Warn),
            Stage::Warned => (Stage::Told, Verdict::Tell),
            Stage::Told => (Stage::Calm, Verdict::Ban),
        };
        (self.stage, self.since) = (stage, now);
        (self.row, self.goes_on) = (0, true);
        verdict
    }
}

impl AntiSpam {
    /// How long a ban lasts where nothing else is said.
    pub const BAN: std::time::Duration = std::time::Duration::from_secs(10 * 60);

    /// Bans for so long whoever goes on.
    #[must_use]
    pub fn banning_for(ban: std::time::Duration) -> Self {
        Self {
            ban: Duration::from_std(ban).unwrap_or(Duration::days(365)),
            quick: Mutex::default(),
        }
    }

    fn judge(&self, customer: CustomerId, now: Timestamp) -> Verdict {
        let mut quick = self.quick.lock().unwrap_or_else(PoisonError::into_inner);
        if quick.len() >= REMEMBERED_MAX {
            quick.retain(|_, pace| now - pace.last < CALM);
        }
        let pace = quick.entry(customer);
        pace.or_insert_with(|| Pace::new(now)).judge(now)
    }
}

impl fmt::Debug for AntiSpam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AntiSpam(bans for {})", self.ban)
    }
}

#[async_trait]
impl Middleware for AntiSpam {
    async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError> {
        let (now, customer) = (ctx.shop().now(), ctx.customer());
        let is_exempt = match ctx.limits().crowd {
            Crowd::Owner => true,
            Crowd::Public => ctx.permissions() != Permissions::none(),
        };
        if is_exempt || customer.standing_at(now) == Standing::Banned {
            return next.run(ctx).await;
        }
        let customers = ctx.shop().customers();
        match self.judge(customer.id, now) {
            Verdict::Answer => next.run(ctx).await,
            Verdict::Ignore => Ok(()),
            Verdict::Warn => {
                ctx.reply(View::text(t!(ctx, "spam-warning"))).await?;
                Ok(())
            }
            Verdict::Tell => Ok(customers.report_spam(customer.id).await?),
            Verdict::Ban => {
                let until = now + self.ban;
                customers.ban_for_spam(customer.id, until).await?;
                let text = t!(ctx, "spam-banned", until = ctx.moment(until));
                ctx.reply(View::text(text)).await?;
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_micros;

    fn at(millis: i64) -> Timestamp {
        from_micros(millis * 1_000)
    }

    /// What is done about deeds at these times, from 0 on every `step` milliseconds.
    fn verdicts(pace: &mut Pace, from: i64, step: i64, count: i64) -> Vec<Verdict> {
        let times = (0..count).map(|n| at(from + n * step));
        times.map(|now| pace.judge(now)).collect()
    }

    #[test]
    fn a_pace_of_one_deed_a_second_is_never_too_quick() {
        let verdicts = verdicts(&mut Pace::new(at(0)), 0, 1_000, 100);
        assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Answer));
    }

    #[test]
    fn five_in_a_row_are_warned_and_whoever_goes_on_is_told_of_and_banned() {
        let mut pace = Pace::new(at(0));
        let said = verdicts(&mut pace, 0, 500, 15);
        let expected = |fifth| {
            let mut row = vec![Verdict::Ignore; 4];
            row.push(fifth);
            row
        };
        assert_eq!(said[..4], [Verdict::Answer; 4]);
        assert_eq!(said[4], Verdict::Warn);
        assert_eq!(said[5..10], expected(Verdict::Tell));
        assert_eq!(said[10..], expected(Verdict::Ban));
    }

    #[test]
    fn what_arrives_with_the_fifth_is_not_held_against_anyone() {
        let mut pace = Pace::new(at(0));
        let said = verdicts(&mut pace, 0, 1, 1_000);
        let grave = |verdict: &&Verdict| !matches!(verdict, Verdict::Answer | Verdict::Ignore);
        assert_eq!(said.iter().filter(grave).count(), 1, "a warning alone");
    }

    #[test]
    fn a_pause_is_answered_again_and_a_minute_forgives() {
        let mut pace = Pace::new(at(0));
        verdicts(&mut pace, 0, 500, 5);
        assert_eq!(pace.judge(at(10_000)), Verdict::Answer);
        assert_eq!(verdicts(&mut pace, 10_100, 500, 4)[3], Verdict::Tell);
        assert_eq!(verdicts(&mut pace, 80_000, 500, 5)[4], Verdict::Warn);
    }
}
