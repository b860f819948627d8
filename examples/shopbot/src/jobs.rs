//! Runs a job of the shop.

use std::sync::Arc;

use serde_json::json;
use shopcore::Shop;
use shopcore::courier::Courier;
use shopcore::jobs::{JobName, Jobs};

use crate::fault::Fault;
use crate::output::Output;

/// Runs a job once.
pub(crate) async fn run(
    shop: &Shop,
    courier: Arc<dyn Courier>,
    job: JobName,
    output: &Output,
) -> Result<(), Fault> {
    let done = Jobs::new(shop.clone(), courier).run_now(job).await?;
    output.data(
        &json!({ "job": job.as_str(), "done": done }),
        || match done {
            0 => format!("{job}: nothing was due"),
            _ => format!("{job}: {done} done"),
        },
    )
}
