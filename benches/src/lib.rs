//! Measures shopcore: a stand that sells, the scenarios it is put through, and how long they take.

pub mod load;
pub mod neighbours;
pub mod stand;
pub mod stopwatch;
pub mod target;
