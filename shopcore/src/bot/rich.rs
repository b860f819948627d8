//! Rich text: styled spans, made from a small safe markup.
//!
//! The markup knows `<b>`, `<i>`, `<code>` and `<pre>` and the entities `&lt;`, `&gt;` and `&amp;`;
//! everything else is literal. What people typed is escaped before it enters a text, so that a
//! name of `<b>` is shown as it was typed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// How a span looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Style {
    /// As usual.
    Plain,
    /// Bold.
    Bold,
    /// Slanted.
    Italic,
    /// Of fixed width; a tap copies it where the platform can.
    Code,
    /// A block of fixed width.
    Pre,
}

const TAGS: [(&str, Style); 4] = [
    ("b", Style::Bold),
    ("i", Style::Italic),
    ("code", Style::Code),
    ("pre", Style::Pre),
];

/// A piece of text of one style.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// What it says, literally.
    pub text: String,
    /// How it looks.
    pub style: Style,
}

/// A styled text. `Debug` shows only its length: it may carry goods.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rich(Vec<Span>);

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({} bytes)", self.style, self.text.len())
    }
}

impl fmt::Debug for Rich {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rich({:?})", self.0)
    }
}

impl Rich {
    /// Nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// A literal text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self::styled(text, Style::Plain)
    }

    /// A literal text of fixed width.
    #[must_use]
    pub fn code(text: impl Into<String>) -> Self {
        Self::styled(text, Style::Code)
    }

    /// A literal text of this style.
    #[must_use]
    pub fn styled(text: impl Into<String>, style: Style) -> Self {
        let mut rich = Self::new();
        rich.push(text, style);
        rich
    }

    /// Reads the markup. What is no known tag or entity is literal; a tag that is not closed ends
    /// with the text.
    ///
    /// ```
    /// use shopcore::bot::rich::Rich;
    ///
    /// let text = Rich::parse("<b>2 &lt; 3</b> <u>");
    /// assert_eq!(text.to_string(), "2 < 3 <u>");
    /// ```
    #[must_use]
    pub fn parse(markup: &str) -> Self {
        let (mut rich, mut styles, mut rest) = (Self::new(), vec![Style::Plain], markup);
        while let Some(first) = rest.chars().next() {
            let style = styles.last().copied().unwrap_or(Style::Plain);
            let token = read_token(rest, style);
            match token {
                Some((Token::Open(inner), length)) => {
                    styles.push(inner);
                    rest = &rest[length..];
                }
                Some((Token::Close, length)) => {
                    styles.pop();
                    rest = &rest[length..];
                }
                Some((Token::Literal(text), length)) => {
                    rich.push(text, style);
                    rest = &rest[length..];
                }
                None => {
                    let length = first.len_utf8();
                    rich.push(&rest[..length], style);
                    rest = &rest[length..];
                }
            }
        }
        rich
    }

    /// Adds a span.
    pub fn push(&mut self, text: impl Into<String>, style: Style) {
        let text = text.into();
        match self.0.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.style == style => last.text.push_str(&text),
            Some(_) | None => self.0.push(Span { text, style }),
        }
    }

    /// The text followed by another.
    #[must_use]
    pub fn then(mut self, other: Self) -> Self {
        for span in other.0 {
            self.push(span.text, span.style);
        }
        self
    }

    /// The text with another on the next line, or whichever is not empty alone.
    #[must_use]
    pub fn line(self, other: Self) -> Self {
        self.joined("\n", other)
    }

    /// The text with another below a blank line, or whichever is not empty alone.
    #[must_use]
    pub fn paragraph(self, other: Self) -> Self {
        self.joined("\n\n", other)
    }

    fn joined(self, between: &str, other: Self) -> Self {
        match (self.is_empty(), other.is_empty()) {
            (true, _) => other,
            (false, true) => self,
            (false, false) => self.then(Self::plain(between)).then(other),
        }
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pieces, in reading order.
    #[must_use]
    pub fn spans(&self) -> &[Span] {
        &self.0
    }

    /// The length in UTF-16 units, which is how platforms count.
    #[must_use]
    pub fn len_utf16(&self) -> usize {
        self.0
            .iter()
            .map(|span| span.text.encode_utf16().count())
            .sum()
    }

    /// The text, cut to at most `max` UTF-16 units; a cut is marked by an ellipsis.
    #[must_use]
    pub fn shortened(&self, max: usize) -> Self {
        if self.len_utf16() <= max {
            return self.clone();
        }
        let mut room = max.saturating_sub(1);
        let mut short = Self::new();
        for span in &self.0 {
            for letter in span.text.chars() {
                let Some(left) = room.checked_sub(letter.len_utf16()) else {
                    short.push("…", Style::Plain);
                    return short;
                };
                room = left;
                short.push(letter, span.style);
            }
        }
        short
    }
}

impl fmt::Display for Rich {
    /// The words without their styles.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|span| f.write_str(&span.text))
    }
}

enum Token {
    Open(Style),
    Close,
    Literal(&'static str),
}

/// The token at the start of `rest`, with its length; a closing tag only where it fits.
fn read_token(rest: &str, style: Style) -> Option<(Token, usize)> {
    for (entity, literal) in [("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")] {
        if rest.starts_with(entity) {
            return Some((Token::Literal(literal), entity.len()));
        }
    }
    let (tag, _) = rest.strip_prefix('<')?.split_once('>')?;
    let length = tag.len() + 2;
    let known = |name: &str| TAGS.iter().find(|(tag, _)| *tag == name);
    match tag.strip_prefix('/') {
        Some(name) => known(name)
            .filter(|(_, closed)| *closed == style)
            .map(|_| (Token::Close, length)),
        None => known(tag).map(|(_, opened)| (Token::Open(*opened), length)),
    }
}

/// Makes a typed text safe to stand in the markup.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(rich: &Rich) -> Vec<(&str, Style)> {
        let pieces = rich.spans().iter();
        pieces
            .map(|span| (span.text.as_str(), span.style))
            .collect()
    }

    #[test]
    fn known_tags_style_and_others_are_literal() {
        let rich =
            Rich::parse("a <b>bold <i>both</i></b> <u>x</u> </b> 1 < 2 &amp; <code>k</code>");
        assert_eq!(
            shape(&rich),
            [
                ("a ", Style::Plain),
                ("bold ", Style::Bold),
                ("both", Style::Italic),
                (" <u>x</u> </b> 1 < 2 & ", Style::Plain),
                ("k", Style::Code),
            ]
        );
    }

    #[test]
    fn what_was_typed_stays_literal() {
        for typed in ["<b>", "</b>", "&lt;", "<script>", "a & b", "😀<", "<b", ""] {
            let markup = format!("<b>{}</b>", escape(typed));
            assert_eq!(Rich::parse(&markup), Rich::styled(typed, Style::Bold));
        }
    }

    #[test]
    fn a_cut_counts_as_platforms_do_and_is_marked() {
        let rich = Rich::plain("ab").then(Rich::code("😀😀"));
        assert_eq!(rich.len_utf16(), 6);
        assert_eq!(rich.shortened(6), rich);
        assert_eq!(rich.shortened(5).to_string(), "ab😀…");
        assert_eq!(rich.shortened(4).to_string(), "ab…");
    }

    #[test]
    fn empty_texts_leave_no_gaps() {
        let (some, none) = (Rich::plain("a"), Rich::new());
        assert_eq!(some.clone().paragraph(none.clone()), some);
        assert_eq!(none.line(some.clone()), some);
        assert_eq!(some.clone().paragraph(some).to_string(), "a\n\na");
    }

    #[test]
    fn debug_shows_no_words() {
        assert_eq!(format!("{:?}", Rich::code("KEY")), "Rich([Code(3 bytes)])");
    }
}
