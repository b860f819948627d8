//! Whether a gateway moves real money.

/// Whether a gateway moves real money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    Live,
    /// It does not: for trying a shop out.
    Sandbox,
}
