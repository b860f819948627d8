//! Holds a shop against its invariants, and sets right what can be set right safely.

use std::io::{self, IsTerminal, Write};

use serde_json::{Value, json};
use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::invariant::{Finding, Repair, Report};
use shopcore::jobs::{self, Journal};
use shopcore::service::RepairError;

use crate::cli::CheckArgs;
use crate::fault::{Fault, told};
use crate::output::Output;

/// A repair may make another one possible, and that one a third.
const ROUNDS_MAX: usize = 3;

/// Checks every invariant on one snapshot, and repairs where that is asked for.
pub(crate) async fn check(shop: &Shop, args: &CheckArgs, output: &Output) -> Result<(), Fault> {
    let mut report = jobs::examine(shop).await?;
    let mut repaired = Vec::new();
    if args.repair && !report.repairs.is_empty() {
        confirm(&report.repairs, args, output)?;
        (report, repaired) = repair(shop, report, output).await?;
    }
    output.data(&as_json(&report, &repaired), || as_text(&report))?;
    advise(&report, args, &repaired, output);
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

/// Shows what would be done and asks whether it shall be.
fn confirm(repairs: &[Repair], args: &CheckArgs, output: &Output) -> Result<(), Fault> {
    if args.yes {
        return Ok(());
    }
    let lines: Vec<_> = repairs.iter().map(|repair| format!("  {repair}")).collect();
    output.remark(&format!("This would be set right:\n{}", lines.join("\n")));
    if !io::stdin().is_terminal() {
        return Err(Fault::Unconfirmed);
    }
    let mut answer = String::new();
    let mut screen = io::stderr().lock();
    let asked = write!(screen, "Set it right? [y/N] ").and_then(|()| screen.flush());
    asked.map_err(Fault::Output)?;
    io::stdin().read_line(&mut answer).map_err(Fault::Answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => Err(Fault::Declined),
    }
}

/// Repairs until nothing is left that can be.
async fn repair(
    shop: &Shop,
    mut report: Report,
    output: &Output,
) -> Result<(Report, Vec<Repair>), Fault> {
    let mut repaired = Vec::new();
    for _ in 0..ROUNDS_MAX {
        for repair in std::mem::take(&mut report.repairs) {
            match shop.repair(&Actor::Operator, &repair).await {
                Ok(()) => {
                    output.remark(&format!("done: {repair}"));
                    repaired.push(repair);
                }
                Err(error @ RepairError::Changed) => {
                    output.remark(&format!("left: {}: {}", repair.about, told(&error)));
                }
                Err(error @ (RepairError::Store(_) | RepairError::Commit(_))) => {
                    return Err(error.into());
                }
            }
        }
        report = jobs::examine(shop).await?;
        if report.repairs.is_empty() {
            break;
        }
    }
    Ok((report, repaired))
}

fn advise(report: &Report, args: &CheckArgs, repaired: &[Repair], output: &Output) {
    let (violations, repairs) = (report.violations(), report.repairs.len());
    if !args.repair && repairs > 0 {
        let them = if repairs == 1 { "it" } else { "them" };
        output.remark(&format!(
            "{repairs} can be set right safely: `shopbot check --repair` shows {them} and asks"
        ));
    } else if args.repair && repaired.is_empty() && violations == 0 {
        output.remark("nothing needs a repair");
    } else if args.repair && violations > 0 {
        output.remark("what is left needs a person: look at it with `shopbot audit`");
    }
}

fn as_json(report: &Report, repaired: &[Repair]) -> Value {
    let findings = report.findings.iter().map(|finding| {
        json!({
            "number": finding.invariant.number(),
            "invariant": finding.invariant.title(),
            "violations": finding.violations,
        })
    });
    let told = |repairs: &[Repair]| repairs.iter().map(Repair::to_string).collect::<Vec<_>>();
    json!({
        "violations": report.violations(),
        "invariants": findings.collect::<Vec<_>>(),
        "repairable": told(&report.repairs),
        "repaired": told(repaired),
    })
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
