//! The languages that readers choose from.

use super::{Locale, t};

impl<'a> Locale<'a> {
    /// What the language calls itself.
    #[must_use]
    pub fn language_name(&self) -> String {
        self.named(self.index)
    }

    /// The languages that are spoken, each by its tag and what it calls itself.
    #[must_use]
    pub fn languages(&self) -> Vec<(String, String)> {
        let languages = self.texts.languages.iter().enumerate();
        let tagged =
            languages.map(|(index, language)| (language.id.to_string(), self.named(index)));
        tagged.collect()
    }

    /// The texts in another language, by its place among [`languages`](Self::languages).
    #[must_use]
    pub fn other(&self, index: usize) -> Locale<'a> {
        Locale { index, ..*self }
    }

    fn named(&self, index: usize) -> String {
        t!(self.other(index), "language-name").to_string()
    }
}
