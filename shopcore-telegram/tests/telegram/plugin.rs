//! A plug-in that shows one view of each kind.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use shopcore::bot::action::{Action, PackError, Packed};
use shopcore::bot::dialog::{Answer, Open, Question, State};
use shopcore::bot::plugin::{Command, MenuEntry, Plugin};
use shopcore::bot::rich::{Rich, Style};
use shopcore::bot::texts::Locale;
use shopcore::bot::view::{Button, Media, View};
use shopcore::bot::{BotError, Ctx, menu};
use tokio::sync::Semaphore;

pub(crate) const QR: &str = "00020101021226610014COM.EXAMPLE";

/// Its `/wait` answers when the gate lets it through.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    pub(crate) gate: Arc<Semaphore>,
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            gate: Arc::new(Semaphore::new(0)),
        }
    }
}

#[derive(Debug, Serialize, Deserialize)]
enum Press {
    Greet,
    Scan,
    Fetch,
    Recite,
    Ask,
}

impl Action for Press {
    const PLUGIN: &'static str = "sample";
}

#[derive(Debug, Serialize, Deserialize)]
struct Pasting;

impl State for Pasting {
    const PLUGIN: &'static str = "sample";
}

#[async_trait]
impl Plugin for Sample {
    fn id(&self) -> &'static str {
        "sample"
    }

    fn commands(&self, _locale: Locale<'_>) -> Vec<Command> {
        let command = |name| Command {
            name,
            summary: Rich::plain(name),
            require: None,
        };
        vec![command("wait"), command("echo")]
    }

    fn menu(&self, _locale: Locale<'_>) -> Result<Vec<MenuEntry>, PackError> {
        let entry = |(place, (label, press))| {
            let button = Button::new(label, &press)?;
            Ok(MenuEntry { place, button })
        };
        let entries = [
            ("Greet", Press::Greet),
            ("Scan", Press::Scan),
            ("Fetch", Press::Fetch),
            ("Recite", Press::Recite),
            ("Ask", Press::Ask),
        ];
        (0..).zip(entries).map(entry).collect()
    }

    async fn on_command(&self, ctx: &Ctx<'_>, name: &str, args: &str) -> Result<(), BotError> {
        if name == "wait" {
            self.gate.acquire().await.unwrap().forget();
        }
        ctx.reply(View::text(Rich::plain(format!("{name} {args}"))))
            .await?;
        Ok(())
    }

    async fn on_action(&self, ctx: &Ctx<'_>, action: &Packed) -> Result<(), BotError> {
        let back = menu::button(ctx.locale())?;
        let view = match ctx.open(action)? {
            Press::Greet => {
                ctx.remark(&Rich::plain("é".repeat(300)));
                let name = ctx.customer().name.as_ref().unwrap().as_str();
                View::text(Rich::styled(format!("Hello {name} & all"), Style::Bold))
            }
            Press::Scan => View::text(Rich::plain("Scan me")).media(Media::Qr(QR.to_owned())),
            Press::Fetch => {
                let (name, bytes) = ("keys.txt".to_owned(), b"KEY-1\r\nKEY-2".to_vec());
                View::text(Rich::new()).media(Media::File { name, bytes })
            }
            Press::Recite => View::text(Rich::code("<&>😀".repeat(2_000))),
            Press::Ask => {
                let question = Question::paste(Rich::plain("Paste it"));
                return ctx.ask(&Pasting, question).await;
            }
        };
        ctx.show(view.row([back])).await?;
        Ok(())
    }

    async fn on_answer(
        &self,
        ctx: &Ctx<'_>,
        dialog: &Open,
        answer: Answer<'_>,
    ) -> Result<(), BotError> {
        let Pasting = dialog.state(ctx)?;
        let told = match answer {
            Answer::Text(text) => format!("text {text}"),
            Answer::File { name, bytes } => format!("{name} of {} bytes", bytes.len()),
            Answer::Choice(choice) => format!("{choice:?}"),
        };
        ctx.reply(View::text(Rich::plain(told))).await?;
        Ok(())
    }
}
