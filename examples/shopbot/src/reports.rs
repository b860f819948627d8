//! What a shop tells about itself: its invariants and its jobs.

use std::sync::Arc;

use serde_json::{Value, json};
use shopcore::Shop;
use shopcore::courier::Courier;
use shopcore::invariant::{Finding, Report};
use shopcore::jobs::{self, JobName, Jobs, Journal};

use crate::fault::Fault;
use crate::output::Output;

/// Checks every invariant on one snapshot.
pub(crate) async fn check(shop: &Shop, output: &Output) -> Result<(), Fault> {
    let report = jobs::examine(shop).await?;
    output.data(&as_json(&report), || as_text(&report))?;
    if let Some(path) = &shop.settings().journal {
        let lines = Journal::new(path.clone()).verify(shop).await?;
        output.remark(&format!(
            "{lines} lines of the audit's file are as they were written"
        ));
    }
    match report.violations() {
        0 => Ok(()),
        violations => Err(Fault::Violated(violations)),
    }
}

fn as_json(report: &Report) -> Value {
    let findings = report.findings.iter().map(|finding| {
        json!({
            "number": finding.invariant.number(),
            "invariant": finding.invariant.title(),
            "violations": finding.violations,
        })
    });
    json!({ "violations": report.violations(), "invariants": findings.collect::<Vec<_>>() })
}

fn as_text(report: &Report) -> String {
    let lines = report.findings.iter().flat_map(finding_lines);
    lines.collect::<Vec<_>>().join("\n")
}

fn finding_lines(finding: &Finding) -> Vec<String> {
    let verdict = match finding.violations.is_empty() {
        true => "ok      ",
        false => "VIOLATED",
    };
    let head = format!("{verdict}  {}", finding.invariant);
    let below = finding
        .violations
        .iter()
        .map(|text| format!("          {text}"));
    std::iter::once(head).chain(below).collect()
}

/// Runs a job once.
pub(crate) async fn run_job(
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
