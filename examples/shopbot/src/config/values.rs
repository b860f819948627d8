//! How values are written that serde does not read by itself.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{FixedOffset, NaiveTime};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName};
use shopcore::service::Settings;

/// The longest period: a year of 365 days.
const PERIOD_MAX: Duration = Duration::from_secs(365 * 24 * 60 * 60);

pub(super) fn parsed<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    from: D,
) -> Result<T, D::Error> {
    String::deserialize(from)?.parse().map_err(D::Error::custom)
}

/// A value that may be left out.
pub(super) fn given<'de, D: Deserializer<'de>, T: FromStr<Err: fmt::Display>>(
    from: D,
) -> Result<Option<T>, D::Error> {
    parsed(from).map(Some)
}

/// A period of the shop's jobs.
pub(super) fn period<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    span(&String::deserialize(from)?, PERIOD_MAX).map(Some)
}

/// How long something may be paid.
pub(super) fn ttl<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    span(&String::deserialize(from)?, Settings::TTL_MAX).map(Some)
}

fn span<E: serde::de::Error>(text: &str, most: Duration) -> Result<Duration, E> {
    match humantime::parse_duration(text) {
        Ok(span) if span.is_zero() || span > most => Err(E::custom(format!(
            "{text:?} is out of range; it is more than zero and at most {}",
            humantime::format_duration(most)
        ))),
        Ok(span) => Ok(span),
        Err(_) => Err(E::custom(format!(
            "{text:?} is no duration such as 15m or 1h"
        ))),
    }
}

/// How far the shop's clock on the wall is from UTC.
pub(super) fn offset<'de, D: Deserializer<'de>>(from: D) -> Result<FixedOffset, D::Error> {
    let text = String::deserialize(from)?;
    let refused = |_| D::Error::custom(format!("{text:?} is no offset from UTC such as +07:00"));
    text.parse().map_err(refused)
}

/// A time on the shop's clock on the wall.
pub(super) fn time_of_day<'de, D: Deserializer<'de>>(from: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(from)?;
    let refused = |_| D::Error::custom(format!("{text:?} is no time of day such as 03:00"));
    NaiveTime::parse_from_str(&text, "%H:%M").map_err(refused)
}

/// An amount may be written as a number or as a text.
pub(super) fn scalar<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "an amount such as 10000 or \"4.99\"")]
    enum Scalar {
        Text(String),
        Number(u64),
    }
    Ok(Some(match Scalar::deserialize(from)? {
        Scalar::Text(text) => text,
        Scalar::Number(number) => number.to_string(),
    }))
}

/// Several names in a list, or separated by commas where a list can't be written.
pub(super) fn several<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a list such as [\"a\", \"b\"]")]
    enum Several {
        List(Vec<String>),
        Text(String),
    }
    let texts = match Several::deserialize(from)? {
        Several::List(texts) => texts,
        Several::Text(text) => text.split(',').map(str::to_owned).collect(),
    };
    let named = texts.iter().map(|text| text.trim().to_owned());
    Ok(named.filter(|text| !text.is_empty()).collect())
}

/// People as `frontend:id`.
pub(super) fn contacts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Contact>, D::Error> {
    let people = several(from)?;
    let read = people.iter().map(|text| {
        contact(text).ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is not frontend:id, such as telegram:12345678"
            ))
        })
    });
    read.collect()
}

/// Chats that are written to, as contacts are.
pub(super) fn chats<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Chat>, D::Error> {
    let named = contacts(from)?.into_iter().map(|contact| {
        let id = ChatId::parse(contact.external.as_str()).map_err(D::Error::custom)?;
        let frontend = contact.frontend;
        Ok(Chat { frontend, id })
    });
    named.collect()
}

/// Someone as `frontend:id`.
pub(crate) fn contact(text: &str) -> Option<Contact> {
    let (frontend, external) = text.split_once(':')?;
    Some(Contact {
        frontend: FrontendName::parse(frontend).ok()?,
        external: ExternalId::parse(external).ok()?,
    })
}
