//! Whether a statement keeps to the rows of one shop.

use std::collections::BTreeSet;

/// The tables of a statement that nothing ties to a shop.
///
/// A table is tied where, whatever else holds, its shop equals a parameter, that of a table which is
/// tied, or that of rows which are given. Rows are inserted with their shop in front.
pub(super) fn unconfined(
    statement: &str,
    tables: &BTreeSet<String>,
) -> impl Iterator<Item = String> {
    let words = words(statement);
    let mut found = Vec::new();
    inspect(&words, tables, &mut found);
    found.into_iter()
}

/// Words and signs in lower case, without comments; a quoted text is one word.
fn words(statement: &str) -> Vec<String> {
    let lines = statement
        .lines()
        .map(|line| line.split("--").next().unwrap());
    let text = lines.collect::<Vec<_>>().join("\n");
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let inner = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let length = match first {
            '\'' => rest[1..].find('\'').unwrap() + 2,
            first if inner(first) => rest.find(|c| !inner(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        words.push(rest[..length].to_lowercase());
        rest = rest[length..].trim_start();
    }
    words
}

/// Looks at what lies in brackets by itself, and then at each query that is left.
fn inspect(words: &[String], tables: &BTreeSet<String>, found: &mut Vec<String>) {
    let mut level = Vec::new();
    let mut place = 0;
    while place < words.len() {
        level.push(words[place].as_str());
        if words[place] == "(" {
            let end = partner(words, place);
            inspect(&words[place + 1..end], tables, found);
            // Its first word tells which columns a key or a list of columns begins with.
            level.extend([words[place + 1].as_str(), ")"]);
            place = end;
        }
        place += 1;
    }
    for query in level.split(|word| *word == "union") {
        inspect_query(query, tables, found);
    }
}

fn partner(words: &[String], open: usize) -> usize {
    let mut depth = 0_usize;
    for (place, word) in words.iter().enumerate().skip(open) {
        match word.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return place;
        }
    }
    panic!("a bracket has no partner: {}", words.join(" "));
}

/// A table as a query names it.
struct Source<'q> {
    table: &'q str,
    alias: &'q str,
}

fn inspect_query(query: &[&str], tables: &BTreeSet<String>, found: &mut Vec<String>) {
    let mut sources = Vec::new();
    for (place, word) in query.iter().enumerate() {
        let after = |steps: usize| query.get(place + steps).copied().unwrap_or_default();
        let before = place.checked_sub(1).map_or("", |place| query[place]);
        if !tables.contains(*word) || after(1) == "." || [".", "of", "("].contains(&before) {
            continue;
        }
        if before == "into" {
            let first = after(2);
            if after(1) != "(" || first != key(word) {
                found.push((*word).to_owned());
            }
            continue;
        }
        let alias = if after(1) == "as" { after(2) } else { word };
        sources.push(Source { table: word, alias });
    }
    if !on_conflict_by_shop(query) || query.contains(&"or") {
        found.extend(sources.iter().map(|source| source.table.to_owned()));
        return;
    }
    found.extend(untied(query, sources).map(|source| source.table.to_owned()));
}

/// What a table calls its shop.
fn key(table: &str) -> &'static str {
    if table == "shops" { "id" } else { "shop_id" }
}

/// Whether what an insertion may collide with begins with the shop.
fn on_conflict_by_shop(query: &[&str]) -> bool {
    let targets = query.windows(4).filter(|words| words[0] == "conflict");
    targets
        .into_iter()
        .all(|words| words[1] != "(" || words[2] == "shop_id")
}

/// The sources whose shop no chain of equations leads to one that is given.
fn untied<'q>(query: &[&'q str], sources: Vec<Source<'q>>) -> impl Iterator<Item = Source<'q>> {
    let alone = sources.len() == 1;
    let mut open = sources;
    loop {
        let given = |side: &str| !open.iter().any(|source| source.alias == side);
        let tied: Vec<_> = open
            .iter()
            .map(|source| equals(query, source, alone).any(given))
            .collect();
        let count = open.len();
        let mut tied = tied.into_iter();
        open.retain(|_| !tied.next().unwrap());
        if open.len() == count {
            return open.into_iter();
        }
    }
}

/// What the shop of a source equals: a parameter, or the shop of what has this name.
fn equals<'q>(
    query: &[&'q str],
    source: &Source<'q>,
    alone: bool,
) -> impl Iterator<Item = &'q str> {
    let own = [source.alias, ".", key(source.table)];
    let mut others = Vec::new();
    for (place, _) in query.iter().enumerate().filter(|(_, word)| **word == "=") {
        let (left, right) = (&query[..place], &query[place + 1..]);
        let bare = alone && left.ends_with(&own[2..]) && !left.ends_with(&[".", own[2]]);
        if left.ends_with(&own) || bare {
            others.extend(side(right));
        }
        if right.starts_with(&own) && left.ends_with(&["shop_id"]) && left.len() > 2 {
            others.extend(side(&left[left.len() - 3..]));
        }
    }
    others.into_iter()
}

/// The parameter, or the name before `.shop_id`, that a side of an equation begins with.
fn side<'q>(words: &[&'q str]) -> Option<&'q str> {
    match words {
        [parameter, ..] if parameter.starts_with('$') => Some(parameter),
        [name, ".", "shop_id", ..] => Some(name),
        _ => None,
    }
}
