//! How views look as text.

use std::path::Path;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use shopcore::bot::rich::{Rich, Style};
use shopcore::bot::view::{Expects, Media, View};

/// Whether the output shows colours: a person's terminal does, a pipe does not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// With escape sequences.
    Coloured,
    /// Letters only.
    Plain,
}

/// What invites a person to type.
pub(super) const PROMPT: &str = "\x1b[1;32m›\x1b[0m ";

const BOLD: &str = "\x1b[1m";
const ITALIC: &str = "\x1b[3m";
const CODE: &str = "\x1b[36m";
const DIM: &str = "\x1b[2m";
const NUMBER: &str = "\x1b[33m";
const PAPER: &str = "\x1b[30;107m";
const END: &str = "\x1b[0m";

/// What stands before the button of this index, and presses it: a number, or below a question a
/// letter, since its answer may be a number.
pub(super) fn mark(index: usize, expects: Option<Expects>) -> String {
    match expects {
        None => index.saturating_add(1).to_string(),
        Some(Expects::Line | Expects::Paste) => letters(index),
    }
}

/// a to z, then aa, ab and so on.
fn letters(index: usize) -> String {
    let letter = ('a'..='z').nth(index % 26).unwrap_or('a');
    match (index / 26).checked_sub(1) {
        Some(before) => format!("{}{letter}", letters(before)),
        None => letter.to_string(),
    }
}

/// A whole message: its text, its picture, its marked buttons, and how to type where typing is
/// asked for.
pub(super) fn view(view: &View, ink: Ink) -> String {
    let mut text = String::from("\n");
    text.push_str(&rich(&view.text, ink));
    text.push('\n');
    if let Some(Media::Qr(code)) = &view.media {
        text.push_str(&qr(code, ink));
    }
    let mut marks = (0..).map(|index| mark(index, view.expects));
    for row in &view.keyboard {
        let labels = row.iter().map(|button| {
            let mark = marks.next().unwrap_or_default();
            let label = harmless(&button.label);
            format!("{} {label}", inked(&format!("[{mark}]"), NUMBER, ink))
        });
        let labels: Vec<_> = labels.collect();
        text.push_str(&labels.join("   "));
        text.push('\n');
    }
    if let Some(expects) = view.expects {
        text.push_str(&hint(expects, view.keyboard.is_empty(), ink));
    }
    text
}

fn hint(expects: Expects, is_bare: bool, ink: Ink) -> String {
    let typing = match expects {
        Expects::Line => "type your answer",
        Expects::Paste => "type or paste, one a line, or /file PATH",
    };
    let escape = if is_bare { "" } else { "; =a sends the text a" };
    format!("{}\n", inked(&format!("({typing}{escape})"), DIM, ink))
}

/// How to act here, and what this shop is where that is said.
pub(super) fn guide(introduction: Option<&str>, ink: Ink) -> String {
    let how = "The number or letter of a button presses it, anything else is typed; /file PATH sends a file, /help \
               lists commands, Ctrl-D leaves.";
    let lines = [Some(how), introduction].into_iter().flatten();
    lines
        .map(|line| format!("{}\n", inked(line, DIM, ink)))
        .collect()
}

/// A remark on a button that was pressed.
pub(super) fn remark(remark: &str, ink: Ink) -> String {
    format!(
        "{}\n",
        inked(&format!("» {}", harmless(remark)), ITALIC, ink)
    )
}

/// That no button has the number that was typed.
pub(super) fn no_button(number: &str, ink: Ink) -> String {
    remark(&format!("There is no button {}.", number.trim()), ink)
}

/// Why a file was not sent.
pub(super) fn unreadable(path: &Path, error: &std::io::Error, ink: Ink) -> String {
    let told = format!(
        "{} was not sent: {error}. Type /file and its path.",
        path.display()
    );
    remark(&told, ink)
}

/// That a question of an earlier time still waits.
pub(super) fn unanswered(ink: Ink) -> String {
    let text = "You were in the middle of something: go on, or type /cancel.";
    format!("\n{}\n", inked(text, BOLD, ink))
}

/// What comes while the person is at the prompt: it goes above, and the prompt is drawn again.
pub(super) fn around_prompt(text: &str) -> String {
    format!("\r\x1b[K{}{PROMPT}", text.trim_start_matches('\n'))
}

/// Where a page is to be opened.
pub(super) fn page(url: &str, ink: Ink) -> String {
    format!("Open this page: {}\n", inked(&harmless(url), CODE, ink))
}

/// Where a file was saved.
pub(super) fn saved(path: &Path, ink: Ink) -> String {
    let path = harmless(&path.display().to_string());
    format!("📎 saved as {}\n", inked(&path, CODE, ink))
}

fn rich(text: &Rich, ink: Ink) -> String {
    let mut drawn = String::new();
    for span in text.spans() {
        let words = harmless(&span.text);
        match span.style {
            Style::Plain => drawn.push_str(&words),
            Style::Bold => drawn.push_str(&inked(&words, BOLD, ink)),
            Style::Italic => drawn.push_str(&inked(&words, ITALIC, ink)),
            Style::Code | Style::Pre => drawn.push_str(&inked(&words, CODE, ink)),
        }
    }
    drawn
}

fn inked(text: &str, escape: &str, ink: Ink) -> String {
    match ink {
        Ink::Coloured => format!("{escape}{text}{END}"),
        Ink::Plain => text.to_owned(),
    }
}

/// Letters that would steer the terminal or turn the reading direction are shown as `�`.
fn harmless(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t'))
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars()
        .map(|c| if steers(c) { '\u{fffd}' } else { c })
        .collect()
}

/// A QR code in half blocks, or its text where that is too long. It is dark on light whatever the
/// colours of the terminal; in a pipe, which has none, it suits a dark terminal.
fn qr(code: &str, ink: Ink) -> String {
    let Ok(qr) = QrCode::new(code) else {
        return format!("{}\n", harmless(code));
    };
    let mut picture = qr.render::<Dense1x2>();
    match ink {
        Ink::Coloured => {
            let lines = picture.build();
            lines
                .lines()
                .map(|line| format!("{PAPER}{line}{END}\n"))
                .collect()
        }
        Ink::Plain => {
            picture
                .dark_color(Dense1x2::Light)
                .light_color(Dense1x2::Dark);
            format!("{}\n", picture.build())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shopcore::bot::view::Button;

    #[test]
    fn escape_sequences_of_others_are_harmless() {
        let text = Rich::plain("a\x1b[2Jb\rc\u{202e}d\ne");
        assert_eq!(
            rich(&text, Ink::Plain),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\ne"
        );
    }

    #[test]
    fn buttons_are_numbered_across_rows() {
        let button = |label| Button::url(label, "https://example.com");
        let shown = View::text(Rich::parse("<b>Hi</b>"))
            .row([button("one"), button("two")])
            .row([button("three")]);
        assert_eq!(
            view(&shown, Ink::Plain),
            "\nHi\n[1] one   [2] two\n[3] three\n"
        );
        assert!(view(&shown, Ink::Coloured).contains("\x1b[1mHi\x1b[0m"));
        let asked = View {
            expects: Some(Expects::Line),
            ..shown
        };
        let asked = view(&asked, Ink::Plain);
        assert!(asked.starts_with("\nHi\n[a] one   [b] two\n[c] three\n(type"));
        let marks = [25, 26, 27, 52, 702].map(letters);
        assert_eq!(marks, ["z", "aa", "ab", "ba", "aaa"]);
    }

    #[test]
    fn codes_are_drawn() {
        let code = "sandbox:pay?reference=x";
        assert!(
            qr(code, Ink::Plain).starts_with('█'),
            "the quiet zone is light"
        );
        assert!(
            qr(code, Ink::Coloured).contains("\x1b[30;107m "),
            "and so on paper"
        );
    }
}
