//! The program is killed at random moments, under load, again and again. Whatever it had told a
//! pipe before is there when its file is opened, and every invariant holds.
//!
//! `SHOPCORE_SEED` replays the moments as far as a machine can, `SHOPCORE_KILLS` sets how many.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use shopcore::testing::cluster::database;
use tempfile::TempDir;

use crate::acks::{Ack, Imported, collect, verify, verify_all, whole_lines};
use crate::chance::{Chance, seed, setting};
use crate::release::program;

/// Kills of one shop; then a new one is made, so that looking at all of its rows stays quick.
const KILLS_PER_SHOP: u64 = 25;

/// The longest that the program runs, counted from its first acknowledgement.
const LONGEST: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let Some(load) = program("load") else { return };
    let kills = setting("SHOPCORE_KILLS", 200);
    let mut chance = announced(kills);
    let (mut done, mut acknowledged) = (0, 0);
    while done < kills {
        let directory = TempDir::new().unwrap();
        let address = format!("sqlite:{}", directory.path().join("shop.db").display());
        let count = KILLS_PER_SHOP.min(kills - done);
        acknowledged += kill_often(&load, &address, count, &mut chance).await;
        done += count;
    }
    assert_was_busy(acknowledged, kills);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_a_client_of_postgresql_is_killed() {
    let Some(load) = program("load") else { return };
    let Some(database) = database() else { return };
    let kills = setting("SHOPCORE_POSTGRES_KILLS", 25);
    let mut chance = announced(kills);
    let acknowledged = kill_often(&load, database.url(), kills, &mut chance).await;
    assert_was_busy(acknowledged, kills);
}

fn announced(kills: u64) -> Chance {
    let seed = seed();
    eprintln!("replay with SHOPCORE_SEED={seed}: {kills} kills");
    Chance::new(seed)
}

/// Kills the program so often, and looks at the shop each time; tells how much it acknowledged.
async fn kill_often(load: &Path, address: &str, kills: u64, chance: &mut Chance) -> usize {
    let mut imported = Imported::new();
    let mut acknowledged = 0;
    for _ in 0..kills {
        let acks = killed_run(load, address, chance);
        acknowledged += acks.len();
        verify(address, &acks, &mut imported).await;
    }
    verify_all(address, &imported).await;
    acknowledged
}

fn assert_was_busy(acknowledged: usize, kills: u64) {
    eprintln!("{acknowledged} acknowledgements survived {kills} kills");
    assert!(
        acknowledged > 10 * usize::try_from(kills).unwrap(),
        "there was hardly any load"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_disk_is_full() {
    let Some(load) = program("load") else { return };
    let directory = TempDir::new().unwrap();
    let file = format!("sqlite:{}", directory.path().join("shop.db").display());
    // Files of this process can't grow beyond 2 MiB, which its writes are told as an error.
    let limited = "trap '' XFSZ; ulimit -f 4096; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh"]).arg(&load);
    let (acks, errors) = whole_run(laden(&mut command, &file).args(["--seconds", "4"]));
    assert!(errors > 0, "the disk was never full");
    let mut imported = Imported::new();
    verify(&file, &acks, &mut imported).await;
    verify_all(&file, &imported).await;

    // With room again the shop goes on.
    let mut command = Command::new(&load);
    let (more, errors) = whole_run(laden(&mut command, &file).args(["--seconds", "1"]));
    assert_eq!((more.is_empty(), errors), (false, 0));
    verify(&file, &more, &mut imported).await;
    verify_all(&file, &imported).await;
}

/// Runs the program to its end; gives what it acknowledged, and how many errors it tells of.
fn whole_run(command: &mut Command) -> (Vec<Ack>, u64) {
    let command = command.args(["--scenario", "paid-checkout", "--stock", "300", "--json"]);
    let out = command.stderr(Stdio::null()).output().unwrap().stdout;
    let (begun, _) = channel();
    let mut lines = whole_lines(out.as_slice(), &begun);
    let report: serde_json::Value = serde_json::from_str(&lines.pop().unwrap()).unwrap();
    let acks = lines.iter().map(|line| Ack::read(line)).collect();
    (acks, report["errors"].as_u64().unwrap())
}

/// What the program is always told to do.
fn laden<'a>(command: &'a mut Command, address: &str) -> &'a mut Command {
    let size = ["--clients", "8", "--products", "3", "--vouchers", "2"];
    command.args(["--store", address, "--acks"]).args(size)
}

/// Runs the program until a random moment and kills it; gives what it had acknowledged.
fn killed_run(load: &Path, address: &str, chance: &mut Chance) -> Vec<Ack> {
    let (scenario, stock) = match chance.below(8) {
        0 => ("import", "2000"),
        1 => ("voucher", "300"),
        2 => ("expiry", "60"),
        _ => ("paid-checkout", "300"),
    };
    let mut command = Command::new(load);
    laden(&mut command, address)
        .args(["--scenario", scenario, "--stock", stock, "--seconds", "60"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let (lines, begun) = collect(&mut child);
    // Some are killed while they start, most while they work.
    if chance.below(5) > 0 {
        let _ = begun.recv_timeout(Duration::from_secs(10));
    }
    thread::sleep(Duration::from_millis(chance.below(LONGEST)));
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = lines.join().unwrap();
    lines.iter().map(|line| Ack::read(line)).collect()
}
