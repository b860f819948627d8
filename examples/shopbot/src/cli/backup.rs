//! What may be typed after `shopbot backup` and `shopbot restore`.

use std::path::PathBuf;

use clap::Args;

pub(super) const BACKUP: &str = "\
The shop may be open meanwhile: the file shows it at one moment. It counts only once it has been
decrypted again, taken into a scratch database and found to keep every invariant.

It is sealed as age seals, for a public key or by a passphrase. `shopbot key new-backup FILE` makes a
key pair and tells the public key, which is all that the machine of the shop needs.

The vault's key is NOT in it: without that key the contents that were for sale are lost. Keep a copy
of the key file, too, and not beside the backups.

Examples:
  shopbot key new-backup backup.key
  shopbot backup --recipient age1… --to /mnt/backups
  shopbot backup --passphrase-file passphrase.txt

In shopbot.toml:
  [backup]
  folder = \"backups\"
  recipient = \"age1…\"           or passphrase_file = \"passphrase.txt\"
  at = \"03:00\"                 every day at this time, by the shop's clock, while a shopbot is open
  keep = 7                     older ones of this shop are removed from the folder

The owner is told in chat when one can't be made.";

pub(super) const RESTORE: &str = "\
End every shopbot that has the shop open first. The file is decrypted and checked as a whole before
anything is changed; what is damaged, foreign or newer is refused. It may come from SQLite and go to
PostgreSQL, or the other way.

Where there is a shop already nothing is done without --force. With it a file is kept aside under
another name; in PostgreSQL the rows of this shop are replaced, so back it up first.

The vault's key is not in a backup: name its file as `key_file`, or put it beside the store.

Examples:
  shopbot restore backups/shop-20260131-030000.shopbackup --identity backup.key
  shopbot --store sqlite:new/shop.db restore FILE --passphrase-file passphrase.txt";

#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    /// A new file, or a folder [default: as configured, else this one]
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) to: Option<PathBuf>,
    /// The public key it is sealed for: age1…
    #[arg(long, value_name = "KEY", conflicts_with = "passphrase_file")]
    pub(crate) recipient: Option<String>,
    /// A file with the passphrase it is sealed by
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// The backup
    pub(crate) file: PathBuf,
    /// Restore also where the shop is
    #[arg(long)]
    pub(crate) force: bool,
    /// The file with the key of `shopbot key new-backup`
    #[arg(long, value_name = "FILE", required_unless_present = "passphrase_file")]
    pub(crate) identity: Option<PathBuf>,
    /// A file with the passphrase
    #[arg(long, value_name = "FILE", conflicts_with = "identity")]
    pub(crate) passphrase_file: Option<PathBuf>,
}
