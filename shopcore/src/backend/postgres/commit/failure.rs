//! Why a batch was not applied.

use crate::backend::postgres::failure::Outage;
use crate::store::{CommitError, Rejection};

/// Why a batch was not applied, or perhaps not.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// A guard refused it.
    Rejected(Rejection),
    /// What was read has changed.
    Conflict,
    /// The database did not take it; nothing happened.
    Down(Outage),
    /// The database may have taken it.
    Unknown(Outage),
}

impl Failure {
    /// The failure of a write, by the constraint that it hurt.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        let database = error.as_database_error();
        let code = database.and_then(|error| error.code());
        match code.as_deref() {
            Some("23503") => Self::Rejected(Rejection::Dangling),
            Some("23505") => {
                let name = database.and_then(|error| error.constraint());
                name.and_then(taken).map_or(Self::Conflict, Self::Rejected)
            }
            Some(_) | None => Self::Down(Outage::of(error)),
        }
    }
}

/// What the unique constraint of this name keeps apart.
fn taken(constraint: &str) -> Option<Rejection> {
    Some(match constraint {
        "shops_name_key" => Rejection::ShopNameTaken,
        "categories_shop_id_name_key" => Rejection::CategoryNameTaken,
        "products_shop_id_code_key" => Rejection::ProductCodeTaken,
        "customers_shop_id_frontend_external_key" => Rejection::ContactTaken,
        "vouchers_shop_id_code_key" => Rejection::VoucherCodeTaken,
        "orders_shop_id_number_key" => Rejection::OrderNumberTaken,
        "charges_shop_id_gateway_reference_key" => Rejection::ReferenceTaken,
        "payments_shop_id_gateway_event_key" => Rejection::PaymentSeen,
        "requests_pkey" => Rejection::RequestSeen,
        _ => return None,
    })
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<Failure> for CommitError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rejected(rejection) => Self::Rejected(rejection),
            Failure::Conflict => Self::Conflict,
            Failure::Down(outage) => Self::Unavailable(outage.into()),
            Failure::Unknown(outage) => Self::OutcomeUnknown(outage.into()),
        }
    }
}
