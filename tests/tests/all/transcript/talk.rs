//! A person at the pipes of a chat: reads what is printed and presses the numbered buttons.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// How long a person waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A chat that is open.
pub(super) struct Talk {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    /// What was printed since something was last said.
    seen: String,
}

impl Talk {
    pub(super) fn open(command: &mut Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self {
            child,
            input,
            lines,
            seen: String::new(),
        }
    }

    /// Types a line.
    pub(super) fn say(&mut self, line: &str) {
        self.seen.clear();
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    /// Reads until this text is there; gives all that was printed since something was said.
    pub(super) fn wait_for(&mut self, text: &str) -> String {
        while !self.seen.contains(text) {
            self.read_line(text);
        }
        self.seen.clone()
    }

    /// Presses a button where something else may come at any moment: the number that is typed is
    /// that of its buttons then. Whether `text` followed.
    pub(super) fn try_to_press(&mut self, label: &str, text: &str) -> bool {
        const MISSED: [&str; 2] = ["What would you like to do?", "There is no button"];
        self.press(label);
        while !self.seen.contains(text) {
            if MISSED.iter().any(|missed| self.seen.contains(missed)) {
                return false;
            }
            self.read_line(text);
        }
        true
    }

    /// Presses the newest button of this label, once it is there.
    pub(super) fn press(&mut self, label: &str) {
        loop {
            if let Some(number) = number_of(&self.seen, label) {
                return self.say(&number);
            }
            self.read_line(label);
        }
    }

    fn read_line(&mut self, awaited: &str) {
        match self.lines.recv_timeout(PATIENCE) {
            Ok(line) => self.seen += &format!("{line}\n"),
            Err(_) => panic!("waited for {awaited:?}, and was shown:\n{}", self.seen),
        }
    }

    /// Kills the process; gives what it had printed since something was said.
    pub(super) fn kill(mut self) -> String {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let rest: Vec<_> = self.lines.iter().collect();
        std::mem::take(&mut self.seen) + &rest.join("\n")
    }
}

impl Drop for Talk {
    /// Ends the chat as the end of a pipe does.
    fn drop(&mut self) {
        drop(self.input.take());
        // It may have been killed already.
        let _ = self.child.wait();
    }
}

/// The number of the newest button whose label ends with this text or has it as whole words, such
/// as 2 of `[1] 🛍 Shop   [2] 🔍 Search`.
fn number_of(text: &str, label: &str) -> Option<String> {
    let words = format!("{label} ");
    let rows = text.lines().filter(|line| line.starts_with('['));
    let buttons = rows.flat_map(|row| row.split("   "));
    let numbers = buttons.filter_map(|button| {
        let (number, name) = button.strip_prefix('[')?.split_once("] ")?;
        (name.ends_with(label) || name.contains(&words)).then_some(number)
    });
    numbers.last().map(str::to_owned)
}
