//! Puts a shop under load, checks its invariants, and tells how it fared.

use std::error::Error;
use std::fmt::Display;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use serde::Serialize;
use shopcore::invariant::{self, Rules};
use shopcore::jobs::{Jobs, Shutdown};
use shopcore::store::Snapshot;
use shopcore_benches::load::{
    Acks, Crowd, CrowdReport, Load, Pace, Parameters, Porter, Progress, Report, Scenario, Tally,
    drive,
};
use shopcore_benches::stand::{Size, Stand};
use shopcore_benches::target::Target;
use tokio::task::spawn_blocking;

/// Puts a shop under load, checks its invariants, and tells how it fared.
///
/// Exits with 1 when an invariant is broken. A store that is there already is gone on with: only
/// what is missing is added.
#[derive(Parser)]
#[command(after_help = "Examples:
  load --store sqlite:load.db --clients 64 --products 1 --vouchers 1
  load --store memory: --scenario paid-checkout --rate 2000 --seconds 10 --json
  load --store sqlite:load.db --scenario import --stock 100000 --clients 1
  load --store sqlite:load.db --shops 1000 --stock 100
  load --store sqlite:load.db --scenario webhooks --stock 20000
  load --store postgres://shop@localhost/load --processes 4 --seconds 60 --clients 16")]
struct Options {
    /// sqlite:PATH, postgres://USER:PASSWORD@HOST:PORT/DATABASE or memory:
    #[arg(long, env = STORE_VARIABLE, hide_env_values = true, default_value = "memory:")]
    store: String,
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
    /// Shops in the one store, each with products, stock and vouchers as asked for; turns go
    /// through them one after another.
    #[arg(long, default_value_t = 1, conflicts_with_all = ["processes", "deliver"], value_parser = clap::value_parser!(u32).range(1..=10_000))]
    shops: u32,
    /// Products to sell; 1 makes it hot.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    products: u32,
    /// Units of each product, all of which are ordered before settlements; contents of an import;
    /// orders that expire at once.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    stock: u32,
    /// Vouchers; 0 for none.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    vouchers: u32,
    /// Let the last of so many turns be a batch that the store must refuse: a unit of a product that
    /// is sold out, or a use of a voucher that is gone.
    #[arg(long)]
    refused: Option<NonZeroUsize>,
    /// Leave the invariants unchecked at the end: that takes all rows of the shop into memory.
    #[arg(long)]
    no_check: bool,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
    /// Print a line for everything that is acknowledged, at once.
    #[arg(long)]
    acks: bool,
    /// Run the shop's jobs too, and bring what was bought.
    #[arg(long)]
    deliver: bool,
    /// Instead of measuring, let so many processes buy and deliver on one store, each of which is killed and started
    /// again at random; then hold what they told against the shop.
    #[arg(long, conflicts_with_all = ["rate", "acks", "scenario"], value_parser = clap::value_parser!(u32).range(1..=64))]
    processes: Option<u32>,
    /// What the moments of the kills follow from [default: by chance]
    #[arg(long, requires = "processes")]
    seed: Option<u64>,
}

/// Names the store to processes that this one starts: arguments are seen by everyone.
const STORE_VARIABLE: &str = "SHOPCORE_LOAD_STORE";

/// How often it is looked whether everything was delivered.
const LOOK_EVERY: Duration = Duration::from_millis(200);

impl Options {
    fn pace(&self) -> Pace {
        self.rate
            .map_or(Pace::Clients(self.clients), Pace::PerSecond)
    }

    fn size(&self) -> Size {
        let stock = match self.scenario {
            Scenario::Import => 0,
            Scenario::Checkout
            | Scenario::PaidCheckout
            | Scenario::Settlement
            | Scenario::Webhooks
            | Scenario::Voucher
            | Scenario::Expiry => self.stock,
        };
        Size {
            products: self.products,
            stock,
            vouchers: self.vouchers,
            uses: self.scenario.voucher_uses(),
            customers: self.clients.div_ceil(self.shops),
        }
    }

    fn load(&self) -> Load {
        Load {
            scenario: self.scenario,
            pace: self.pace(),
            lasting: Duration::from_secs(self.seconds.into()),
            batch: self.stock,
            refused: self.refused,
            acks: if self.acks {
                Acks::Stdout
            } else {
                Acks::Silent
            },
        }
    }

    fn parameters(&self, target: &Target) -> Parameters {
        Parameters {
            scenario: self.scenario,
            store: target.to_string(),
            clients: self.rate.is_none().then_some(self.clients),
            rate: self.rate,
            seconds: self.seconds,
            shops: self.shops,
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

/// Does what is asked; tells how many violations were found.
async fn run(options: &Options) -> Result<usize, Box<dyn Error>> {
    let target: Target = options.store.parse()?;
    let store = target.open().await?;
    if let Some(processes) = options.processes {
        let stand = Stand::open(store, options.size()).await?;
        return let_others_work(options, processes, &stand).await;
    }
    let mut stands = Vec::new();
    for mut stand in Stand::open_many(&store, options.shops, options.size()).await? {
        if options.refused.is_some() {
            stand = stand.with_hopeless().await?;
        }
        stands.push(Arc::new(stand));
    }
    measure(options, &target, &stands).await
}

async fn measure(
    options: &Options,
    target: &Target,
    stands: &[Arc<Stand>],
) -> Result<usize, Box<dyn Error>> {
    for stand in stands {
        prepare(options, stand).await?;
    }
    let progress = Arc::new(Progress::default());
    let shown = tokio::spawn(Arc::clone(&progress).show());
    let (tally, elapsed) = match (options.deliver, stands) {
        (true, [stand]) => drive_and_deliver(options.load(), stand, &progress).await?,
        _ => drive(stands, options.load(), &progress).await,
    };
    shown.abort();
    if let Some(error) = &tally.first_error {
        eprintln!("load: of {} errors the first is: {error}", tally.errors);
    }
    let mut report = Report::new(options.parameters(target), tally, elapsed);
    if !options.no_check {
        let mut violations = 0;
        for stand in stands {
            violations += check(stand, &stand.rows().await?)?;
        }
        report.violations = Some(violations);
    }
    tell(options, &report)?;
    Ok(report.violations.unwrap_or_default())
}

/// Does what a scenario needs before it can be measured.
async fn prepare(options: &Options, stand: &Arc<Stand>) -> Result<(), Box<dyn Error>> {
    let orders = usize::try_from(u64::from(options.stock) * u64::from(options.products))?;
    match options.scenario {
        Scenario::Settlement => stand.bill_many(orders, options.clients).await?,
        Scenario::Webhooks => stand.announce_many(orders, options.clients).await?,
        Scenario::Checkout
        | Scenario::PaidCheckout
        | Scenario::Voucher
        | Scenario::Expiry
        | Scenario::Import => {}
    }
    Ok(())
}

/// Measures while the shop's jobs run, and waits until everything is delivered.
async fn drive_and_deliver(
    load: Load,
    stand: &Arc<Stand>,
    progress: &Arc<Progress>,
) -> Result<(Tally, Duration), Box<dyn Error>> {
    let porter = Porter::new(stand.shop.clone(), stand.frontend().clone(), load.acks);
    let jobs = Jobs::new(stand.shop.clone(), Arc::new(porter));
    let (stopper, shutdown) = Shutdown::new();
    let running = tokio::spawn(async move { jobs.run(shutdown).await });
    let driven = drive(std::slice::from_ref(stand), load, progress).await;
    while stand.has_post().await? {
        tokio::time::sleep(LOOK_EVERY).await;
    }
    stopper.stop();
    running.await?;
    Ok(driven)
}

/// Lets processes work and be killed; holds what they told against the shop's rows.
async fn let_others_work(
    options: &Options,
    processes: u32,
    stand: &Stand,
) -> Result<usize, Box<dyn Error>> {
    let seed = options
        .seed
        .unwrap_or_else(|| RandomState::new().hash_one("seed"));
    let numbers = [
        ("--clients", options.clients),
        ("--products", options.products),
        ("--stock", options.stock),
        ("--vouchers", options.vouchers),
    ];
    let words = ["--scenario", "paid-checkout", "--deliver", "--acks"].map(str::to_owned);
    let numbers = numbers.map(|(name, number)| format!("{name}={number}"));
    let crowd = Crowd {
        program: std::env::current_exe()?,
        arguments: words.into_iter().chain(numbers).collect(),
        variables: vec![(STORE_VARIABLE.to_owned(), options.store.clone())],
        processes,
        lasting: Duration::from_secs(options.seconds.into()),
        seed,
    };
    let testimony = spawn_blocking(move || crowd.run()).await??;
    let rows = stand.rows().await?;
    let contradictions = testimony.contradictions(&rows);
    for contradiction in &contradictions {
        eprintln!("load: {contradiction}");
    }
    let violations = contradictions.len() + check(stand, &rows)?;
    let report = CrowdReport {
        processes,
        seed,
        kills: testimony.kills(),
        purchases: testimony.purchases(),
        repeats: testimony.repeats(),
        violations,
    };
    tell(options, &report)?;
    Ok(violations)
}

fn tell<R: Serialize + Display>(options: &Options, report: &R) -> serde_json::Result<()> {
    match options.json {
        true => println!("{}", serde_json::to_string(report)?),
        false => println!("{report}"),
    }
    Ok(())
}

fn check(stand: &Stand, rows: &Snapshot) -> Result<usize, Box<dyn Error>> {
    let rules = Rules {
        now: stand.shop.now(),
        expiry_period: chrono::Duration::from_std(stand.shop.settings().expiry_every)?,
    };
    let report = invariant::check(rows, &rules);
    if !report.holds() {
        eprintln!("load: {report}");
    }
    Ok(report.violations())
}
