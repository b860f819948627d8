//! Views: what a person sees, whatever the platform.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::action::{Action, PackError, Packed};
use super::permission::{Permission, Permissions};
use super::rich::Rich;

/// One message: a text, perhaps a picture or a file, and buttons below.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// What it says.
    pub text: Rich,
    /// What is shown or handed over with it.
    pub media: Option<Media>,
    /// Rows of buttons.
    pub keyboard: Vec<Vec<Button>>,
    /// Whether the person is asked to type.
    pub expects: Option<Expects>,
}

/// What accompanies a text.
#[derive(Clone, PartialEq, Eq)]
pub enum Media {
    /// A QR code of this text.
    Qr(String),
    /// A picture, as PNG or JPEG.
    Picture(Vec<u8>),
    /// A file.
    File {
        /// Its name.
        name: String,
        /// What is in it.
        bytes: Vec<u8>,
    },
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Qr(_) => f.write_str("Qr(…)"),
            Self::Picture(bytes) => write!(f, "Picture({} bytes)", bytes.len()),
            Self::File { bytes, .. } => write!(f, "File({} bytes)", bytes.len()),
        }
    }
}

/// What a person is asked to type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Expects {
    /// One line.
    Line,
    /// Several lines, or a file.
    Paste,
}

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What stands on it.
    pub label: String,
    /// What it does.
    pub press: Press,
    /// What one must be permitted to see and press it.
    pub require: Option<Permission>,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Press {
    /// Carries out an action of a plug-in.
    Action(Packed),
    /// Opens a page.
    Url(String),
}

impl Button {
    /// A button that carries out an action.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn new<A: Action>(label: impl fmt::Display, action: &A) -> Result<Self, PackError> {
        Ok(Self {
            label: label.to_string(),
            press: Press::Action(Packed::new(action)?),
            require: action.require(),
        })
    }

    /// A button that opens a page.
    #[must_use]
    pub fn url(label: impl fmt::Display, url: impl Into<String>) -> Self {
        Self {
            label: label.to_string(),
            press: Press::Url(url.into()),
            require: None,
        }
    }
}

impl View {
    /// A text alone.
    #[must_use]
    pub fn text(text: Rich) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// The view with another row of buttons; none where it is empty.
    #[must_use]
    pub fn row(mut self, buttons: impl IntoIterator<Item = Button>) -> Self {
        let row: Vec<_> = buttons.into_iter().collect();
        if !row.is_empty() {
            self.keyboard.push(row);
        }
        self
    }

    /// The view with these buttons, one below another.
    #[must_use]
    pub fn rows(self, buttons: impl IntoIterator<Item = Button>) -> Self {
        buttons
            .into_iter()
            .fold(self, |view, button| view.row([button]))
    }

    /// The view with a picture or a file.
    #[must_use]
    pub fn media(self, media: Media) -> Self {
        Self {
            media: Some(media),
            ..self
        }
    }

    /// The view without the buttons that its reader may not press.
    #[must_use]
    pub fn for_reader(self, permissions: Permissions) -> Self {
        self.retain(|button| permissions.allow(button.require))
    }

    /// The view with those buttons alone that are wanted.
    #[must_use]
    pub fn retain(mut self, wanted: impl Fn(&Button) -> bool) -> Self {
        for row in &mut self.keyboard {
            row.retain(&wanted);
        }
        self.keyboard.retain(|row| !row.is_empty());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buttons_one_may_not_press_are_not_shown() {
        let open = Button::url("open", "https://example.com");
        let guarded = Button {
            require: Some(Permission::Stock),
            ..Button::url("guarded", "https://example.com")
        };
        let view = View::default()
            .row([open.clone(), guarded.clone()])
            .row([guarded.clone()])
            .row([]);
        let seen = view.clone().for_reader(Permissions::none());
        assert_eq!(seen.keyboard, vec![vec![open]]);
        assert_eq!(view.clone().for_reader(Permissions::all()), view);
    }

    #[test]
    fn debug_shows_no_goods() {
        let media = Media::File {
            name: "a".into(),
            bytes: b"KEY".to_vec(),
        };
        let view = View::text(Rich::plain("KEY")).media(media);
        assert!(!format!("{view:?}").contains("KEY"));
    }
}
