//! What a shop does: each service reads, decides with pure rules, and commits one batch.
