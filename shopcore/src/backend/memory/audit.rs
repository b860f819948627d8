//! The audit: an entry for each deed, by the batch that did it.

use super::Done;
use super::tables::Tables;
use crate::audit::Record;
use crate::store::Batch;

impl Tables {
    /// Records what the batch tells of itself; a chore tells nothing.
    pub(super) fn record(&mut self, batch: &Batch) -> Done {
        let Some(actor) = &batch.actor else {
            return Ok(());
        };
        for entry in &batch.audit {
            let record = Record {
                entry: entry.clone(),
                actor: actor.clone(),
                at: batch.at,
            };
            self.audit.insert(entry.id, record)?;
            self.audit_of.put((entry.entity, entry.id), ());
        }
        Ok(())
    }
}
