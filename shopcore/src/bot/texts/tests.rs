//! Every message that is named in the bot's sources is there, with the arguments it gets.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::*;

/// The names of the arguments a message is given, by its id, for each place that names it.
fn uses() -> Vec<(String, BTreeSet<String>)> {
    let mut sources = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bot"),
        &mut sources,
    );
    sources.iter().flat_map(|source| uses_in(source)).collect()
}

fn collect(folder: &Path, sources: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, sources);
        } else if !path.ends_with("texts.rs") && !path.ends_with("texts/tests.rs") {
            sources.push(std::fs::read_to_string(path).unwrap());
        }
    }
}

fn uses_in(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let calls = source.match_indices("t!(").filter(|(at, _)| {
        let before = source[..*at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && c != '_')
    });
    calls
        .map(|(at, call)| read_call(&source[at + call.len()..]))
        .collect()
}

/// Reads `reader, "id", name = value, …)` up to its closing bracket.
fn read_call(rest: &str) -> (String, BTreeSet<String>) {
    let (mut depth, mut parts) = (1, vec![String::new()]);
    for c in rest.chars() {
        depth += match c {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        if depth == 0 {
            break;
        }
        match c {
            ',' if depth == 1 => parts.push(String::new()),
            c => parts.last_mut().unwrap().push(c),
        }
    }
    let id = parts[1].trim().trim_matches('"').to_owned();
    let names = parts[2..].iter().filter_map(|part| part.split_once('='));
    (id, names.map(|(name, _)| name.trim().to_owned()).collect())
}

/// The variables each English message asks for.
fn messages() -> BTreeMap<String, BTreeSet<String>> {
    messages_in(&ENGLISH)
}

fn messages_in(sources: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut id = String::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        if let Some((name, _)) = line.split_once(" =")
            && line.starts_with(|c: char| c.is_ascii_lowercase())
        {
            id = name.to_owned();
            let again = messages.insert(id.clone(), BTreeSet::new());
            assert!(again.is_none(), "{id} is there twice");
        }
        let variables = line.split('$').skip(1).map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
            rest[..end.unwrap_or(rest.len())].to_owned()
        });
        messages.entry(id.clone()).or_default().extend(variables);
    }
    messages.remove("");
    messages
}

#[test]
fn every_text_that_is_used_is_there_with_its_arguments() {
    let messages = messages();
    let uses = uses();
    assert!(uses.len() > 100, "only {} uses were found", uses.len());
    for (id, given) in &uses {
        let asked = messages
            .get(id)
            .unwrap_or_else(|| panic!("there is no text {id:?}"));
        assert_eq!(asked, given, "the arguments of {id:?}");
    }
}

/// How often each tag of the markup is opened and closed.
fn tags(sources: &[&str]) -> BTreeMap<String, BTreeMap<String, usize>> {
    let mut tags: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut id = String::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        if let Some((name, _)) = line.split_once(" =")
            && line.starts_with(|c: char| c.is_ascii_lowercase())
        {
            id = name.to_owned();
        }
        for tag in ["<b>", "</b>", "<i>", "</i>", "<code>", "</code>"] {
            let count = line.matches(tag).count();
            let of = tags.entry(id.clone()).or_default();
            *of.entry(tag.to_owned()).or_default() += count;
        }
    }
    tags
}

#[test]
fn every_text_is_there_in_both_languages_with_the_same_arguments_and_markup() {
    let (english, indonesian) = (messages(), messages_in(&INDONESIAN));
    let here: BTreeSet<_> = english.keys().collect();
    let there: BTreeSet<_> = indonesian.keys().collect();
    let lacking: Vec<_> = here.symmetric_difference(&there).collect();
    assert!(lacking.is_empty(), "in one language only: {lacking:?}");
    for (id, variables) in &english {
        assert_eq!(variables, &indonesian[id], "the arguments of {id:?}");
    }
    let (english, indonesian) = (tags(&ENGLISH), tags(&INDONESIAN));
    for (id, tags) in &english {
        assert_eq!(tags, &indonesian[id], "the markup of {id:?}");
    }
}

#[test]
fn every_text_can_be_formatted_in_indonesian() {
    let texts = Texts::shipped().unwrap();
    let bundle = &texts.languages[1].bundle;
    for (id, variables) in messages() {
        for count in [0_u32, 1, 3] {
            let mut args = FluentArgs::new();
            for variable in &variables {
                args.set(variable.clone(), FluentValue::from(count));
            }
            let pattern = bundle.get_message(&id).and_then(|message| message.value());
            let mut errors = Vec::new();
            bundle.format_pattern(pattern.unwrap(), Some(&args), &mut errors);
            assert!(errors.is_empty(), "{id}: {errors:?}");
        }
    }
}

#[test]
fn moments_are_told_by_the_shops_clock_and_in_the_readers_words() {
    let zone = FixedOffset::east_opt(7 * 3600).unwrap();
    let texts = Texts::shipped().unwrap().in_zone(zone);
    let at = "2026-08-04T19:05:00Z".parse().unwrap();
    let said = |language| texts.locale(Some(language)).moment(at).to_string();
    assert_eq!(said("en"), "5 Aug 2026, 02:05 UTC+07:00");
    assert_eq!(said("id"), "5 Agu 2026, 02:05 UTC+07:00");
}

#[test]
fn every_text_is_used() {
    let used: BTreeSet<_> = uses().into_iter().map(|(id, _)| id).collect();
    let unused: Vec<_> = messages()
        .into_keys()
        .filter(|id| !used.contains(id))
        .collect();
    assert!(unused.is_empty(), "unused: {unused:?}");
}

#[test]
fn every_text_can_be_formatted() {
    let texts = Texts::english().unwrap();
    let bundle = &texts.languages[0].bundle;
    for (id, variables) in messages() {
        let mut args = FluentArgs::new();
        for variable in variables {
            args.set(variable, FluentValue::from(3_u32));
        }
        let pattern = bundle.get_message(&id).and_then(|message| message.value());
        let mut errors = Vec::new();
        bundle.format_pattern(pattern.unwrap(), Some(&args), &mut errors);
        assert!(errors.is_empty(), "{id}: {errors:?}");
    }
}

#[test]
fn arguments_are_shown_literally() {
    let texts = Texts::english().unwrap();
    let greeting = t!(texts.locale(None), "greeting", shop = "</b> & <i>co</i>");
    assert!(greeting.to_string().starts_with("</b> & <i>co</i>\n"));
    assert_eq!(greeting.spans().len(), 2);
}

#[test]
fn an_owner_replaces_texts_but_only_those_there_are() {
    let texts = Texts::english().unwrap();
    let texts = texts.replacing("en", "banned = Out!\n").unwrap();
    assert_eq!(t!(texts.locale(None), "banned").to_string(), "Out!");
    let refused = texts.replacing("en", "bannd = Out!\n").unwrap_err();
    assert_eq!(refused, TextsError::Unknown("bannd".to_owned()));
    let english = || Texts::english().unwrap();
    let refused = english()
        .replacing("en", "ok = fine\n= broken\n")
        .unwrap_err();
    assert_eq!(refused, TextsError::Syntax { line: 2 });
    assert!(matches!(
        english().replacing("😀", ""),
        Err(TextsError::Language(_))
    ));
}

#[test]
fn a_reader_gets_their_language_where_there_is_one() {
    let texts = Texts::english()
        .unwrap()
        .with("id", "banned = Maaf\n")
        .unwrap();
    let said = |asked| t!(texts.locale(asked), "banned").to_string();
    assert_eq!(said(Some("id-ID")), "Maaf");
    assert_eq!(said(Some("fr")), said(None));
    assert_eq!(said(Some("not a language")), said(None));
    let fallback = t!(texts.locale(Some("id")), "too-fast");
    assert_eq!(fallback, t!(texts.locale(None), "too-fast"));
}
