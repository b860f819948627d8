//! Backups, one a day: when the last was made is kept, so that a shop that was closed makes up for it.

use chrono::{Days, NaiveTime, TimeZone, Utc};

use super::JobError;
use crate::service::Shop;
use crate::store::{Batch, ChatWrite};
use crate::time::{Timestamp, from_micros};

/// Whose small value the time is kept as.
const KEEPER: &str = "backups";
const LAST: &str = "last";

/// Makes a backup if one is due.
pub(super) async fn run(shop: &Shop) -> Result<usize, JobError> {
    let Some(archive) = shop.archive() else {
        return Ok(0);
    };
    let due = due_since(shop, archive.at());
    match last(shop).await? {
        Some(last) if last >= due => Ok(0),
        Some(_) | None => run_now(shop).await,
    }
}

/// Makes a backup.
pub(super) async fn run_now(shop: &Shop) -> Result<usize, JobError> {
    let archive = shop.archive().ok_or(JobError::NoArchive)?;
    // What happens while it is made may not be in it.
    let begun = shop.now();
    archive.keep().await?;
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch.push(ChatWrite::PutState {
        plugin: KEEPER.to_owned(),
        key: LAST.to_owned(),
        value: Some(begun.timestamp_micros().to_be_bytes().to_vec()),
    });
    shop.commit(batch).await?;
    Ok(1)
}

/// The last moment at which the clock on the wall showed this time.
fn due_since(shop: &Shop, at: NaiveTime) -> Timestamp {
    let (zone, now) = (shop.settings().zone, shop.now());
    let today = now.with_timezone(&zone).date_naive();
    let days = [Some(today), today.checked_sub_days(Days::new(1))];
    let moments = days.into_iter().flatten().filter_map(|day| {
        let local = zone.from_local_datetime(&day.and_time(at)).single()?;
        Some(local.with_timezone(&Utc))
    });
    let mut past = moments.filter(|moment| *moment <= now);
    past.next().unwrap_or(now)
}

async fn last(shop: &Shop) -> Result<Option<Timestamp>, JobError> {
    let stored = shop.store().find_state(shop.id(), KEEPER, LAST).await?;
    let micros = stored.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    Ok(micros.map(|bytes| from_micros(i64::from_be_bytes(bytes))))
}
