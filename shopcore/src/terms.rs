//! Terms: the rules of use that go with a product's goods.

use serde::{Deserialize, Serialize};

use crate::text::{Description, TextError};

/// The terms of a product, shown before the sale and sent with the goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Terms(Description);

impl Terms {
    /// Takes the terms as a text of several lines.
    ///
    /// # Errors
    /// [`TextError`] as for a [`Description`].
    pub fn parse(text: &str) -> Result<Self, TextError> {
        Description::parse(text).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}
