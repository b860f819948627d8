//! Puts a shop under load, checks its invariants, and tells how it fared.

use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use shopcore::invariant::{self, Rules};
use shopcore_benches::load::{Acks, Load, Pace, Parameters, Progress, Report, Scenario, drive};
use shopcore_benches::stand::{Size, Stand};
use shopcore_benches::target::Target;

/// Puts a shop under load, checks its invariants, and tells how it fared.
///
/// Exits with 1 when an invariant is broken. A store that is there already is gone on with: only
/// what is missing is added.
#[derive(Parser)]
#[command(after_help = "Examples:
  load --store sqlite:load.db --clients 64 --products 1 --vouchers 1
  load --store memory: --scenario paid-checkout --rate 2000 --seconds 10 --json
  load --store sqlite:load.db --scenario import --stock 100000 --clients 1")]
struct Options {
    /// sqlite:PATH or memory:
    #[arg(long, default_value = "memory:")]
    store: Target,
    /// What is measured.
    #[arg(long, value_enum, default_value = "checkout")]
    scenario: Scenario,
    /// Clients, each of which goes on when its last turn has ended.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    clients: u32,
    /// Turns a second, whatever became of those before; timed from when they were due.
    #[arg(long, conflicts_with = "clients", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    rate: Option<u32>,
    /// How long turns begin.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    seconds: u32,
    /// Products to sell; 1 makes it hot.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    products: u32,
    /// Units of each product; contents of an import; orders that expire at once.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    stock: u32,
    /// Vouchers; 0 for none.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    vouchers: u32,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Print a line for everything that is acknowledged, at once.
    #[arg(long)]
    acks: bool,
}

impl Options {
    fn pace(&self) -> Pace {
        self.rate
            .map_or(Pace::Clients(self.clients), Pace::PerSecond)
    }

    fn size(&self) -> Size {
        let stock = match self.scenario {
            Scenario::Import => 0,
            Scenario::Checkout | Scenario::PaidCheckout | Scenario::Voucher | Scenario::Expiry => {
                self.stock
            }
        };
        Size {
            products: self.products,
            stock,
            vouchers: self.vouchers,
            uses: self.scenario.voucher_uses(),
            customers: self.clients,
        }
    }

    fn load(&self) -> Load {
        Load {
            scenario: self.scenario,
            pace: self.pace(),
            lasting: Duration::from_secs(self.seconds.into()),
            batch: self.stock,
            acks: if self.acks {
                Acks::Stdout
            } else {
                Acks::Silent
            },
        }
    }

    fn parameters(&self) -> Parameters {
        Parameters {
            scenario: self.scenario,
            store: self.store.to_string(),
            clients: self.rate.is_none().then_some(self.clients),
            rate: self.rate,
            seconds: self.seconds,
            products: self.products,
            stock: self.stock,
            vouchers: self.vouchers,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because {cause}");
                source = cause.source();
            }
            ExitCode::from(2)
        }
    }
}

/// Measures; tells how many violations were found.
async fn run(options: &Options) -> Result<usize, Box<dyn Error>> {
    let store = options.store.open().await?;
    let stand = Arc::new(Stand::open(store, options.size()).await?);
    let progress = Arc::new(Progress::default());
    let shown = tokio::spawn(Arc::clone(&progress).show());
    let (tally, elapsed) = drive(&stand, options.load(), &progress).await;
    shown.abort();
    if let Some(error) = &tally.first_error {
        eprintln!("load: of {} errors the first is: {error}", tally.errors);
    }
    let violations = check(&stand).await?;
    let report = Report::new(options.parameters(), tally, elapsed, violations);
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    Ok(violations)
}

async fn check(stand: &Stand) -> Result<usize, Box<dyn Error>> {
    let snapshot = stand.shop.store().snapshot(stand.shop.id()).await?;
    let rules = Rules {
        now: stand.shop.now(),
        expiry_period: chrono::Duration::from_std(stand.shop.settings().expiry_every)?,
    };
    let report = invariant::check(&snapshot, &rules);
    if !report.holds() {
        eprintln!("load: {report}");
    }
    Ok(report.violations())
}
