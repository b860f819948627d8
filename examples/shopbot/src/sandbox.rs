//! The sandbox as its people see it: what waits for a payment, and paying it.

use std::time::Duration;

use serde_json::{Value, json};
use shopcore::invoice::PaymentEvent;
use shopcore::money::Money;
use shopcore::time::{Clock, SystemClock, Timestamp};
use shopcore_payments::{Sandbox, SandboxCharge};
use unicode_width::UnicodeWidthStr;

use crate::cli::{PayArgs, SandboxCommand};
use crate::config::Config;
use crate::fault::Fault;
use crate::open;
use crate::output::Output;

/// Carries a command of the sandbox out; the shop's store is not touched.
pub(crate) async fn run(
    config: &Config,
    command: &SandboxCommand,
    output: &Output,
) -> Result<(), Fault> {
    let sandbox = open::existing_sandbox(config)?;
    match command {
        SandboxCommand::List => list(&sandbox, output).await,
        SandboxCommand::Pay(args) => pay(&sandbox, config, args, output).await,
    }
}

async fn list(sandbox: &Sandbox, output: &Output) -> Result<(), Fault> {
    let charges = sandbox.list().await?;
    let rows: Vec<_> = charges.iter().map(as_json).collect();
    output.data(&Value::from(rows), || match charges.is_empty() {
        true => "nothing was asked of the sandbox yet".to_owned(),
        false => as_table(&charges),
    })
}

fn as_json(charge: &SandboxCharge) -> Value {
    json!({
        "reference": charge.reference,
        "amount": charge.amount,
        "state": charge.state.as_str(),
        "description": charge.description,
        "expires_at": charge.expires_at,
        "payments": charge.payments.iter().map(paid_as_json).collect::<Vec<_>>(),
    })
}

fn paid_as_json(payment: &PaymentEvent) -> Value {
    json!({ "event": payment.event, "amount": payment.amount, "paid_at": payment.paid_at })
}

/// One line a charge under a line of headings; the columns stand below each other.
fn as_table(charges: &[SandboxCharge]) -> String {
    let headings = ["reference", "amount", "received", "state", "expires", "for"];
    let rows: Vec<_> = std::iter::once(headings.map(str::to_owned))
        .chain(charges.iter().map(as_cells))
        .collect();
    let widest = |column: usize| rows.iter().map(|row| row[column].width()).max();
    let widths = [0, 1, 2, 3, 4].map(|column| widest(column).unwrap_or_default());
    let lines = rows.iter().map(|row| {
        let [reference, amount, received, state, expires, about] = row;
        let gaps = [0, 1, 2, 3, 4].map(|column| gap(&row[column], widths[column]));
        let [
            after_reference,
            before_amount,
            before_received,
            after_state,
            after_expires,
        ] = gaps;
        format!(
            "{reference}{after_reference}  {before_amount}{amount}  {before_received}{received}  \
             {state}{after_state}  {expires}{after_expires}  {about}"
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn as_cells(charge: &SandboxCharge) -> [String; 6] {
    [
        charge.reference.to_string(),
        charge.amount.to_string(),
        received(charge),
        charge.state.as_str().to_owned(),
        charge.expires_at.format("%Y-%m-%d %H:%M:%SZ").to_string(),
        charge.description.clone(),
    ]
}

/// All that was paid on a charge.
fn received(charge: &SandboxCharge) -> String {
    let mut payments = charge.payments.iter().map(|payment| payment.amount);
    match payments.try_fold(Money::zero(charge.amount.currency()), Money::checked_add) {
        Ok(sum) => sum.to_string(),
        Err(_) => "?".to_owned(),
    }
}

fn gap(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width()))
}

async fn pay(
    sandbox: &Sandbox,
    config: &Config,
    args: &PayArgs,
    output: &Output,
) -> Result<(), Fault> {
    let charges = sandbox.list().await?;
    let mut charges = charges.iter();
    let charge = charges.find(|charge| charge.reference == args.reference);
    let charge = charge.ok_or_else(|| Fault::NoCharge(args.reference.clone()))?;
    let amount = amount(args, charge.amount)?;
    let now = SystemClock.now();
    let at = later(now, args.after.unwrap_or_default())?;
    let times = if args.twice { 2 } else { 1 };
    let mut payments = Vec::new();
    for _ in 0..times {
        payments.push(sandbox.pay(&args.reference, amount, at).await?);
    }
    if at == now {
        tell_shop(sandbox, config, &payments, output).await;
    }
    let rows: Vec<_> = payments.iter().map(paid_as_json).collect();
    output.data(&Value::from(rows), || {
        let lines = payments
            .iter()
            .map(|p| format!("{}  {amount}  {at}", p.event));
        lines.collect::<Vec<_>>().join("\n")
    })
}

fn amount(args: &PayArgs, asked: Money) -> Result<Money, Fault> {
    match &args.amount {
        Some(text) => match Money::parse(text, asked.currency()) {
            Ok(amount) if amount.is_positive() => Ok(amount),
            Ok(_) => Err(Fault::NothingPaid(text.clone())),
            Err(error) => Err(Fault::Amount(text.clone(), error)),
        },
        None => Ok(asked),
    }
}

fn later(now: Timestamp, after: Duration) -> Result<Timestamp, Fault> {
    let after = chrono::Duration::from_std(after).map_err(|_| Fault::Delay)?;
    now.checked_add_signed(after).ok_or(Fault::Delay)
}

/// Sends the webhooks where the shop listens; where it does not, it learns of payments by asking.
async fn tell_shop(sandbox: &Sandbox, config: &Config, payments: &[PaymentEvent], output: &Output) {
    let Some(address) = config.listen else {
        return;
    };
    let url = format!("http://{address}/webhooks/sandbox");
    for payment in payments {
        if let Err(error) = sandbox.notify(&url, payment).await {
            output.remark(&format!("{error}; it will learn of the payment by asking"));
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use shopcore::invoice::Reference;
    use shopcore::money::Currency;
    use shopcore_payments::SandboxState;

    use super::*;
    use crate::cli::{Cli, Command};

    fn charge(reference: &str, minor: i64) -> SandboxCharge {
        SandboxCharge {
            reference: Reference::parse(reference).unwrap(),
            amount: Money::new(minor, Currency::IDR),
            description: "Order".to_owned(),
            state: SandboxState::Open,
            expires_at: SystemClock.now(),
            payments: Vec::new(),
        }
    }

    #[test]
    fn the_columns_of_the_list_stand_below_each_other() {
        let text = as_table(&[charge("a", 5), charge("a-longer-one", 1_500_000)]);
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[0].starts_with("reference "));
        for heading in ["received", "expires"] {
            assert!(lines[0].contains(heading), "{text}");
        }
        assert!(lines[2].contains("  Rp 0  "), "{text}");
        let about = lines[0].find("for").unwrap();
        for line in &lines[1..] {
            assert_eq!(line.find("Order"), Some(about), "{text}");
        }
    }

    #[test]
    fn amounts_that_pay_nothing_are_refused_in_our_own_words() {
        for bad in ["-5", "0", "x"] {
            let words = ["shopbot", "sandbox", "pay", "a", "--amount", bad];
            let Some(Command::Sandbox(SandboxCommand::Pay(args))) = Cli::parse_from(words).command
            else {
                panic!("{bad} is not parsed");
            };
            let asked = Money::new(5, Currency::IDR);
            let refused = amount(&args, asked);
            assert!(
                matches!(refused, Err(Fault::NothingPaid(_) | Fault::Amount(..))),
                "{bad}: {refused:?}"
            );
        }
        let late = ["shopbot", "sandbox", "pay", "a", "--after", "-3s"];
        let told = Cli::try_parse_from(late).unwrap_err().to_string();
        assert!(told.contains("a delay is a duration"), "{told}");
    }
}
