//! Actions: what a button does, typed, and packed small enough for every platform.
//!
//! A packed action is the plug-in's id, a colon, and the action in postcard's form and base64url:
//! `cart:AgE`. Whoever presses a button is checked against the action's permission when the button
//! is drawn and again when it is pressed. What does not unpack comes from another version of the
//! program, or from someone who makes up buttons, and is answered as out of date.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::permission::Permission;

/// What the buttons of a plug-in do: an enum of its own.
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use shopcore::bot::action::{Action, Packed};
/// use shopcore::bot::permission::Permission;
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// enum Press {
///     Hello,
///     Report(u32),
/// }
///
/// impl Action for Press {
///     const PLUGIN: &'static str = "sample";
///
///     fn require(&self) -> Option<Permission> {
///         match self {
///             Self::Hello => None,
///             Self::Report(_) => Some(Permission::Orders),
///         }
///     }
/// }
///
/// let packed = Packed::new(&Press::Report(7))?;
/// assert_eq!(packed.as_str(), "sample:AQc");
/// assert_eq!(packed.unpack::<Press>()?, Press::Report(7));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Action: Serialize + DeserializeOwned {
    /// The id of the plug-in that carries it out.
    const PLUGIN: &'static str;

    /// What one must be permitted to press it.
    fn require(&self) -> Option<Permission> {
        None
    }
}

/// A packed action, at most [`Packed::BYTES_MAX`] bytes of ASCII.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Packed(String);

impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why an action can't stand behind a button: a defect of the plug-in.
#[derive(Debug, Error)]
pub enum PackError {
    /// It packs to more than fits.
    #[error(
        "an action of plug-in {plugin} packs to {bytes} bytes; {} fit",
        Packed::BYTES_MAX
    )]
    TooLong {
        /// The plug-in.
        plugin: &'static str,
        /// How long it is.
        bytes: usize,
    },
    /// Its type can't be packed.
    #[error("an action of plug-in {plugin} can't be packed")]
    Unpackable {
        /// The plug-in.
        plugin: &'static str,
        /// What postcard said.
        #[source]
        source: postcard::Error,
    },
}

/// What is behind a button is not, or no longer, understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the button is out of date")]
pub struct Stale;

impl Packed {
    /// The most that fits behind a button of every platform.
    pub const BYTES_MAX: usize = 64;

    /// Packs an action.
    ///
    /// # Errors
    /// [`PackError`].
    pub fn new<A: Action>(action: &A) -> Result<Self, PackError> {
        Self::pack(A::PLUGIN, action)
    }

    pub(super) fn pack<T: Serialize>(plugin: &'static str, what: &T) -> Result<Self, PackError> {
        let bytes =
            postcard::to_stdvec(what).map_err(|source| PackError::Unpackable { plugin, source })?;
        let text = format!("{plugin}:{}", URL_SAFE_NO_PAD.encode(bytes));
        if text.len() > Self::BYTES_MAX {
            let bytes = text.len();
            return Err(PackError::TooLong { plugin, bytes });
        }
        Ok(Self(text))
    }

    /// Takes what a platform says is behind a pressed button.
    ///
    /// # Errors
    /// [`Stale`] where no button of any version can have carried it.
    pub fn received(text: &str) -> Result<Self, Stale> {
        let fits = text.len() <= Self::BYTES_MAX && text.is_ascii() && text.contains(':');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(Stale)
        }
    }

    /// The text that goes behind the button.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id of the plug-in that it is for.
    #[must_use]
    pub fn plugin(&self) -> &str {
        self.0.split_once(':').map_or("", |(plugin, _)| plugin)
    }

    /// Unpacks what was packed.
    ///
    /// # Errors
    /// [`Stale`].
    pub fn unpack<T: DeserializeOwned>(&self) -> Result<T, Stale> {
        let (_, packed) = self.0.split_once(':').ok_or(Stale)?;
        let bytes = URL_SAFE_NO_PAD.decode(packed).map_err(|_| Stale)?;
        match postcard::take_from_bytes(&bytes) {
            Ok((value, [])) => Ok(value),
            Ok(_) | Err(_) => Err(Stale),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Sample {
        Show,
        Buy(uuid::Uuid, u32),
        Long(String),
    }

    impl Action for Sample {
        const PLUGIN: &'static str = "sample";
    }

    #[test]
    fn actions_survive_packing() {
        for action in [Sample::Show, Sample::Buy(uuid::Uuid::max(), u32::MAX)] {
            let packed = Packed::new(&action).unwrap();
            let back = Packed::received(packed.as_str()).unwrap();
            assert_eq!(back.plugin(), "sample");
            assert_eq!(back.unpack(), Ok(action));
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_when_packed() {
        let long = Sample::Long("x".repeat(64));
        assert!(matches!(Packed::new(&long), Err(PackError::TooLong { .. })));
    }

    #[test]
    fn foreign_buttons_are_stale() {
        let long = format!("sample:{}", "A".repeat(10_000));
        for text in [
            "",
            "sample",
            "sample:",
            "sample:!!",
            "sample:CQ",
            "a:😀",
            &long,
        ] {
            let unpacked = Packed::received(text).and_then(|packed| packed.unpack::<Sample>());
            assert_eq!(unpacked, Err(Stale), "{text}");
        }
        let trailing = format!("{}AAAA", Packed::new(&Sample::Show).unwrap().as_str());
        let trailing = Packed::received(&trailing).unwrap();
        assert_eq!(trailing.unpack::<Sample>(), Err(Stale));
    }
}
