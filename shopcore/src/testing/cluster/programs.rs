//! The programs of PostgreSQL, wherever they are installed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where Debian installs its versions.
const DEBIAN: &str = "/usr/lib/postgresql";

/// Who may run them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum User {
    /// Whoever runs the tests.
    Same,
    /// `postgres`, since the tests run as root, which PostgreSQL refuses.
    Postgres,
}

/// A folder of programs of one version.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
    user: User,
}

impl Programs {
    /// The programs of the installed PostgreSQL; of Debian's versions the newest.
    pub(super) fn installed() -> Option<&'static Self> {
        static INSTALLED: OnceLock<Option<Programs>> = OnceLock::new();
        INSTALLED.get_or_init(Self::find).as_ref()
    }

    fn find() -> Option<Self> {
        let mut folders: Vec<_> = configured().into_iter().collect();
        folders.extend(debian());
        let folder = folders.into_iter().find(|path| is_server(path))?;
        let user = match output(Command::new("id").arg("-u")).as_deref() {
            Some("0") => User::Postgres,
            Some(_) | None => User::Same,
        };
        Some(Self { folder, user })
    }

    /// A program of this name.
    pub(super) fn command(&self, name: &str) -> Command {
        self.as_user(&self.folder.join(name))
    }

    /// A shell that runs `script`, in which `$0` is the folder of the programs.
    pub(super) fn shell(&self, script: &str) -> Command {
        let mut command = self.as_user(Path::new("/bin/sh"));
        command.args(["-c", script]).arg(&self.folder);
        command
    }

    fn as_user(&self, program: &Path) -> Command {
        let mut command = match self.user {
            User::Same => Command::new(program),
            User::Postgres => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
        };
        // The user may not be allowed to see where the tests run.
        command.current_dir("/");
        command
    }
}

fn configured() -> Option<PathBuf> {
    output(Command::new("pg_config").arg("--bindir")).map(PathBuf::from)
}

/// Newest first.
fn debian() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(DEBIAN) else {
        return Vec::new();
    };
    let version = |path: &Path| -> Option<u32> { path.file_name()?.to_str()?.parse().ok() };
    let found = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut versions: Vec<_> = found
        .filter_map(|path| Some((version(&path)?, path.join("bin"))))
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, path)| path).collect()
}

/// Whether a folder has what makes and runs a server, and not a client only.
fn is_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "psql", "pg_basebackup"]
        .iter()
        .all(|name| folder.join(name).exists())
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|out| out.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}

/// The client program; of a server that is given it need not lie with a server's programs.
pub(super) fn psql() -> Command {
    match Programs::installed() {
        Some(programs) => Command::new(programs.folder.join("psql")),
        None => Command::new("psql"),
    }
}

/// Runs a program to its end; gives what it prints.
pub(super) fn run(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let remarks = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "PostgreSQL refuses: {remarks}");
    String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned()
}
