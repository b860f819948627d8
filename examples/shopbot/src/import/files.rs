//! Contents that are files themselves.

use std::fs;
use std::path::{Path, PathBuf};

use shopcore::stock::{Content, ContentError};

use super::reasons::Reason;
use super::{Checked, Place};

/// Reads files, each as one content.
pub(super) fn read_files(paths: &[PathBuf]) -> Checked<Content> {
    let mut checked = Checked::new();
    for path in paths {
        let place = Place::File(path.clone());
        match read(path) {
            Ok(content) => checked.good.push((place, content)),
            Err(reason) => checked.refuse(place, reason),
        }
    }
    checked
}

fn read(path: &Path) -> Result<Content, Reason> {
    let about = fs::metadata(path).map_err(Reason::Unreadable)?;
    // A device or a pipe may never end.
    if !about.is_file() {
        return Err(Reason::NoFile);
    }
    let actual = usize::try_from(about.len()).unwrap_or(usize::MAX);
    // Looked at first, so that no huge file is read into memory only to be refused.
    if actual > Content::FILE_MAX {
        return Err(Reason::Content(ContentError::TooLong {
            max: Content::FILE_MAX,
            actual,
            unit: "bytes",
        }));
    }
    let bytes = fs::read(path).map_err(Reason::Unreadable)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok(Content::file(&name, bytes)?)
}
