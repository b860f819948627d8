//! The invariants of a shop, evaluated over all of its rows.
