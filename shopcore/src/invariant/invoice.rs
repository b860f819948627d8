//! The invariant of expiry.

use super::Rules;
use super::rows::Rows;

/// The job has had two chances to expire what is due.
pub(super) fn expiry(rows: &Rows<'_>, rules: &Rules) -> Vec<String> {
    let grace = rules.expiry_period.checked_mul(2);
    let latest = grace.and_then(|grace| rules.now.checked_sub_signed(grace));
    let open = rows
        .all
        .invoices
        .iter()
        .filter(|invoice| invoice.state.is_open());
    let overdue = open.filter(|invoice| latest.is_some_and(|latest| invoice.expires_at < latest));
    overdue
        .map(|invoice| {
            format!(
                "invoice {} is open since {}",
                invoice.id, invoice.expires_at
            )
        })
        .collect()
}
