//! Why a row was refused. No reason ever tells a content.

use std::fmt;
use std::io;

use shopcore::customer::Contact;
use shopcore::invoice::Reference;
use shopcore::stock::{Content, ContentError};
use shopcore::text::{Name, ProductCode, VoucherCode};
use shopcore::voucher::TermsError;
use thiserror::Error;

use super::Place;

/// Why a row was refused.
#[derive(Debug, Error)]
pub(super) enum Reason {
    #[error("{column}: {reason}")]
    Field {
        column: &'static str,
        reason: String,
    },
    #[error("a duplicate: the shop has a product {0}")]
    CodeTaken(ProductCode),
    #[error("a duplicate: the shop has a voucher {0}")]
    VoucherTaken(VoucherCode),
    #[error("a duplicate: the shop knows {}:{}", .0.frontend, .0.external)]
    CustomerKnown(Contact),
    #[error("the shop has never met {}:{}; shopbot import customers makes them known", .0.frontend, .0.external)]
    UnknownCustomer(Contact),
    #[error("a duplicate: the shop has taken over {0}")]
    ReferenceTaken(Reference),
    #[error("the shop sells no {0}")]
    UnknownProduct(ProductCode),
    #[error("there are too few of {0} for this and the rows before it")]
    TooFew(ProductCode),
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error("a duplicate of {0}")]
    DuplicateOf(Place),
    #[error("unknown category {0}; --create-categories makes it")]
    UnknownCategory(Name),
    #[error("a duplicate: the shop has this content")]
    Known,
    #[error("it is not UTF-8 text")]
    NotText,
    #[error("it has more than {max} bytes, and a content at most {letters} characters", letters = Content::TEXT_MAX)]
    LongLine { max: u64 },
    #[error("it has {has} field{s}, the header has {header}", s = if *has == 1 { "" } else { "s" })]
    Fields { has: usize, header: usize },
    #[error("it is not a regular file")]
    NoFile,
    #[error("it can't be read: {0}")]
    Unreadable(io::Error),
    #[error(transparent)]
    Content(#[from] ContentError),
}

impl Reason {
    /// The category that the shop does not have.
    pub(super) fn unknown_category(&self) -> Option<&Name> {
        if let Self::UnknownCategory(name) = self {
            Some(name)
        } else {
            None
        }
    }
}

/// What is wrong in a column.
pub(super) fn in_column<E: fmt::Display>(column: &'static str) -> impl Fn(E) -> Reason {
    move |reason| Reason::Field {
        column,
        reason: reason.to_string(),
    }
}
