//! Moments as people read them.

use chrono::Datelike;

use super::{Locale, t};
use crate::bot::rich::Rich;
use crate::time::Timestamp;

impl Locale<'_> {
    /// A moment as the shop's clock on the wall shows it.
    #[must_use]
    pub fn moment(&self, at: Timestamp) -> Rich {
        let zone = self.texts.zone;
        let at = at.with_timezone(&zone);
        t!(
            self,
            "moment",
            day = at.day(),
            month = at.month(),
            year = at.year().to_string(),
            time = at.format("%H:%M").to_string(),
            zone = match zone.local_minus_utc() {
                0 => String::new(),
                _ => zone.to_string(),
            }
        )
    }
}
