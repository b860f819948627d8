//! Middleware: what stands between a person and the plug-ins.

use std::fmt;
use std::num::NonZeroU32;

use async_trait::async_trait;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::context::Ctx;
use super::dispatch::route;
use super::error::BotError;
use super::frontend::Crowd;
use super::texts::t;
use super::view::View;
use crate::customer::{Chat, Standing};

/// Stands around the answer to every deed; it may answer in its place.
///
/// ```
/// use async_trait::async_trait;
/// use shopcore::bot::middleware::{Middleware, Next};
/// use shopcore::bot::permission::Permission;
/// use shopcore::bot::rich::Rich;
/// use shopcore::bot::view::View;
/// use shopcore::bot::{BotError, Ctx};
///
/// /// Lets only the team in.
/// #[derive(Debug)]
/// struct Closed;
///
/// #[async_trait]
/// impl Middleware for Closed {
///     async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError> {
///         if ctx.permissions().allow(Some(Permission::Orders)) {
///             return next.run(ctx).await;
///         }
///         ctx.reply(View::text(Rich::plain("We open on Monday."))).await?;
///         Ok(())
///     }
/// }
/// # use shopcore::bot::{Bot, storefront};
/// # use shopcore::{MemoryStore, Shop, money::Currency};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let shop = Shop::builder(Currency::IDR).store(MemoryStore::default()).build().await?;
/// Bot::new(shop).plugins(storefront()).middleware(Closed).run().await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait Middleware: Send + Sync + fmt::Debug {
    /// Answers, as a rule by calling `next`.
    ///
    /// # Errors
    /// [`BotError`]; the person is told.
    async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError>;
}

/// What comes after a middleware: the next one, and the plug-ins at last.
#[derive(Debug, Clone, Copy)]
pub struct Next<'a>(&'a [Box<dyn Middleware>]);

impl<'a> Next<'a> {
    pub(super) fn new(chain: &'a [Box<dyn Middleware>]) -> Self {
        Self(chain)
    }

    /// Goes on.
    ///
    /// # Errors
    /// [`BotError`] of whatever comes next.
    pub async fn run(self, ctx: &Ctx<'_>) -> Result<(), BotError> {
        match self.0.split_first() {
            Some((first, rest)) => first.around(ctx, Self(rest)).await,
            None => route(ctx).await,
        }
    }
}

/// Records every deed, without its words, and how it was answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Tracing;

#[async_trait]
impl Middleware for Tracing {
    async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError> {
        let incoming = ctx.incoming();
        let (chat, frontend) = (&incoming.chat.id, &incoming.chat.frontend);
        tracing::debug!(%frontend, %chat, kind = ?incoming.kind, "incoming");
        let answered = next.run(ctx).await;
        if let Err(error) = &answered {
            tracing::debug!(%frontend, %chat, error = %Chain(error), "refused");
        }
        answered
    }
}

/// An error followed by what caused it.
pub(super) struct Chain<'a>(pub(super) &'a dyn std::error::Error);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

/// Answers nobody faster than a person can read: bursts are answered, floods are not.
pub struct RateLimit {
    answers: DefaultKeyedRateLimiter<Chat>,
    warnings: DefaultKeyedRateLimiter<Chat>,
}

const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);
const PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(2);
/// Chats remembered before those that have calmed down are forgotten.
const CHATS_MAX: usize = 10_000;

impl Default for RateLimit {
    /// Bursts of 20, then 3 a second; a flooding chat is warned once a minute.
    fn default() -> Self {
        let warning = Quota::per_minute(NonZeroU32::MIN);
        Self {
            answers: RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST)),
            warnings: RateLimiter::keyed(warning),
        }
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RateLimit({} chats)", self.answers.len())
    }
}

impl RateLimit {
    fn forget_calm_chats(&self) {
        if self.answers.len() > CHATS_MAX {
            self.answers.retain_recent();
            self.warnings.retain_recent();
        }
    }
}

#[async_trait]
impl Middleware for RateLimit {
    async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError> {
        self.forget_calm_chats();
        let within = match ctx.limits().crowd {
            Crowd::Owner => true,
            Crowd::Public => self.answers.check_key(ctx.chat()).is_ok(),
        };
        if within {
            return next.run(ctx).await;
        }
        if self.warnings.check_key(ctx.chat()).is_ok() {
            ctx.reply(View::text(t!(ctx, "too-fast"))).await?;
        }
        Ok(())
    }
}

/// Keeps banned customers out, until their ban is over; never those whom the program itself permits
/// something.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bans;

#[async_trait]
impl Middleware for Bans {
    async fn around(&self, ctx: &Ctx<'_>, next: Next<'_>) -> Result<(), BotError> {
        let customer = ctx.customer();
        if ctx.core().team.has(&customer.contact) {
            return next.run(ctx).await;
        }
        match (customer.standing, customer.standing_at(ctx.shop().now())) {
            (Standing::Welcome, _) => next.run(ctx).await,
            (Standing::Banned, Standing::Welcome) => {
                ctx.shop().customers().lift_ban(customer.id).await?;
                next.run(ctx).await
            }
            (Standing::Banned, Standing::Banned) => {
                let text = match customer.banned_until {
                    Some(until) => t!(ctx, "banned-until", until = ctx.moment(until)),
                    None => t!(ctx, "banned"),
                };
                ctx.reply(View::text(text)).await?;
                Ok(())
            }
        }
    }
}
