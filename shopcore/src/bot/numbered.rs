//! Numbered: views as plain text, for platforms that have no buttons.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::action::Packed;
use super::incoming::Kind;
use super::view::{Media, Press, View};

/// What the numbers in a chat press: the buttons of the newest view that has some.
///
/// ```
/// use shopcore::bot::incoming::Kind;
/// use shopcore::bot::numbered::Numbered;
/// use shopcore::bot::rich::Rich;
/// use shopcore::bot::view::{Button, View};
///
/// let view = View::text(Rich::plain("Hello")).row([Button::url("Home", "https://example.com")]);
/// let mut chat = Numbered::default();
/// assert_eq!(chat.show(&view), "Hello\nHome: https://example.com");
/// assert_eq!(chat.meant("1"), Kind::Text("1".into()), "a page has no number");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbered(Vec<Packed>);

impl Numbered {
    /// The next view as text: what it says, a QR code's own text, a file in Base64, and each button
    /// in a line; one that opens a page has no number.
    pub fn show(&mut self, view: &View) -> String {
        let (mut text, mut actions) = (view.text.to_string(), Vec::new());
        text += &view.media.as_ref().map(line).unwrap_or_default();
        for button in view.keyboard.iter().flatten() {
            text += &match &button.press {
                Press::Url(url) => format!("\n{}: {url}", button.label),
                Press::Action(action) => {
                    actions.push(action.clone());
                    format!("\n[{}] {}", actions.len(), button.label)
                }
            };
        }
        if !actions.is_empty() {
            self.0 = actions;
        }
        text
    }

    /// What a typed line means: a press, or what was typed. `=1` is the text 1
    /// where there is a button of that number.
    #[must_use]
    pub fn meant(&self, typed: &str) -> Kind {
        if let Some(action) = self.button(typed) {
            let action = Some(action.clone());
            let message = None;
            return Kind::Button { action, message };
        }
        let number = typed.strip_prefix('=');
        match number.filter(|number| self.button(number).is_some()) {
            Some(number) => Kind::Text(number.to_owned()),
            None => Kind::typed(typed),
        }
    }

    fn button(&self, typed: &str) -> Option<&Packed> {
        let number: usize = typed.trim().parse().ok()?;
        self.0.get(number.checked_sub(1)?)
    }
}

fn line(media: &Media) -> String {
    let file = |name, bytes| format!("\n{name}, in Base64: {}", BASE64_STANDARD.encode(bytes));
    match media {
        Media::Qr(code) => format!("\nQR: {code}"),
        Media::Picture(bytes) => file("picture", bytes),
        Media::File { name, bytes } => file(name, bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bot::rich::Rich;
    use crate::bot::view::Button;

    #[test]
    fn numbers_press_and_everything_else_is_typed() {
        let button = |label: &str, action: &str| Button {
            press: Press::Action(Packed::received(action).unwrap()),
            ..Button::url(label, "")
        };
        let buttons = [button("Buy", "buy:AA"), button("Leave", "leave:AA")];
        let file = Media::File {
            name: "goods.txt".to_owned(),
            bytes: b"KEY".to_vec(),
        };
        let view = View::text(Rich::plain("Well?")).media(file).row(buttons);
        let mut shown = Numbered::default();
        let text = "Well?\ngoods.txt, in Base64: S0VZ\n[1] Buy\n[2] Leave";
        assert_eq!(shown.show(&view), text);
        assert_eq!(
            shown.show(&View::text(Rich::plain("By the way"))),
            "By the way"
        );
        for typed in ["2", " 2 "] {
            assert_eq!(
                shown.meant(typed),
                Kind::Button {
                    action: Some(Packed::received("leave:AA").unwrap()),
                    message: None,
                }
            );
        }
        assert_eq!(shown.meant("=2"), Kind::Text("2".into()));
        for typed in ["0", "3", "-1", "=3", "two", "99999999999999999999"] {
            assert_eq!(shown.meant(typed), Kind::Text(typed.into()));
        }
        assert_eq!(shown.meant("/menu"), Kind::typed("/menu"));
    }
}
