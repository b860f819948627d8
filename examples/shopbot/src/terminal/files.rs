//! Files that come with goods, saved where the person can open them, and those that they send.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The largest file that is sent, in bytes.
const SENT_MAX: u64 = 10 * 1024 * 1024;

/// The name and the bytes of a file that is to be sent.
pub(super) fn read(path: &Path) -> io::Result<(String, Vec<u8>)> {
    let about = fs::metadata(path)?;
    if !about.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    if about.len() > SENT_MAX {
        return Err(io::Error::other("it has more than 10 MB"));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Ok((name.into_owned(), fs::read(path)?))
}

/// Saves a file in `folder` under a harmless name that is not taken, readable by its owner only.
pub(super) fn save(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
    fs::create_dir_all(folder)?;
    let name = harmless(name);
    for number in 0_u32.. {
        let path = folder.join(numbered(&name, number));
        match create(&path) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                if fs::read(&path)? == bytes {
                    return Ok(path);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

fn create(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// The last part of a name, without characters that mean something to a shell or a file system.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let keep = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ' ');
    let kept: String = last
        .chars()
        .map(|c| if keep(c) { c } else { '_' })
        .take(100)
        .collect();
    let kept = kept.trim_matches(['.', ' ']);
    if kept.is_empty() {
        "file".to_owned()
    } else {
        kept.to_owned()
    }
}

fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (0, _) => name.to_owned(),
        (_, Some((stem, ending))) => format!("{stem}-{number}.{ending}"),
        (_, None) => format!("{name}-{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_file_that_is_not_too_large_is_sent() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        assert!(read(&path).is_err());
        assert!(read(folder.path()).is_err());
        fs::write(&path, "picture").unwrap();
        assert_eq!(
            read(&path).unwrap(),
            ("a.png".to_owned(), b"picture".to_vec())
        );
        let file = fs::File::create(&path).unwrap();
        file.set_len(SENT_MAX + 1).unwrap();
        assert!(read(&path).is_err());
    }

    #[test]
    fn names_stay_in_the_folder() {
        for (name, safe) in [
            ("../../etc/passwd", "passwd"),
            ("a\\b\\c.txt", "c.txt"),
            ("..", "file"),
            ("a;rm -rf $HOME", "a_rm -rf _HOME"),
            ("مفتاح.txt", "مفتاح.txt"),
        ] {
            assert_eq!(harmless(name), safe);
        }
    }
}
