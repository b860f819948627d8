//! Pasted contents: one a line, all good or none taken, with the reason for each bad line.

use std::collections::HashSet;

use crate::bot::dialog::{Answer, Choice};
use crate::bot::rich::Rich;
use crate::bot::texts::t;
use crate::bot::{BotError, Ctx};
use crate::stock::{Content, ContentError};

/// The most contents taken at once in chat; files of more are imported with the program.
pub(super) const CONTENTS_MAX: usize = 2_000;
/// The most bytes that wait beside each other in a dialog, which is stored anew at every step.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;
/// What people type instead of an answer.
pub(super) const NO_MORE: &str = "-";
/// Refused lines that are listed one by one.
const REFUSALS_SHOWN: usize = 10;

/// What was pasted.
pub(super) enum Pasted {
    /// Contents that can be added.
    Good(Vec<Content>),
    /// Why nothing can be added.
    Bad(Rich),
}

enum Refusal {
    Bad(ContentError),
    Twice,
    Known,
}

/// Whether an answer says that there are no further contents.
pub(super) fn ends(answer: Answer<'_>) -> bool {
    match answer {
        Answer::Choice(choice) => choice == Choice::Done,
        Answer::Text(text) => text.trim() == NO_MORE,
        Answer::File { .. } => false,
    }
}

/// Reads pasted lines, or a file as one content, beside what is waiting to be added already.
pub(super) async fn read(
    ctx: &Ctx<'_>,
    answer: Answer<'_>,
    waiting: &[Content],
) -> Result<Pasted, BotError> {
    let read: Vec<_> = match answer {
        Answer::Text(text) => numbered(text).collect(),
        Answer::File { name, bytes } => vec![(1, Content::file(name, bytes.to_vec()))],
        Answer::Choice(_) => Vec::new(),
    };
    if read.is_empty() {
        return Ok(Pasted::Bad(t!(ctx, "contents-none")));
    }
    if read.len().saturating_add(waiting.len()) > CONTENTS_MAX {
        return Ok(Pasted::Bad(t!(
            ctx,
            "contents-too-many",
            max = CONTENTS_MAX
        )));
    }
    let pasted = check(ctx, read, waiting).await?;
    if let Pasted::Good(contents) = &pasted
        && !waiting.is_empty()
        && size(waiting).saturating_add(size(contents)) > WAITING_BYTES_MAX
    {
        return Ok(Pasted::Bad(t!(ctx, "contents-too-large")));
    }
    Ok(pasted)
}

fn size(contents: &[Content]) -> usize {
    let sizes = contents.iter().map(|content| match content {
        Content::Text(text) => text.len(),
        Content::File { bytes, .. } => bytes.len(),
    });
    sizes.sum()
}

/// The lines that are not blank, with their numbers from 1.
fn numbered(text: &str) -> impl Iterator<Item = (usize, Result<Content, ContentError>)> {
    let lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| (index.saturating_add(1), Content::text(line)))
}

async fn check(
    ctx: &Ctx<'_>,
    read: Vec<(usize, Result<Content, ContentError>)>,
    waiting: &[Content],
) -> Result<Pasted, BotError> {
    let mut seen: HashSet<Vec<u8>> = waiting.iter().map(Content::to_bytes).collect();
    let (mut good, mut refusals) = (Vec::new(), Vec::new());
    for (line, content) in read {
        match content {
            Ok(content) if seen.insert(content.to_bytes()) => good.push((line, content)),
            Ok(_) => refusals.push((line, Refusal::Twice)),
            Err(error) => refusals.push((line, Refusal::Bad(error))),
        }
    }
    let (lines, contents): (Vec<usize>, Vec<Content>) = good.into_iter().unzip();
    let known = ctx.shop().stock().known(&contents).await?;
    let known = lines.iter().zip(known).filter(|(_, known)| *known);
    refusals.extend(known.map(|(line, _)| (*line, Refusal::Known)));
    if refusals.is_empty() {
        return Ok(Pasted::Good(contents));
    }
    refusals.sort_by_key(|(line, _)| *line);
    Ok(Pasted::Bad(complain(ctx, &refusals)))
}

fn complain(ctx: &Ctx<'_>, refusals: &[(usize, Refusal)]) -> Rich {
    let heading = t!(ctx, "contents-refused", count = refusals.len());
    let shown = refusals.iter().take(REFUSALS_SHOWN);
    let text = shown.fold(heading, |text, (line, refusal)| {
        text.line(t!(
            ctx,
            "contents-line",
            line = *line,
            why = reason(ctx, refusal)
        ))
    });
    match refusals.len().saturating_sub(REFUSALS_SHOWN) {
        0 => text,
        more => text.line(t!(ctx, "contents-more", count = more)),
    }
}

fn reason(ctx: &Ctx<'_>, refusal: &Refusal) -> Rich {
    match refusal {
        Refusal::Twice => t!(ctx, "content-twice"),
        Refusal::Known => t!(ctx, "content-known"),
        Refusal::Bad(ContentError::Empty) => t!(ctx, "content-empty"),
        Refusal::Bad(ContentError::TooLong { max, .. }) => t!(ctx, "content-too-long", max = *max),
        Refusal::Bad(ContentError::Control | ContentError::UnknownForm) => {
            t!(ctx, "content-unusable")
        }
    }
}
