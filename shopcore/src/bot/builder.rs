//! Putting a bot together.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::task::JoinSet;

use super::desk::Desk;
use super::dialog::CHOICE;
use super::dispatch::{Core, Dispatcher};
use super::error::BotError;
use super::frontend::{Frontend, FrontendError};
use super::menu;
use super::middleware::{Bans, Chain, Middleware, RateLimit, Tracing};
use super::permission::{Permissions, Team};
use super::plugin::Plugin;
use super::shop::Door;
use super::spam::AntiSpam;
use super::texts::{Texts, TextsError};
use super::turns::{Seen, Turns};
use crate::Shop;
use crate::customer::{Chat, Contact, FrontendName};
use crate::jobs::{Jobs, Shutdown};

/// Why a bot can't be put together or can't go on.
#[derive(Debug, Error)]
pub enum RunError {
    /// Two plug-ins have one id, or one has an id of the framework's.
    #[error("two plug-ins have the id {0:?}, or it is taken by the framework")]
    PluginTwice(&'static str),
    /// No plug-in of the bot has the id of one to leave out.
    #[error("there is no plug-in {id:?} to leave out; there are {}", known.join(", "))]
    NoPlugin {
        /// What was to be left out.
        id: String,
        /// The plug-ins of the bot.
        known: Vec<&'static str>,
    },
    /// Two plug-ins know one command, or one knows a command of the framework's.
    #[error("two plug-ins know the command {0:?}, or it is known to the framework")]
    CommandTwice(&'static str),
    /// Two frontends have one name.
    #[error("two frontends are named {0}")]
    FrontendTwice(FrontendName),
    /// The built-in texts, or those of a plug-in, are broken.
    #[error(transparent)]
    Texts(#[from] TextsError),
    /// A frontend can't go on.
    #[error("frontend {name} stopped")]
    Frontend {
        /// Which.
        name: FrontendName,
        /// Why.
        #[source]
        source: FrontendError,
    },
}

/// Puts a bot together from a shop, plug-ins and frontends.
#[derive(Debug)]
pub struct Bot {
    shop: Shop,
    plugins: Vec<Box<dyn Plugin>>,
    without: Vec<String>,
    frontends: Vec<Arc<dyn Frontend>>,
    team: Team,
    texts: Option<Texts>,
    alerts: Vec<Chat>,
    middleware: Vec<Box<dyn Middleware>>,
    spam_ban: Duration,
}

impl Bot {
    /// A bot of a shop that can do nothing yet but answer politely.
    #[must_use]
    pub fn new(shop: Shop) -> Self {
        Self {
            shop,
            plugins: Vec::new(),
            without: Vec::new(),
            frontends: Vec::new(),
            team: Team::default(),
            texts: None,
            alerts: Vec::new(),
            middleware: Vec::new(),
            spam_ban: AntiSpam::BAN,
        }
    }

    /// Adds plug-ins, such as [`storefront`](super::storefront).
    #[must_use]
    pub fn plugins(mut self, plugins: impl IntoIterator<Item = Box<dyn Plugin>>) -> Self {
        self.plugins.extend(plugins);
        self
    }

    /// Adds a plug-in.
    #[must_use]
    pub fn plugin(self, plugin: impl Plugin + 'static) -> Self {
        self.plugins([Box::new(plugin) as Box<dyn Plugin>])
    }

    /// Leaves out a plug-in by its id, such as `broadcast`; no button of another leads to it any
    /// more. [`build`](Self::build) refuses an id that no plug-in has, and tells those there are.
    #[must_use]
    pub fn without(mut self, id: impl Into<String>) -> Self {
        self.without.push(id.into());
        self
    }

    /// Adds a frontend.
    #[must_use]
    pub fn frontend(self, frontend: impl Frontend + 'static) -> Self {
        self.shared_frontend(Arc::new(frontend))
    }

    /// Adds a frontend that others hold too.
    #[must_use]
    pub fn shared_frontend(mut self, frontend: Arc<dyn Frontend>) -> Self {
        self.frontends.push(frontend);
        self
    }

    /// Makes people admins, with every permission.
    #[must_use]
    pub fn admins(self, contacts: impl IntoIterator<Item = Contact>) -> Self {
        let all = Permissions::all();
        contacts
            .into_iter()
            .fold(self, |bot, contact| bot.grant(contact, all))
    }

    /// Gives a person permissions.
    #[must_use]
    pub fn grant(mut self, contact: Contact, permissions: Permissions) -> Self {
        self.team.grant(contact, permissions);
        self
    }

    /// Tells of trouble with the shop in this chat, such as a channel of its owners, in place of
    /// the chats of those who may change its settings.
    #[must_use]
    pub fn alerts(mut self, chat: Chat) -> Self {
        self.alerts.push(chat);
        self
    }

    /// Speaks with these texts in place of [`Texts::shipped`].
    #[must_use]
    pub fn texts(self, texts: Texts) -> Self {
        Self {
            texts: Some(texts),
            ..self
        }
    }

    /// Bans whoever goes on flooding the bot for so long, in place of [`AntiSpam::BAN`].
    #[must_use]
    pub fn spam_ban(self, spam_ban: Duration) -> Self {
        Self { spam_ban, ..self }
    }

    /// Adds a middleware, nearest to the plug-ins. Tracing, the guard against spam, the rate limit,
    /// bans and the door that maintenance closes stand before it.
    #[must_use]
    pub fn middleware(mut self, middleware: impl Middleware + 'static) -> Self {
        self.middleware.push(Box::new(middleware));
        self
    }

    /// Checks the parts and puts them together.
    ///
    /// # Errors
    /// [`RunError`] when parts don't fit together.
    pub fn build(mut self) -> Result<Dispatcher, RunError> {
        leave_out(&mut self.plugins, self.without)?;
        let texts = match self.texts {
            Some(texts) => texts,
            None => Texts::shipped()?,
        };
        let mut brought = self.plugins.iter().flat_map(|plugin| plugin.texts());
        let texts = brought.try_fold(texts, |texts, (language, source)| {
            texts.with(language, source)
        })?;
        let texts = texts.in_zone(self.shop.settings().zone);
        check_plugins(&self.plugins, &texts)?;
        check_frontends(&self.frontends)?;
        let mut middleware: Vec<Box<dyn Middleware>> = vec![
            Box::new(Tracing),
            Box::new(AntiSpam::banning_for(self.spam_ban)),
            Box::<RateLimit>::default(),
            Box::new(Bans),
            Box::new(Door),
        ];
        middleware.extend(self.middleware);
        Ok(Dispatcher(Arc::new(Core {
            shop: self.shop,
            plugins: self.plugins,
            frontends: self.frontends,
            team: self.team,
            texts,
            alerts: self.alerts,
            middleware,
            turns: Turns::default(),
            seen: Seen::default(),
        })))
    }

    /// Runs the bot and the shop's jobs until its frontends end.
    ///
    /// # Errors
    /// [`RunError`] when parts don't fit together or a frontend can't go on.
    pub async fn run(self) -> Result<(), RunError> {
        let (_stopper, shutdown) = Shutdown::new();
        self.build()?.run(shutdown).await
    }
}

impl Dispatcher {
    /// Runs the frontends and the shop's jobs until the frontends end, which `shutdown` asks of
    /// them.
    ///
    /// # Errors
    /// [`RunError::Frontend`] when one can't go on; the others end with it.
    pub async fn run(&self, shutdown: Shutdown) -> Result<(), RunError> {
        let (stop, stopped) = Shutdown::new();
        let mut frontends = JoinSet::new();
        for frontend in &self.0.frontends {
            let (frontend, bot) = (Arc::clone(frontend), self.clone());
            let asked = either(shutdown.clone(), stopped.clone());
            frontends.spawn(async move {
                let name = frontend.name().clone();
                let ended = frontend.run(bot, asked).await;
                ended.map_err(|source| RunError::Frontend { name, source })
            });
        }
        let jobs = Jobs::new(self.shop().clone(), Arc::new(self.clone()));
        let (bot, own) = (self.clone(), jobs.clone());
        let ending = stopped.clone();
        let plugins = tokio::spawn(async move { bot.run_plugins(&own, ending).await });
        let jobs = tokio::spawn(async move { jobs.run(stopped).await });
        let mut outcome = Ok(());
        while let Some(ended) = frontends.join_next().await {
            if let Ok(Err(error)) = ended {
                outcome = outcome.and(Err(error));
                stop.stop();
            }
        }
        stop.stop();
        if let Err(error) = jobs.await {
            tracing::error!(%error, "the jobs ended badly");
        }
        if let Err(error) = plugins.await {
            tracing::error!(%error, "the plug-ins' jobs ended badly");
        }
        outcome
    }

    /// Runs the plug-ins' jobs until it is time to end.
    async fn run_plugins(&self, jobs: &Jobs, shutdown: Shutdown) {
        let mut running = JoinSet::new();
        for (index, plugin) in self.0.plugins.iter().enumerate() {
            for job in plugin.jobs() {
                let (bot, jobs, ending) = (self.clone(), jobs.clone(), shutdown.clone());
                running.spawn(async move {
                    let name = format!("{}/{}", bot.0.plugins[index].id(), job.name);
                    let work = || bot.run_job(index, job.name);
                    jobs.repeat(&name, job.every, job.every, ending, work).await;
                });
            }
        }
        while let Some(ended) = running.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a plug-in's job ended badly");
            }
        }
    }

    /// Does a job of a plug-in, and tells whether it went well.
    async fn run_job(&self, plugin: usize, name: &str) -> bool {
        let plugin = &self.0.plugins[plugin];
        self.0.take_up_replies().await;
        let ran = plugin.on_job(&Desk::new(&self.0), name).await;
        if let Err(error) = &ran {
            let (plugin, error) = (plugin.id(), Chain(error));
            tracing::warn!(plugin, job = name, %error, "a plug-in's job failed");
        }
        ran.is_ok()
    }

    /// Does a job of a plug-in once, whoever holds its lease.
    ///
    /// # Errors
    /// [`BotError`] of the plug-in; [`BotError::Stale`] where there is no such plug-in.
    pub async fn run_plugin_job(&self, plugin: &str, name: &str) -> Result<(), BotError> {
        let plugin = self.0.plugin(plugin).ok_or(BotError::Stale)?;
        plugin.on_job(&Desk::new(&self.0), name).await
    }
}

/// Begins when one of the two does.
fn either(mut one: Shutdown, mut other: Shutdown) -> Shutdown {
    let (stopper, both) = Shutdown::new();
    tokio::spawn(async move {
        tokio::select! {
            () = one.wait() => {}
            () = other.wait() => {}
        }
        stopper.stop();
    });
    both
}

fn leave_out(plugins: &mut Vec<Box<dyn Plugin>>, ids: Vec<String>) -> Result<(), RunError> {
    let known: Vec<_> = plugins.iter().map(|plugin| plugin.id()).collect();
    if let Some(id) = ids.iter().find(|id| !known.contains(&id.as_str())) {
        let id = id.clone();
        return Err(RunError::NoPlugin { id, known });
    }
    plugins.retain(|plugin| !ids.iter().any(|id| id == plugin.id()));
    Ok(())
}

fn check_plugins(plugins: &[Box<dyn Plugin>], texts: &Texts) -> Result<(), RunError> {
    let mut ids = vec![CHOICE, menu::PLUGIN];
    let mut commands = menu::COMMANDS.to_vec();
    for plugin in plugins {
        if ids.contains(&plugin.id()) || plugin.id().contains(':') {
            return Err(RunError::PluginTwice(plugin.id()));
        }
        ids.push(plugin.id());
        for command in plugin.commands(texts.locale(None)) {
            if commands.contains(&command.name) {
                return Err(RunError::CommandTwice(command.name));
            }
            commands.push(command.name);
        }
    }
    Ok(())
}

fn check_frontends(frontends: &[Arc<dyn Frontend>]) -> Result<(), RunError> {
    for (index, frontend) in frontends.iter().enumerate() {
        if frontends[..index]
            .iter()
            .any(|other| other.name() == frontend.name())
        {
            return Err(RunError::FrontendTwice(frontend.name().clone()));
        }
    }
    Ok(())
}
