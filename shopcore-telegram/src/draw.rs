//! Views in Telegram's terms: HTML, inline keyboards, photos and documents.

use shopcore::bot::frontend::FrontendError;
use shopcore::bot::rich::{Rich, Style};
use shopcore::bot::view::{Button, Media, Press, View};
use teloxide::types::{
    InlineKeyboardButton, InlineKeyboardMarkup, InputFile, InputMedia, InputMediaDocument,
    InputMediaPhoto, ParseMode,
};

use crate::qr;

/// What goes along with a text.
pub(crate) enum Attachment {
    Photo(InputFile),
    Document(InputFile),
}

impl Attachment {
    pub(crate) fn of(media: &Media) -> Result<Self, FrontendError> {
        Ok(match media {
            Media::Qr(content) => {
                Self::Photo(InputFile::memory(qr::png(content)?).file_name("qr.png"))
            }
            Media::Picture(bytes) => {
                Self::Photo(InputFile::memory(bytes.clone()).file_name("picture.png"))
            }
            Media::File { name, bytes } => {
                Self::Document(InputFile::memory(bytes.clone()).file_name(name.clone()))
            }
        })
    }

    /// The attachment with its text, in the form that edits take.
    pub(crate) fn captioned(self, caption: String) -> InputMedia {
        match self {
            Self::Photo(file) => {
                let photo = InputMediaPhoto::new(file).caption(caption);
                InputMedia::Photo(photo.parse_mode(ParseMode::Html))
            }
            Self::Document(file) => {
                let document = InputMediaDocument::new(file).caption(caption);
                InputMedia::Document(document.parse_mode(ParseMode::Html))
            }
        }
    }
}

/// The text in Telegram's HTML.
pub(crate) fn html(text: &Rich) -> String {
    let mut html = String::new();
    for span in text.spans() {
        let (open, close) = tags(span.style);
        html.push_str(open);
        escape_into(&mut html, &span.text);
        html.push_str(close);
    }
    html
}

fn tags(style: Style) -> (&'static str, &'static str) {
    match style {
        Style::Plain => ("", ""),
        Style::Bold => ("<b>", "</b>"),
        Style::Italic => ("<i>", "</i>"),
        Style::Code => ("<code>", "</code>"),
        Style::Pre => ("<pre>", "</pre>"),
    }
}

fn escape_into(html: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '&' => html.push_str("&amp;"),
            other => html.push(other),
        }
    }
}

/// The buttons below a view.
pub(crate) fn keyboard(view: &View) -> Result<InlineKeyboardMarkup, FrontendError> {
    let rows = view.keyboard.iter();
    let rows = rows.map(|row| row.iter().map(button).collect::<Result<Vec<_>, _>>());
    Ok(InlineKeyboardMarkup::new(
        rows.collect::<Result<Vec<_>, _>>()?,
    ))
}

fn button(button: &Button) -> Result<InlineKeyboardButton, FrontendError> {
    let label = button.label.clone();
    match &button.press {
        Press::Action(packed) => Ok(InlineKeyboardButton::callback(label, packed.as_str())),
        Press::Url(url) => match url.parse() {
            Ok(url) => Ok(InlineKeyboardButton::url(label, url)),
            Err(_) => Err(FrontendError::Refused(format!(
                "the address behind the button {label:?} can't be read"
            ))),
        },
    }
}

/// The beginning of a plain text, at most `max` UTF-16 units.
pub(crate) fn beginning(text: &str, max: usize) -> String {
    Rich::plain(text).shortened(max).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_styles_become_tags() {
        let text = Rich::parse("<b>2 &lt; 3</b> &amp; ").then(Rich::code("<i>\"'😀"));
        let expected = "<b>2 &lt; 3</b> &amp; <code>&lt;i&gt;\"'😀</code>";
        assert_eq!(html(&text), expected);
    }

    #[test]
    fn an_unreadable_address_is_refused() {
        let view = View::default().row([Button::url("pay", "not an address")]);
        assert!(matches!(keyboard(&view), Err(FrontendError::Refused(_))));
    }
}
