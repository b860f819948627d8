//! The audit's file: what was changed in it is noticed, and a crash loses and doubles nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::Duration;
use shopcore::audit::Actor;
use shopcore::jobs::{Flaw, Journal, JournalError};
use shopcore::text::Reason;
use shopcore::time::VirtualClock;
use shopcore::{MemoryStore, Shop};
use tempfile::TempDir;

use crate::world::{builder, idr, person};

struct Kept {
    shop: Shop,
    clock: Arc<VirtualClock>,
    folder: TempDir,
}

impl Kept {
    async fn open() -> Self {
        let clock: Arc<VirtualClock> = Arc::default();
        let store = Arc::new(MemoryStore::default());
        let shop = builder(store, &clock).build().await.unwrap();
        let folder = TempDir::new().unwrap();
        Self {
            shop,
            clock,
            folder,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    /// Gives presents, and waits until their entries are settled.
    async fn give(&self, presents: u32) {
        let (contact, chat) = person("ann");
        let met = self.shop.customers().meet(&contact, &chat, None).await;
        let (ann, reason) = (met.unwrap().id, Reason::parse("a present").unwrap());
        for _ in 0..presents {
            let (shop, request) = (&self.shop, self.shop.new_request());
            let wallet = shop.wallet();
            let given = wallet.adjust(&Actor::Operator, ann, idr(5_000), &reason, &request);
            given.await.unwrap();
        }
        self.clock.advance(Duration::hours(2));
    }

    async fn flaw(&self, text: &str) -> (usize, Flaw) {
        fs::write(self.path(), text).unwrap();
        match Journal::new(self.path()).verify(&self.shop).await {
            Err(JournalError::Broken { line, flaw, .. }) => (line, flaw),
            told => panic!("{told:?}"),
        }
    }
}

fn lines(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn a_line_that_is_changed_taken_out_or_moved_is_named() {
    let kept = Kept::open().await;
    kept.give(4).await;
    let journal = Journal::new(kept.path());
    let written = journal.extend(&kept.shop).await.unwrap();
    assert!(written >= 4, "{written}");
    assert_eq!(journal.extend(&kept.shop).await.unwrap(), 0);
    let whole = lines(&kept.path());
    assert_eq!(
        journal.verify(&kept.shop).await.unwrap(),
        u64::try_from(whole.len()).unwrap()
    );

    let mut changed = whole.clone();
    changed[2] = changed[2].replace("operator", "somebody");
    assert_eq!(kept.flaw(&changed.concat()).await, (3, Flaw::Unreadable));
    let mut changed = whole.clone();
    changed[2] = changed[2].replacen("5.000", "6.000", 1);
    assert_ne!(changed[2], whole[2]);
    assert_eq!(kept.flaw(&changed.concat()).await, (3, Flaw::Forged));
    let mut shorter = whole.clone();
    shorter.remove(1);
    assert_eq!(kept.flaw(&shorter.concat()).await, (2, Flaw::Misplaced));
    let mut moved = whole;
    moved.swap(1, 2);
    assert_eq!(kept.flaw(&moved.concat()).await, (2, Flaw::Misplaced));
}

#[tokio::test]
async fn the_file_of_another_shop_is_noticed_though_its_chain_is_whole() {
    let (kept, other) = (Kept::open().await, Kept::open().await);
    kept.give(1).await;
    other.give(1).await;
    Journal::new(other.path())
        .extend(&other.shop)
        .await
        .unwrap();
    let text = fs::read_to_string(other.path()).unwrap();
    assert_eq!(kept.flaw(&text).await, (1, Flaw::Foreign));
}

#[tokio::test]
async fn a_line_that_was_cut_in_the_middle_is_written_again_once() {
    let kept = Kept::open().await;
    kept.give(3).await;
    let journal = Journal::new(kept.path());
    journal.extend(&kept.shop).await.unwrap();
    let whole = fs::read(kept.path()).unwrap();
    for length in [0, 1, whole.len() / 2, whole.len() - 1] {
        fs::write(kept.path(), &whole[..length]).unwrap();
        assert!(journal.extend(&kept.shop).await.unwrap() > 0);
        assert!(fs::read(kept.path()).unwrap() == whole, "cut at {length}");
    }
}

#[tokio::test]
async fn a_long_file_is_followed_by_another_in_the_same_chain() {
    let kept = Kept::open().await;
    let journal = Journal::new(kept.path()).rotated_at(1);
    let mut written = 0;
    for _ in 0..3 {
        kept.give(1).await;
        written += journal.extend(&kept.shop).await.unwrap();
    }
    for number in [1, 2] {
        assert!(
            kept.folder
                .path()
                .join(format!("audit.jsonl.{number}"))
                .exists()
        );
    }
    assert_eq!(
        journal.verify(&kept.shop).await.unwrap(),
        u64::try_from(written).unwrap()
    );
    fs::remove_file(kept.folder.path().join("audit.jsonl.1")).unwrap();
    assert!(journal.verify(&kept.shop).await.is_err());
}
