//! The programs as people get them: built for release, looked for where `scripts/test` builds them.

use std::path::{Path, PathBuf};

/// The program of this name. Without it a test passes with a loud remark, unless
/// `SHOPCORE_REQUIRE_RELEASE=1` says that it has to be there.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    let path = directory().join(name);
    if path.exists() {
        return Some(path);
    }
    let missing = format!(
        "{} is not there; build it with `cargo build --release`, or name its directory in SHOPCORE_RELEASE_DIR",
        path.display()
    );
    let required = std::env::var("SHOPCORE_REQUIRE_RELEASE").is_ok_and(|value| value == "1");
    assert!(!required, "{missing}");
    eprintln!("\n!!! SKIPPED: {missing}\n");
    None
}

fn directory() -> PathBuf {
    if let Some(directory) = std::env::var_os("SHOPCORE_RELEASE_DIR") {
        return directory.into();
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    target.join("release")
}
