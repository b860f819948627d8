//! Several processes on one shop that are killed and started at random.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use super::testimony::{Life, Line, Testimony};
use crate::stopwatch::Stopwatch;

/// How long a process works that is to be killed, and how long the last one, which is not.
const SECONDS: &str = "--seconds=86400";
const SECONDS_LAST: &str = "--seconds=1";

/// The longest that a process lives.
const LIFE_MAX_MILLIS: u64 = 4_000;

/// Programs that do the same work on one store.
#[derive(Clone)]
pub struct Crowd {
    /// The program.
    pub program: PathBuf,
    /// What it is told, beside `--seconds`.
    pub arguments: Vec<String>,
    /// What it finds in its environment.
    pub variables: Vec<(String, String)>,
    /// How many run at once.
    pub processes: u32,
    /// How long they are killed and started.
    pub lasting: Duration,
    /// What the moments follow from.
    pub seed: u64,
}

impl Crowd {
    /// Lets the processes work, and one that is not killed finish; gives what each of them told.
    ///
    /// # Errors
    /// When a process can't be started or read, or the last one fails.
    pub fn run(&self) -> io::Result<Testimony> {
        let began = Stopwatch::start();
        let told = thread::scope(|scope| {
            let places = 0..u64::from(self.processes);
            let places: Vec<_> = places
                .map(|place| scope.spawn(move || self.keep_one_running(place, began)))
                .collect();
            let told = places.into_iter().map(|place| {
                let ended = place
                    .join()
                    .map_err(|_| io::Error::other("a thread ended badly"));
                ended.flatten()
            });
            told.collect::<io::Result<Vec<_>>>()
        })?;
        let mut lives: Vec<_> = told.into_iter().flatten().collect();
        lives.push(self.live(None)?);
        Ok(Testimony::new(lives))
    }

    /// Starts a process whenever the last one was killed.
    fn keep_one_running(&self, place: u64, began: Stopwatch) -> io::Result<Vec<Life>> {
        let mut chance = self.seed.wrapping_add(place);
        let mut lives = Vec::new();
        while began.elapsed() < self.lasting {
            let life = Duration::from_millis(below(&mut chance, LIFE_MAX_MILLIS));
            lives.push(self.live(Some(life))?);
        }
        Ok(lives)
    }

    /// The life of one process, until it is killed or, without an end that is set, ends by itself.
    fn live(&self, end: Option<Duration>) -> io::Result<Life> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).arg(match end {
            Some(_) => SECONDS,
            None => SECONDS_LAST,
        });
        command.envs(self.variables.iter().cloned());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        let output = child.stdout.take();
        let reader = thread::spawn(move || output.map_or(Ok(Vec::new()), lines));
        if let Some(end) = end {
            thread::sleep(end);
            child.kill()?;
        }
        let status = child.wait()?;
        let lines = reader
            .join()
            .map_err(|_| io::Error::other("a reader ended badly"))??;
        if end.is_none() && !status.success() {
            return Err(io::Error::other(format!(
                "the last process failed: {status}"
            )));
        }
        Ok(Life {
            was_killed: end.is_some(),
            lines,
        })
    }
}

impl fmt::Debug for Crowd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crowd({} of {})", self.processes, self.program.display())
    }
}

/// What a process told; a line that was cut off was not told.
fn lines(output: impl Read) -> io::Result<Vec<Line>> {
    let mut reader = BufReader::new(output);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if !line.ends_with('\n') {
            return Ok(lines);
        }
        lines.extend(Line::read(line.trim_end()));
    }
}

/// A number below `limit` ([SplitMix64]).
///
/// [SplitMix64]: https://doi.org/10.1145/2714064.2660195
fn below(state: &mut u64, limit: u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % limit
}
