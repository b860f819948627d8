//! Wordings: what a text says in Fluent's form, as people read and type it, and what may stand there
//! in place of it.

use std::collections::BTreeSet;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use thiserror::Error;

use super::{Locale, Texts};
use crate::bot::rich::{Rich, escape};

/// The longest label of a button, in characters.
const LABEL_MAX: usize = 60;

/// What a text says where nobody worded it in chat.
#[derive(Debug, Clone)]
pub(super) struct Wording {
    /// In which of the files of texts it stands.
    group: usize,
    /// What it says as it comes with the program.
    shipped: String,
    /// What the shop's file says in place of it.
    file: Option<String>,
}

/// Why words were refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::bot) enum WordingError {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// Not a pattern of Fluent, as a rule a brace that is not closed.
    #[error("its braces do not fit")]
    Syntax,
    /// A placeholder that the text is not given.
    #[error("it is not given {0:?}")]
    Foreign(String),
    /// A placeholder that the text can't do without.
    #[error("it lacks {0:?}")]
    Missing(String),
    /// A tag that is not closed, or closed where it was not opened.
    #[error("its tags do not fit")]
    Tags,
    /// Several lines, or tags, on a button.
    #[error("a button has one line, without tags")]
    Label,
    /// Longer than fits.
    #[error("it has {actual} characters; {max} fit")]
    TooLong {
        /// What fits.
        max: usize,
        /// What it has.
        actual: usize,
    },
}

/// A text as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::bot) struct Shown {
    /// Its words.
    pub(in crate::bot) words: String,
    /// Whose they are.
    pub(in crate::bot) author: Author,
}

/// Whose words a text has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::bot) enum Author {
    /// They come with the program.
    Program,
    /// The shop's file of texts.
    File,
    /// The team, in chat.
    Team,
}

/// The messages of a file, each with its pattern as people would type it.
pub(super) fn patterns(source: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, Vec<&str>)> = Vec::new();
    for line in source.lines() {
        let begins = line.starts_with(|c: char| c.is_ascii_alphabetic());
        match line.split_once('=') {
            Some((id, rest)) if begins => {
                found.push((id.trim().to_owned(), vec![rest.trim_start()]));
            }
            Some(_) | None if line.starts_with('#') => found.push((String::new(), Vec::new())),
            Some(_) | None => {
                if let Some((_, lines)) = found.last_mut() {
                    lines.push(line);
                }
            }
        }
    }
    found.retain(|(id, _)| !id.is_empty());
    let plain = found.into_iter();
    plain.map(|(id, lines)| (id, dedented(&lines))).collect()
}

fn dedented(lines: &[&str]) -> String {
    let Some((first, rest)) = lines.split_first() else {
        return String::new();
    };
    let indent = |line: &&&str| line.len() - line.trim_start().len();
    let written = rest.iter().filter(|line| !line.trim().is_empty());
    let least = written
        .filter(|line| !line.starts_with('}'))
        .map(|line| indent(&line))
        .min();
    let rest = rest
        .iter()
        .map(|line| line.get(least.unwrap_or(0)..).unwrap_or(line.trim_start()));
    let lines: Vec<_> = std::iter::once(*first).chain(rest).collect();
    lines.join("\n").trim().to_owned()
}

/// The placeholders of a pattern.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::bot) struct Placeholders {
    /// All of them.
    pub(in crate::bot) all: BTreeSet<String>,
    /// Those that choose between wordings, and which words may do without.
    pub(in crate::bot) choosing: BTreeSet<String>,
}

impl Placeholders {
    /// Reads them.
    pub(in crate::bot) fn of(pattern: &str) -> Self {
        let mut found = Self::default();
        let inside = |at: usize| {
            let before = &pattern[..at];
            before.matches('{').count() > before.matches('}').count()
        };
        for (at, _) in pattern.match_indices('$').filter(|(at, _)| inside(*at)) {
            let rest = &pattern[at + 1..];
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            let (name, behind) = rest.split_at(end.unwrap_or(rest.len()));
            if behind.trim_start().starts_with("->") {
                found.choosing.insert(name.to_owned());
            }
            found.all.insert(name.to_owned());
        }
        found
    }

    /// Those that words must hold.
    fn needed(&self) -> impl Iterator<Item = &String> {
        self.all.difference(&self.choosing)
    }
}

/// A message in Fluent's form. Signs that mean something at the beginning of a line are taken for
/// themselves there, outside of braces.
pub(super) fn message(id: &str, words: &str) -> String {
    let (mut source, mut depth) = (format!("{id} =\n"), 0_usize);
    for line in words.trim().lines() {
        let text = line.trim_end();
        let first = text.trim_start().chars().next();
        source.push_str("    ");
        match first {
            Some(sign @ ('[' | '*' | '.')) if depth == 0 => {
                let rest = text.trim_start().split_at(sign.len_utf8()).1;
                source.push_str(&format!("{{ \"{sign}\" }}{rest}"));
            }
            Some(_) | None => source.push_str(text),
        }
        source.push('\n');
        let (opened, closed) = (text.matches('{').count(), text.matches('}').count());
        depth = (depth + opened).saturating_sub(closed);
    }
    source
}

/// Whether every tag of the markup is closed, the last that was opened first.
fn tags_fit(markup: &str) -> bool {
    let mut open = Vec::new();
    for (at, _) in markup.match_indices('<') {
        let Some((tag, _)) = markup[at + 1..].split_once('>') else {
            continue;
        };
        match tag.strip_prefix('/') {
            _ if !["b", "i", "code", "pre"].contains(&tag.trim_start_matches('/')) => {}
            Some(name) => {
                if open.pop() != Some(name) {
                    return false;
                }
            }
            None => open.push(tag),
        }
    }
    open.is_empty()
}

impl super::Language {
    /// Whether a text of this id is there.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.wordings.contains_key(id)
    }

    /// Notes what the messages of a source say.
    pub(super) fn note(&mut self, source: &str, author: Author, group: usize) {
        for (id, pattern) in patterns(source) {
            match (author, self.wordings.get_mut(&id)) {
                (Author::File | Author::Team, Some(known)) => known.file = Some(pattern),
                (Author::File | Author::Team | Author::Program, _) => {
                    let (shipped, file) = (pattern, None);
                    let wording = Wording {
                        group,
                        shipped,
                        file,
                    };
                    self.wordings.insert(id, wording);
                }
            }
        }
    }
}

impl Texts {
    /// The ids of the texts of a file, in the order of the alphabet.
    pub(in crate::bot) fn ids_of(&self, group: usize) -> Vec<&str> {
        let first = self.languages.first();
        let all = first.into_iter().flat_map(|language| &language.wordings);
        let within = all.filter(|(_, wording)| wording.group == group);
        within.map(|(id, _)| id.as_str()).collect()
    }

    /// The ids of the texts in which some words occur, in whichever language, or whose id holds
    /// them.
    pub(in crate::bot) fn search(&self, words: &str) -> Vec<&str> {
        let words = words.trim().to_lowercase();
        let first = self.languages.first();
        let ids = first
            .into_iter()
            .flat_map(|language| language.wordings.keys());
        let fits = |id: &&String| {
            id.contains(&words)
                || (0..self.languages.len()).any(|language| {
                    let shown = self.shown(language, id);
                    shown.is_some_and(|shown| shown.words.to_lowercase().contains(&words))
                })
        };
        ids.filter(fits).map(String::as_str).collect()
    }

    /// The id that a mark stands for.
    pub(in crate::bot) fn id_of(&self, mark: u32) -> Option<&str> {
        let first = self.languages.first()?;
        let mut ids = first.wordings.keys();
        ids.find(|id| mark_of(id) == mark).map(String::as_str)
    }

    /// In which of the files a text stands.
    pub(in crate::bot) fn group_of(&self, id: &str) -> Option<usize> {
        let first = self.languages.first()?;
        first.wordings.get(id).map(|wording| wording.group)
    }

    /// A text as it stands now, in a language.
    pub(in crate::bot) fn shown(&self, language: usize, id: &str) -> Option<Shown> {
        let wording = self.languages.get(language)?.wordings.get(id)?;
        let (words, author) = match (self.words_of(language, id), &wording.file) {
            (Some(words), _) => (words, Author::Team),
            (None, Some(words)) => (words.clone(), Author::File),
            (None, None) => (wording.shipped.clone(), Author::Program),
        };
        Some(Shown { words, author })
    }

    /// The placeholders that a text is given.
    pub(in crate::bot) fn placeholders(&self, id: &str) -> Placeholders {
        let first = self.languages.first();
        let wording = first.and_then(|language| language.wordings.get(id));
        wording.map_or_else(Placeholders::default, |wording| {
            Placeholders::of(&wording.shipped)
        })
    }
}

/// A mark that stands for an id behind a button: 32 bits of FNV-1a.
pub(in crate::bot) fn mark_of(id: &str) -> u32 {
    id.bytes().fold(0x811c_9dc5, |mark, byte| {
        (mark ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

impl Locale<'_> {
    /// What new words of a text would look like, with samples in its placeholders.
    ///
    /// # Errors
    /// [`WordingError`] where they can't stand there.
    pub(in crate::bot) fn tried(
        self,
        id: &str,
        words: &str,
        room: usize,
        sample: impl Fn(&str) -> String,
    ) -> Result<Rich, WordingError> {
        if words.trim().is_empty() {
            return Err(WordingError::Empty);
        }
        let given = self.texts.placeholders(id);
        let held = Placeholders::of(words);
        if let Some(foreign) = held.all.difference(&given.all).next() {
            return Err(WordingError::Foreign(foreign.clone()));
        }
        if let Some(missing) = given.needed().find(|name| !held.all.contains(*name)) {
            return Err(WordingError::Missing(missing.clone()));
        }
        let markup = formatted(id, words, &given, sample)?;
        if !tags_fit(words) || !tags_fit(&markup) {
            return Err(WordingError::Tags);
        }
        let rich = Rich::parse(&markup);
        let is_label = id.starts_with("button-");
        if is_label && (markup.contains('\n') || rich.spans().len() > 1) {
            return Err(WordingError::Label);
        }
        let (max, actual) = (if is_label { LABEL_MAX } else { room }, rich.len_utf16());
        if actual > max {
            return Err(WordingError::TooLong { max, actual });
        }
        Ok(rich)
    }
}

/// The markup of words with samples in their placeholders.
fn formatted(
    id: &str,
    words: &str,
    given: &Placeholders,
    sample: impl Fn(&str) -> String,
) -> Result<String, WordingError> {
    let read = FluentResource::try_new(message(id, words));
    let resource = read.map_err(|_| WordingError::Syntax)?;
    let mut bundle = FluentBundle::new_concurrent(Vec::new());
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    let message = bundle.get_message(id).ok_or(WordingError::Syntax)?;
    let pattern = message.value().ok_or(WordingError::Syntax)?;
    let mut args = FluentArgs::new();
    for name in &given.all {
        match given.choosing.contains(name) {
            true => args.set(name.clone(), FluentValue::from(3_u32)),
            false => args.set(name.clone(), FluentValue::from(escape(&sample(name)))),
        }
    }
    let mut errors = Vec::new();
    let markup = bundle.format_pattern(pattern, Some(&args), &mut errors);
    match errors.is_empty() && message.attributes().next().is_none() {
        true => Ok(markup.into_owned()),
        false => Err(WordingError::Syntax),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOM: usize = 4_096;

    fn tried(id: &str, words: &str) -> Result<String, WordingError> {
        let texts = Texts::shipped().unwrap();
        let locale = texts.locale(None);
        let rich = locale.tried(id, words, ROOM, |name| format!("‹{name}›"))?;
        Ok(rich.to_string())
    }

    #[test]
    fn every_text_as_it_is_shown_may_stand_where_it_stands() {
        let texts = Texts::shipped().unwrap();
        for (language, known) in texts.languages.iter().enumerate() {
            for id in known.wordings.keys() {
                let shown = texts.shown(language, id).unwrap();
                let locale = texts.locale(None).other(language);
                let sample = |name: &str| name.to_owned();
                let tried = locale.tried(id, &shown.words, ROOM, sample);
                let tried = tried.unwrap_or_else(|error| panic!("{id}: {error}: {}", shown.words));
                let mut args = FluentArgs::new();
                let given = texts.placeholders(id);
                for name in &given.all {
                    match given.choosing.contains(name) {
                        true => args.set(name.clone(), FluentValue::from(3_u32)),
                        false => args.set(name.clone(), FluentValue::from(name.clone())),
                    }
                }
                let pattern = known.bundle.get_message(id).unwrap().value().unwrap();
                let usual = known
                    .bundle
                    .format_pattern(pattern, Some(&args), &mut Vec::new());
                assert_eq!(tried, Rich::parse(&usual), "{id}");
            }
        }
    }

    #[test]
    fn marks_tell_all_texts_apart() {
        let texts = Texts::shipped().unwrap();
        for id in texts.languages[0].wordings.keys() {
            assert_eq!(texts.id_of(mark_of(id)), Some(id.as_str()));
        }
    }

    #[test]
    fn new_words_hold_the_placeholders_and_no_others() {
        let words = "Welcome to <b>{ $shop }</b>!\n\n[open] day and night\n.always";
        let seen = tried("greeting", words).unwrap();
        assert_eq!(seen, "Welcome to ‹shop›!\n\n[open] day and night\n.always");
        let missing = WordingError::Missing("shop".to_owned());
        assert_eq!(tried("greeting", "Hi"), Err(missing.clone()));
        assert_eq!(tried("greeting", "Hi $shop"), Err(missing));
        let foreign = WordingError::Foreign("name".to_owned());
        assert_eq!(tried("greeting", "{ $shop } { $name }"), Err(foreign));
    }

    #[test]
    fn what_can_not_be_told_is_refused() {
        for (id, words, error) in [
            ("greeting", "  \n ", WordingError::Empty),
            ("greeting", "{ $shop ", WordingError::Syntax),
            ("greeting", "{ $shop } }", WordingError::Syntax),
            ("greeting", "{ $shop } { banned }", WordingError::Syntax),
            ("greeting", "{ $shop } { NUMBER(1) }", WordingError::Syntax),
            ("greeting", "<b>{ $shop }", WordingError::Tags),
            ("greeting", "<b>{ $shop }</i>", WordingError::Tags),
            ("button-menu", "two\nlines", WordingError::Label),
            ("button-menu", "<b>bold</b> and not", WordingError::Label),
        ] {
            assert_eq!(tried(id, words), Err(error), "{words}");
        }
        let long = "x".repeat(ROOM + 1);
        let (max, actual) = (ROOM, ROOM + 1);
        let too_long = Err(WordingError::TooLong { max, actual });
        assert_eq!(tried("banned", &long), too_long);
        let label = "x".repeat(LABEL_MAX + 1);
        let refused = tried("button-menu", &label);
        assert!(matches!(refused, Err(WordingError::TooLong { .. })));
    }

    #[test]
    fn words_may_choose_by_a_count_or_leave_that_be() {
        let id = "wallet-open-deposits";
        let choosing = "{ $count ->\n    [one] one\n   *[other] { $count } of them\n}";
        assert_eq!(tried(id, choosing).unwrap(), "3 of them");
        assert_eq!(tried(id, "some").unwrap(), "some");
    }

    #[test]
    fn a_file_goes_before_the_program_and_the_team_before_both() {
        let texts = Texts::shipped().unwrap();
        let texts = texts.replacing("en", "banned = Out!\n").unwrap();
        let author = |texts: &Texts| texts.shown(0, "banned").unwrap().author;
        assert_eq!(author(&texts), Author::File);
        let mut replies = super::super::replies::Replies::of(None);
        texts.word(&mut replies, ("en", "banned"), "Go!");
        texts.word(&mut replies, ("en", "nothing"), "Go!");
        texts.word(&mut replies, ("id", "banned"), "{ $broken }");
        texts.adopt(replies);
        assert_eq!(author(&texts), Author::Team);
        let said = |language| {
            texts
                .locale(Some(language))
                .format("banned", &super::super::Args::default())
        };
        assert_eq!(said("en").to_string(), "Go!");
        assert!(
            said("id").to_string().contains("belum bisa"),
            "the usual one stands in"
        );
    }
}
