//! The names of backups in a folder, and which of them are kept.

use std::fs;
use std::io;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use crate::text::Name;
use crate::time::Timestamp;

const ENDING: &str = ".shopbackup";

/// The name of a shop's backup of this moment, in UTC: `corner-20260131-030000.shopbackup`.
#[must_use]
pub fn file_name(shop: &Name, at: Timestamp) -> String {
    format!("{}-{}{ENDING}", stem(shop), at.format("%Y%m%d-%H%M%S"))
}

/// Takes all but the newest `keep` backups of a shop out of a folder, and tells which. Only files
/// whose whole name is one of [`file_name`] are looked at.
///
/// # Errors
/// When the folder can't be read or a file not be removed; others may be gone then.
pub fn prune(folder: &Path, shop: &Name, keep: NonZeroUsize) -> io::Result<Vec<PathBuf>> {
    let mut own = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_file() && name.to_str().is_some_and(|name| is_of(name, shop)) {
            own.push(entry.path());
        }
    }
    own.sort_unstable();
    let old = own.len().saturating_sub(keep.get());
    own.truncate(old);
    for path in &own {
        fs::remove_file(path)?;
    }
    Ok(own)
}

fn is_of(name: &str, shop: &Name) -> bool {
    let moment = name.strip_prefix(stem(shop).as_str());
    let moment = moment.and_then(|rest| rest.strip_prefix('-')?.strip_suffix(ENDING));
    moment.is_some_and(|moment| {
        let mut letters = moment.bytes().enumerate();
        moment.len() == 15
            && letters.all(|(place, letter)| match place {
                8 => letter == b'-',
                _ => letter.is_ascii_digit(),
            })
    })
}

/// The shop's name as one of a file.
fn stem(shop: &Name) -> String {
    let letters = shop.as_str().chars().map(|letter| match letter {
        letter if letter.is_alphanumeric() => letter,
        _ => '_',
    });
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_micros;

    #[test]
    fn only_the_oldest_of_a_shops_own_backups_are_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let shop = Name::parse("Corner Shop").unwrap();
        let name = file_name(&shop, from_micros(0));
        assert_eq!(name, "corner_shop-19700101-000000.shopbackup");
        let mut others = vec![
            "corner_shop-19700101-000000.shopbackup.part-1",
            "corner_shop-2-19700101-000000.shopbackup",
            "corner_shop-mine.shopbackup",
            "corner-19700101-000000.shopbackup",
            "shop.db",
        ];
        let own = (0..9).map(|day| format!("corner_shop-1970010{day}-030000.shopbackup"));
        let own: Vec<_> = own.collect();
        for name in others.iter().copied().chain(own.iter().map(String::as_str)) {
            fs::write(folder.path().join(name), "x").unwrap();
        }
        let keep = NonZeroUsize::new(7).unwrap();
        let gone = prune(folder.path(), &shop, keep).unwrap();
        assert_eq!(gone, [0, 1].map(|at: usize| folder.path().join(&own[at])));
        others.extend(own[2..].iter().map(String::as_str));
        others.sort_unstable();
        let left = fs::read_dir(folder.path()).unwrap();
        let left = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut left: Vec<_> = left.collect();
        left.sort_unstable();
        assert_eq!(left, others);
        assert!(prune(folder.path(), &shop, keep).unwrap().is_empty());
    }
}
