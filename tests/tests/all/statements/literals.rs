//! The texts in Rust sources: literals, and what `concat!` and macros make of them.

use std::collections::BTreeMap;

/// What sources hold.
pub(super) struct Texts {
    /// Each text as a program uses it, put together from its parts.
    pub(super) used: Vec<String>,
    /// Each part as it is written.
    pub(super) literals: Vec<String>,
}

/// The texts in the code of these files, without their unit tests.
pub(super) fn texts(sources: &[String]) -> Texts {
    let files: Vec<_> = sources
        .iter()
        .map(|source| tokens(source.split("#[cfg(test)]\nmod tests").next().unwrap()))
        .collect();
    let everywhere: Macros = files.iter().flat_map(|file| macros(file)).collect();
    let (mut used, mut literals) = (Vec::new(), Vec::new());
    for file in &files {
        // A file's own macro hides one of the same name elsewhere.
        let mut known = everywhere.clone();
        known.extend(macros(file));
        used.extend(used_in(file, &known));
        literals.extend(file.iter().filter_map(|token| match token {
            Token::Text(text) => Some(text.clone()),
            Token::Word(_) | Token::Sign(_) => None,
        }));
    }
    Texts { used, literals }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Text(String),
    Word(String),
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }
}

/// A macro with one arm: the names of its parameters, and what it stands for.
#[derive(Debug, Clone)]
struct Macro {
    parameters: Vec<String>,
    body: Vec<Token>,
}

type Macros = BTreeMap<String, Macro>;

fn tokens(source: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if first == '"' {
            let (text, after) = literal(&rest[1..]);
            found.push(Token::Text(text));
            rest = after;
        } else if first == '\'' {
            rest = after_letter(&rest[1..]);
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
            found.push(Token::Word(word.to_owned()));
            rest = after;
        } else {
            if !first.is_whitespace() {
                found.push(Token::Sign(first));
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    found
}

/// A literal from behind its opening quote, and what comes behind its closing one.
fn literal(source: &str) -> (String, &str) {
    let mut text = String::new();
    let mut letters = source.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '"' => return (text, &source[place + 1..]),
            '\\' => match letters.next().unwrap().1 {
                '\n' => {
                    let blank = letters.as_str().len() - letters.as_str().trim_start().len();
                    if blank > 0 {
                        letters.nth(blank - 1);
                    }
                }
                'n' => text.push('\n'),
                other => text.push(other),
            },
            other => text.push(other),
        }
    }
    panic!("a literal does not end: {text}");
}

/// What comes behind a letter in quotes, or behind the tick of a lifetime.
fn after_letter(source: &str) -> &str {
    let mut letters = source.char_indices();
    let (_, first) = letters.next().unwrap();
    if first == '\\' {
        return source[2..].split_once('\'').unwrap().1;
    }
    match letters.next() {
        Some((place, '\'')) => &source[place + 1..],
        _ => source,
    }
}

fn macros(file: &[Token]) -> Macros {
    let starts = file
        .iter()
        .enumerate()
        .filter(|(_, token)| token.is("macro_rules"));
    let made = starts.map(|(start, _)| {
        let Token::Word(name) = &file[start + 2] else {
            panic!("a macro has no name");
        };
        let (arm, _) = group(&file[start + 3..]);
        let (pattern, behind) = group(arm);
        let (body, _) = group(&arm[behind + 2..]);
        let parameters = pattern.windows(2).filter_map(|pair| match pair {
            [Token::Sign('$'), Token::Word(name)] => Some(name.clone()),
            _ => None,
        });
        let made = Macro {
            parameters: parameters.collect(),
            body: body.to_vec(),
        };
        (name.clone(), made)
    });
    made.collect()
}

/// What is between a bracket that comes first and its partner, and how many tokens that takes.
fn group(tokens: &[Token]) -> (&[Token], usize) {
    let mut depth = 0_usize;
    for (place, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(' | '{' | '[') => depth += 1,
            Token::Sign(')' | '}' | ']') => depth -= 1,
            Token::Text(_) | Token::Word(_) | Token::Sign(_) => {}
        }
        if depth == 0 {
            return (&tokens[1..place], place + 1);
        }
    }
    panic!("a bracket has no partner");
}

/// The texts that a file uses; those of its macros are used where the macros are.
fn used_in(file: &[Token], macros: &Macros) -> Vec<String> {
    let mut used = Vec::new();
    let mut place = 0;
    while place < file.len() {
        if file[place].is("macro_rules") {
            place += 3 + group(&file[place + 3..]).1;
        } else if let Some((text, length)) = text(&file[place..], macros, &BTreeMap::new()) {
            used.push(text);
            place += length;
        } else {
            place += 1;
        }
    }
    used
}

/// The text that begins here, if one does, and how many tokens it takes.
fn text(
    tokens: &[Token],
    macros: &Macros,
    given: &BTreeMap<String, String>,
) -> Option<(String, usize)> {
    match tokens {
        [Token::Text(text), ..] => Some((text.clone(), 1)),
        [Token::Sign('$'), Token::Word(name), ..] => Some((given.get(name)?.clone(), 2)),
        [
            Token::Word(name),
            Token::Sign('!'),
            Token::Sign('(' | '{'),
            ..,
        ] => {
            let (inside, length) = group(&tokens[2..]);
            let parts = || parts(inside, macros, given);
            let made = if name == "concat" {
                parts()?.concat()
            } else {
                let called = macros.get(name)?;
                let given = called.parameters.iter().cloned().zip(parts()?).collect();
                text(&called.body, macros, &given)?.0
            };
            Some((made, 2 + length))
        }
        _ => None,
    }
}

/// Texts between commas, if they are all texts.
fn parts(
    tokens: &[Token],
    macros: &Macros,
    given: &BTreeMap<String, String>,
) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = tokens;
    while !rest.is_empty() {
        let (part, length) = text(rest, macros, given)?;
        parts.push(part);
        rest = &rest[length..];
        rest = rest.strip_prefix(&[Token::Sign(',')]).unwrap_or(rest);
    }
    Some(parts)
}

#[test]
fn texts_are_put_together_as_the_compiler_does() {
    let source = r#"
        // A "comment".
        macro_rules! both { ($first:literal, $second:expr) => { concat!($first, "-", $second) }; }
        const A: &'static str = "a \
            b";
        fn f() { both!("x", concat!("y", "\"z")); let c = '"'; format!("{}", 1); }
    "#;
    let found = texts(&[source.to_owned()]);
    assert_eq!(found.used, ["a b", "x-y\"z", "{}"]);
    assert_eq!(found.literals, ["-", "a b", "x", "y", "\"z", "{}"]);
}
