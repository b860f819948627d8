//! Replies: the team reads every text of the bot, words it anew, and gives the main views pictures.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::bot::action::{Action, PackError, Packed};
use crate::bot::dialog::{Answer, Choice, Open, Question, State};
use crate::bot::kept::{Change, KEEPER};
use crate::bot::menu;
use crate::bot::permission::Permission;
use crate::bot::plugin::{Command, MenuEntry, Plugin};
use crate::bot::rich::{Rich, Style};
use crate::bot::shop::paging;
use crate::bot::texts::{Author, FILES, Locale, Scene, WordingError, mark_of, t};
use crate::bot::view::{Button, View};
use crate::bot::{BotError, Ctx};
use crate::service::check_picture;
use crate::store::Listing;

use super::placeholders::{explained, sample};

/// Shows texts, and changes them.
#[derive(Debug, Clone, Copy)]
pub(in crate::bot::shop) struct Rewording;

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    /// The files of texts.
    Files,
    /// A page of the texts of a file.
    File(usize, u32),
    /// Asks what to look for.
    Search,
    /// A text, by the mark of its id.
    Show(u32),
    /// Asks for new words in a language.
    Edit(u32, usize),
    /// Asks whether the usual words shall come back.
    Reset(u32, usize),
    /// Brings them back.
    ResetSure(u32, usize),
    /// The views that may have a picture.
    Scenes,
    /// Asks for the picture of a view, by its place among all.
    Picture(usize),
    /// Asks whether to take it away.
    Bare(usize),
    /// Takes it away.
    BareSure(usize),
}

impl Action for Press {
    const PLUGIN: &'static str = KEEPER;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Settings)
    }
}

/// Which answer is awaited.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Asking {
    /// Words to look for.
    Search,
    /// New words of a text.
    Words { id: String, language: usize },
    /// Whether to use these.
    Sure {
        id: String,
        language: usize,
        words: String,
    },
    /// The picture of a view.
    Picture(usize),
}

impl State for Asking {
    const PLUGIN: &'static str = KEEPER;

    fn require(&self) -> Option<Permission> {
        Some(Permission::Settings)
    }
}

#[async_trait]
impl Plugin for Rewording {
    fn id(&self) -> &'static str {
        KEEPER
    }

    fn commands(&self, locale: Locale<'_>) -> Vec<Command> {
        vec![Command {
            name: "texts",
            summary: t!(locale, "command-texts"),
            require: Some(Permission::Settings),
        }]
    }

    fn menu(&self, locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let button = Button::new(t!(locale, "button-texts"), &Press::Files)?;
        Ok(vec![MenuEntry { place: 187, button }])
    }

    async fn on_command(&self, ctx: &Ctx<'_>, _: &str, args: &str) -> Result<(), BotError> {
        match args.is_empty() {
            true => files(ctx).await,
            false => search(ctx, args).await,
        }
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        match ctx.open(action)? {
            Press::Files => files(ctx).await,
            Press::File(group, page) => file(ctx, group, page).await,
            Press::Search => {
                let question = Question::line(t!(ctx, "texts-search-ask"));
                ctx.ask(&Asking::Search, question).await
            }
            Press::Show(mark) => show(ctx, known(ctx, mark)?).await,
            Press::Edit(mark, language) => {
                let id = known(ctx, mark)?.to_owned();
                ask_words(ctx, id, language, None).await
            }
            Press::Reset(mark, language) => ask_reset(ctx, known(ctx, mark)?, language).await,
            Press::ResetSure(mark, language) => {
                let id = known(ctx, mark)?;
                word(ctx, id, language, None).await?;
                show(ctx, id).await
            }
            Press::Scenes => scenes(ctx).await,
            Press::Picture(place) => ask_picture(ctx, place, None).await,
            Press::Bare(place) => ask_bare(ctx, place).await,
            Press::BareSure(place) => {
                let scene = scene(place)?;
                ctx.change_replies(Change::Picture(scene, None)).await?;
                scenes(ctx).await
            }
        }
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        match (dialog.state(ctx)?, answer) {
            (Asking::Search, Answer::Text(words)) => {
                ctx.leave_dialog().await?;
                search(ctx, words).await
            }
            (
                Asking::Words { id, language } | Asking::Sure { id, language, .. },
                Answer::Text(words),
            ) => try_words(ctx, id, language, words).await,
            (
                Asking::Sure {
                    id,
                    language,
                    words,
                },
                Answer::Choice(Choice::Confirm),
            ) => {
                ctx.leave_dialog().await?;
                word(ctx, &id, language, Some(&words)).await?;
                show(ctx, &id).await
            }
            (Asking::Picture(place), Answer::File { bytes, .. }) => {
                if check_picture(bytes).is_err() {
                    let wrong = t!(ctx, "picture-refused");
                    return ask_picture(ctx, place, Some(wrong)).await;
                }
                ctx.leave_dialog().await?;
                let change = Change::Picture(scene(place)?, Some(bytes));
                ctx.change_replies(change).await?;
                scenes(ctx).await
            }
            (Asking::Picture(place), Answer::Text(_)) => ask_picture(ctx, place, None).await,
            (asking, Answer::File { .. }) => {
                let question = Question::line(t!(ctx, "texts-in-words"));
                ctx.ask(&asking, question).await
            }
            (_, Answer::Choice(_)) => Err(BotError::Stale),
        }
    }
}

fn known<'a>(ctx: &'a Ctx<'_>, mark: u32) -> Result<&'a str, BotError> {
    ctx.locale().texts().id_of(mark).ok_or(BotError::Stale)
}

fn scene(place: usize) -> Result<Scene, BotError> {
    Scene::ALL.get(place).copied().ok_or(BotError::Stale)
}

/// What a file of texts is about, as people call it.
fn file_name(to: Locale<'_>, group: usize) -> Rich {
    match FILES.get(group).copied() {
        Some("bot") => t!(to, "texts-bot"),
        Some("storefront") => t!(to, "texts-storefront"),
        Some("checkout") => t!(to, "texts-checkout"),
        Some("orders") => t!(to, "texts-orders"),
        Some("wallet") => t!(to, "texts-wallet"),
        Some("admin") => t!(to, "texts-admin"),
        Some("catalogue") => t!(to, "texts-catalogue"),
        Some("stock") => t!(to, "texts-stock"),
        Some("team") => t!(to, "texts-team"),
        Some("customers") => t!(to, "texts-customers"),
        Some("broadcast") => t!(to, "texts-broadcast"),
        Some("notices") => t!(to, "texts-notices"),
        Some("reports") => t!(to, "texts-reports"),
        Some("operations") => t!(to, "texts-operations"),
        Some("settings") => t!(to, "texts-settings"),
        Some("contact") => t!(to, "texts-contact"),
        Some("replies") => t!(to, "texts-replies"),
        Some(other) => Rich::plain(other),
        None => t!(to, "texts-own"),
    }
}

async fn files(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let texts = ctx.locale().texts();
    let mut buttons = Vec::new();
    for group in 0..=FILES.len() {
        let count = texts.ids_of(group).len();
        if count > 0 {
            let name = file_name(ctx.locale(), group);
            let label = t!(ctx, "button-texts-file", name = name, count = count);
            buttons.push(Button::new(label, &Press::File(group, 0))?);
        }
    }
    let pairs = buttons.chunks(2).map(<[Button]>::to_vec);
    let view = pairs.fold(View::text(t!(ctx, "texts")), View::row);
    let view = view.row([
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
        Button::new(t!(ctx, "button-scenes"), &Press::Scenes)?,
    ]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// A button for each of these texts.
fn rows(ctx: &Ctx<'_>, view: View, ids: &[&str]) -> Result<View, BotError> {
    let (locale, texts) = (ctx.locale(), ctx.locale().texts());
    let mut view = view;
    for id in ids {
        let shown = texts
            .shown(locale.place(), id)
            .or_else(|| texts.shown(0, id));
        let words = shown.map_or_else(String::new, |shown| shown.words.replace('\n', " "));
        let words = Rich::parse(&words).shortened(30);
        let is_own =
            (0..locale.languages().len()).any(|language| texts.words_of(language, id).is_some());
        let label = match is_own {
            true => t!(ctx, "button-text-own", id = *id, words = words),
            false => t!(ctx, "button-text", id = *id, words = words),
        };
        view = view.row([Button::new(label, &Press::Show(mark_of(id)))?]);
    }
    Ok(view)
}

async fn file(ctx: &Ctx<'_>, group: usize, page: u32) -> Result<(), BotError> {
    let ids = ctx.locale().texts().ids_of(group);
    let total = u64::try_from(ids.len()).unwrap_or(u64::MAX);
    let part = async |rows: crate::store::Page| {
        let (offset, limit) = (usize::try_from(rows.offset), usize::try_from(rows.limit));
        let ids = ids.iter().skip(offset.unwrap_or(usize::MAX));
        let items: Vec<_> = ids.take(limit.unwrap_or(0)).copied().collect();
        Ok::<_, BotError>(Listing { items, total })
    };
    let (page, found) = paging::load(page, part).await?;
    let name = file_name(ctx.locale(), group);
    let view = View::text(t!(ctx, "texts-file", name = name, count = total));
    let view = rows(ctx, view, &found.items)?;
    let view = paging::turn(ctx, view, page, total, |page| Press::File(group, page))?;
    let view = view.row([Button::new(t!(ctx, "button-texts"), &Press::Files)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Texts that are found at a time.
const FOUND_MAX: usize = 10;

async fn search(ctx: &Ctx<'_>, words: &str) -> Result<(), BotError> {
    let found = match words.trim().is_empty() {
        true => Vec::new(),
        false => ctx.locale().texts().search(words),
    };
    let few = &found[..found.len().min(FOUND_MAX)];
    let text = match found.len() {
        0 => t!(ctx, "texts-found-none"),
        count => t!(ctx, "texts-found", count = count, shown = few.len()),
    };
    let view = rows(ctx, View::text(text), few)?.row([
        Button::new(t!(ctx, "button-search"), &Press::Search)?,
        Button::new(t!(ctx, "button-texts"), &Press::Files)?,
    ]);
    ctx.reply(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn show(ctx: &Ctx<'_>, id: &str) -> Result<(), BotError> {
    let (locale, mark) = (ctx.locale(), mark_of(id));
    let texts = locale.texts();
    let group = texts.group_of(id).ok_or(BotError::Stale)?;
    let mut text = t!(ctx, "text", id = id, file = file_name(locale, group));
    let (mut edits, mut resets) = (Vec::new(), Vec::new());
    for (language, (_, name)) in locale.languages().iter().enumerate() {
        let Some(shown) = texts.shown(language, id) else {
            continue;
        };
        let author = match shown.author {
            Author::Program => t!(ctx, "text-of-program", language = name),
            Author::File => t!(ctx, "text-of-file", language = name),
            Author::Team => t!(ctx, "text-of-team", language = name),
        };
        let words = Rich::styled(shown.words, Style::Pre);
        text = text.paragraph(author.line(words));
        let edit = t!(ctx, "button-text-edit", language = name);
        edits.push(Button::new(edit, &Press::Edit(mark, language))?);
        if shown.author == Author::Team {
            let reset = t!(ctx, "button-text-reset", language = name);
            resets.push(Button::new(reset, &Press::Reset(mark, language))?);
        }
    }
    let text = text.paragraph(placeholders(ctx, id));
    let back = Button::new(file_name(locale, group), &Press::File(group, 0))?;
    let view = View::text(text).row(edits).row(resets).row([back]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// What the bot fills in, and what stands for it.
fn placeholders(ctx: &Ctx<'_>, id: &str) -> Rich {
    let given = ctx.locale().texts().placeholders(id);
    if given.all.is_empty() {
        return t!(ctx, "text-no-placeholders");
    }
    let names = given.all.iter();
    names.fold(t!(ctx, "text-placeholders"), |text, name| {
        let what = explained(ctx.locale(), name);
        let place = format!("{{ ${name} }}");
        text.line(match given.choosing.contains(name) {
            true => t!(ctx, "text-placeholder-choosing", place = place, what = what),
            false => t!(ctx, "text-placeholder", place = place, what = what),
        })
    })
}

async fn ask_words(
    ctx: &Ctx<'_>,
    id: String,
    language: usize,
    wrong: Option<Rich>,
) -> Result<(), BotError> {
    let shown = ctx.locale().texts().shown(language, &id);
    let words = Rich::styled(shown.ok_or(BotError::Stale)?.words, Style::Pre);
    let ask = t!(ctx, "text-ask").paragraph(words);
    let ask = ask.paragraph(placeholders(ctx, &id));
    let question = Question::paste(wrong.unwrap_or_default().paragraph(ask));
    ctx.ask(&Asking::Words { id, language }, question).await
}

/// Shows new words as they will be read, and asks whether to use them.
async fn try_words(
    ctx: &Ctx<'_>,
    id: String,
    language: usize,
    words: &str,
) -> Result<(), BotError> {
    let (locale, room) = (ctx.locale(), ctx.limits().text);
    let tried = locale.tried(&id, words, room, |name| sample(locale, name));
    let seen = match tried {
        Ok(seen) => seen,
        Err(error) => return ask_words(ctx, id, language, Some(wrong(ctx, &error))).await,
    };
    ctx.reply(View::text(seen)).await?;
    let words = words.trim().to_owned();
    let question = Question::choice(t!(ctx, "text-sure"));
    let question = question.or(Choice::Confirm, t!(ctx, "button-text-use"));
    let sure = Asking::Sure {
        id,
        language,
        words,
    };
    ctx.ask(&sure, question).await
}

fn wrong(ctx: &Ctx<'_>, error: &WordingError) -> Rich {
    let place = |name: &String| format!("{{ ${name} }}");
    match error {
        WordingError::Empty => t!(ctx, "text-empty"),
        WordingError::Syntax => t!(ctx, "text-braces"),
        WordingError::Foreign(name) => t!(ctx, "text-foreign", place = place(name)),
        WordingError::Missing(name) => t!(ctx, "text-missing", place = place(name)),
        WordingError::Tags => t!(ctx, "text-tags"),
        WordingError::Label => t!(ctx, "text-label"),
        WordingError::TooLong { max, actual } => {
            t!(ctx, "text-too-long", max = *max, actual = *actual)
        }
    }
}

async fn ask_reset(ctx: &Ctx<'_>, id: &str, language: usize) -> Result<(), BotError> {
    let mark = mark_of(id);
    let sure = Button::new(
        t!(ctx, "button-reset-sure"),
        &Press::ResetSure(mark, language),
    )?;
    let back = Button::new(t!(ctx, "button-return"), &Press::Show(mark))?;
    let view = View::text(t!(ctx, "text-reset-sure", id = id)).row([sure, back]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

/// Uses these words from now on, or the usual ones.
async fn word(
    ctx: &Ctx<'_>,
    id: &str,
    language: usize,
    words: Option<&str>,
) -> Result<(), BotError> {
    let languages = ctx.locale().languages();
    let (tag, _) = languages.get(language).ok_or(BotError::Stale)?;
    ctx.change_replies(Change::Words { tag, id, words }).await
}

fn scene_name(to: Locale<'_>, scene: Scene) -> Rich {
    match scene {
        Scene::Welcome => t!(to, "scene-welcome"),
        Scene::Catalogue => t!(to, "scene-catalogue"),
        Scene::Products => t!(to, "scene-products"),
        Scene::Checkout => t!(to, "scene-checkout"),
        Scene::Wallet => t!(to, "scene-wallet"),
        Scene::Help => t!(to, "scene-help"),
        Scene::Terms => t!(to, "scene-terms"),
    }
}

async fn scenes(ctx: &Ctx<'_>) -> Result<(), BotError> {
    let locale = ctx.locale();
    let mut view = View::text(t!(ctx, "scenes"));
    for (place, scene) in Scene::ALL.into_iter().enumerate() {
        let name = scene_name(locale, scene);
        let row = match locale.picture(scene) {
            None => {
                let label = t!(ctx, "button-scene-bare", name = name);
                vec![Button::new(label, &Press::Picture(place))?]
            }
            Some(_) => {
                let label = t!(ctx, "button-scene", name = name);
                let bare = Button::new(t!(ctx, "button-scene-remove"), &Press::Bare(place))?;
                vec![Button::new(label, &Press::Picture(place))?, bare]
            }
        };
        view = view.row(row);
    }
    let view = view.row([Button::new(t!(ctx, "button-texts"), &Press::Files)?]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}

async fn ask_picture(ctx: &Ctx<'_>, place: usize, wrong: Option<Rich>) -> Result<(), BotError> {
    let name = scene_name(ctx.locale(), scene(place)?);
    let ask = t!(ctx, "scene-ask", name = name);
    let question = Question::paste(wrong.unwrap_or_default().paragraph(ask));
    ctx.ask(&Asking::Picture(place), question).await
}

async fn ask_bare(ctx: &Ctx<'_>, place: usize) -> Result<(), BotError> {
    let name = scene_name(ctx.locale(), scene(place)?);
    let sure = Button::new(t!(ctx, "button-bare-sure"), &Press::BareSure(place))?;
    let back = Button::new(t!(ctx, "button-return"), &Press::Scenes)?;
    let view = View::text(t!(ctx, "scene-bare-sure", name = name)).row([sure, back]);
    ctx.show(menu::offer(view, ctx)?).await?;
    Ok(())
}
