//! The life of a shop, at random: the same commands go to a shop in memory and to one in a database.
//! After every command both must tell the same, hold the same rows, and keep every invariant.
//!
//! `SHOPCORE_SEED` replays a run, `SHOPCORE_CASES` (of PostgreSQL `SHOPCORE_POSTGRES_CASES`) and
//! `SHOPCORE_STEPS` set how many lives of how many commands there are.

use std::cell::RefCell;

use proptest::collection::vec;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use shopcore::store::Snapshot;
use tokio::runtime::Runtime;

use crate::chance::{seed, setting};
use crate::world::{Backend, Home};
use command::{Command, command};
use coverage::Coverage;
use stand::Stand;
use summary::{Names, differences, summary};

mod command;
mod coverage;
mod paths;
mod stand;
mod summary;

#[test]
fn shops_in_memory_and_in_sqlite_live_the_same_life() {
    live_alike(Backend::Sqlite, setting("SHOPCORE_CASES", 24));
}

#[test]
fn shops_in_memory_and_in_postgresql_live_the_same_life() {
    if Backend::Postgres.is_there() {
        live_alike(Backend::Postgres, setting("SHOPCORE_POSTGRES_CASES", 6));
    }
}

fn live_alike(backend: Backend, cases: u64) {
    let seed = seed();
    let steps = setting("SHOPCORE_STEPS", 100);
    eprintln!("replay with SHOPCORE_SEED={seed}: {cases} lives of {steps} steps on {backend:?}");
    let coverage = RefCell::new(Coverage::new());
    for (name, path) in paths::all() {
        let lived = live(backend, &path, &mut coverage.borrow_mut());
        assert!(lived.is_ok(), "{name}: {}", lived.unwrap_err());
    }
    let config = Config {
        cases: u32::try_from(cases).unwrap(),
        max_shrink_iters: 600,
        failure_persistence: None,
        ..Config::default()
    };
    let steps = usize::try_from(steps).unwrap();
    let lives = vec(command(), 1..=steps);
    let lived = TestRunner::new_with_rng(config, generator(seed)).run(&lives, |life| {
        live(backend, &life, &mut coverage.borrow_mut()).map_err(TestCaseError::fail)
    });
    match lived {
        Ok(()) => {}
        Err(TestError::Fail(why, life)) => panic!("seed {seed}: {why}\n{}", lines(&life)),
        Err(TestError::Abort(why)) => panic!("seed {seed}: {why}"),
    }
    let coverage = coverage.into_inner();
    eprintln!("{coverage}");
    assert!(
        coverage.missed().is_empty(),
        "never reached: {:#?}",
        coverage.missed()
    );
}

/// A shop in a file whose life took every path.
pub(crate) async fn lived() -> (Home, Snapshot) {
    let mut stand = Stand::open(Backend::Sqlite).await;
    for command in paths::whole_life() {
        stand.carry_out(&command).await;
    }
    stand.leave()
}

fn lines(life: &[Command]) -> String {
    life.iter()
        .map(|command| format!("  {command:?}\n"))
        .collect()
}

fn generator(seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

/// Lets two shops live the same life, one in memory and one on `backend`.
fn live(backend: Backend, life: &[Command], coverage: &mut Coverage) -> Result<(), String> {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let mut memory = Stand::open(Backend::Memory).await;
        let mut other = Stand::open(backend).await;
        for (step, command) in life.iter().enumerate() {
            let before = memory.rows().clone();
            let told = [
                memory.carry_out(command).await,
                other.carry_out(command).await,
            ];
            if told[0].duplicate {
                coverage.observe_duplicate();
            }
            coverage.observe_deed(command, &told[0].result);
            coverage.observe(&before, memory.rows());
            let results = told.map(|told| told.result);
            compare([&memory, &other], &results)
                .map_err(|why| format!("after step {step}, {command:?}:\n{why}"))?;
        }
        Ok(())
    })
}

fn compare(stands: [&Stand; 2], results: &[String; 2]) -> Result<(), String> {
    let names = stands.map(|stand| Names::of(stand.rows()));
    let told = [names[0].relabel(&results[0]), names[1].relabel(&results[1])];
    if told[0] != told[1] {
        return Err(format!(
            "memory tells {}\nthe other tells {}",
            told[0], told[1]
        ));
    }
    let [memory, other] = [0, 1].map(|i| summary(stands[i].rows(), &names[i]));
    if memory != other {
        return Err(differences(&memory, &other));
    }
    for stand in stands {
        let report = stand.invariants();
        if !report.holds() {
            return Err(format!("{report}(told {})", told[0]));
        }
        if let Some(repair) = report.repairs.first() {
            return Err(format!("nothing is wrong, and {repair} is a repair"));
        }
    }
    Ok(())
}
