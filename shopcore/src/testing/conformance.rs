//! The conformance suite: one list of cases that every store must pass.
//!
//! A case gets a [`Trial`]: an empty store in which a shop was just opened. Each refusal is asked
//! for together with harmless changes, and must leave no trace of them either.
//!
//! ```
//! use std::sync::Arc;
//! use shopcore::backend::memory::MemoryStore;
//! use shopcore::time::VirtualClock;
//!
//! // What comes beside the store, such as its directory, is kept until the case ends.
//! async fn in_memory(clock: Arc<VirtualClock>) -> Option<(Arc<MemoryStore>, ())> {
//!     Some((Arc::new(MemoryStore::new(clock)), ()))
//! }
//!
//! shopcore::conformance_suite!(memory, in_memory);
//! # fn main() {}
//! ```

#[doc(hidden)]
pub mod batch;
#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod chat;
#[doc(hidden)]
pub mod customer;
#[doc(hidden)]
pub mod invoice;
#[doc(hidden)]
pub mod ledger;
#[doc(hidden)]
pub mod order;
#[doc(hidden)]
pub mod outbox;
#[doc(hidden)]
pub mod race;
#[doc(hidden)]
pub mod recount;
#[doc(hidden)]
pub mod refund;
#[doc(hidden)]
pub mod review;
#[doc(hidden)]
pub mod snapshot;
#[doc(hidden)]
pub mod stock;
mod trial;
#[doc(hidden)]
pub mod voucher;

pub use trial::{Trial, claim, hold, place};

/// Emits one test for each case, in a module named after the backend.
///
/// The expression is a function of the clock that the store shall run on; it gives, in time, the
/// empty store and whatever must live as long as it; or `None`, after a loud remark, where the store
/// needs something that is not there.
#[macro_export]
macro_rules! conformance_suite {
    ($backend:ident, $make:expr) => {
        mod $backend {
            use super::*;

            $crate::conformance_suite! { @list $make;
                batch {
                    a_shop_is_found_by_its_name
                    a_shop_name_is_taken_once
                    a_shop_must_be_open_to_be_changed
                    a_batch_sent_again_is_applied_once
                    a_lost_reply_or_request_is_mended_by_sending_again
                    a_refused_batch_may_be_sent_again
                    old_batches_are_forgotten
                    a_row_named_twice_is_a_defect
                    a_mixed_batch_is_refused_whole
                    the_audit_tells_who_did_what_newest_first
                    the_audit_is_searched
                    the_audit_is_followed_entry_by_entry
                    a_chore_is_not_audited
                    shops_do_not_see_each_other
                    a_shop_cannot_use_a_neighbours_rows
                }
                snapshot {
                    a_new_shop_has_no_rows
                    a_snapshot_has_every_row_by_id
                }
                catalog {
                    categories_are_listed_by_name
                    a_category_name_is_taken_once
                    a_product_is_found_by_its_code
                    a_product_code_is_taken_once
                    a_freed_product_code_can_be_used_again
                    an_update_replaces_the_version_that_was_read
                    an_updated_category_replaces_the_version_that_was_read
                    products_are_sorted_as_asked
                    a_product_needs_its_category
                    a_category_may_come_in_the_batch_of_its_product
                    a_premise_on_a_product_holds_or_conflicts
                    offers_are_filtered_and_ordered_by_name
                    offers_come_in_pages
                    search_ignores_case_in_every_script
                    availability_counts_units_up_to_a_bound
                    an_unlimited_product_is_available_with_its_content
                    unknown_products_are_left_out_of_offers
                }
                stock {
                    added_units_are_available_by_id
                    a_duplicate_content_is_told_by_its_place
                    a_duplicate_is_found_far_into_a_large_import
                    units_need_their_product
                    fingerprints_are_found_in_any_state
                    a_hold_takes_the_first_units_for_its_lines
                    a_hold_of_too_many_is_out_of_stock
                    a_hold_needs_its_line
                    held_units_are_sold_to_their_line
                    released_units_are_available_again
                    a_sale_of_another_quantity_conflicts
                    withdrawn_units_are_restored_and_no_others
                    taken_units_are_sold_at_once
                    withdrawn_units_are_not_sold
                    held_units_are_not_withdrawn
                    a_premise_on_a_unit_holds_or_conflicts
                    a_unit_is_found_by_its_id
                }
                voucher {
                    a_voucher_keeps_all_of_its_terms
                    a_voucher_starts_unused
                    a_voucher_code_is_taken_once
                    vouchers_are_listed_by_code
                    terms_are_replaced_by_version
                    terms_below_what_is_used_are_rejected
                    a_held_use_is_redeemed
                    a_released_use_can_only_be_taken
                    a_use_is_taken_at_once
                    a_use_belongs_to_its_voucher
                    an_exhausted_voucher_is_rejected
                    a_customer_uses_a_voucher_as_often_as_allowed
                    a_use_needs_its_order_customer_and_voucher
                    a_premise_on_terms_holds_or_conflicts
                }
                order {
                    an_order_is_found_by_id_and_number
                    an_order_number_is_taken_once
                    what_a_customer_bought_is_counted
                    what_was_sold_most_comes_first
                    an_order_needs_what_it_names
                    an_order_takes_every_legal_edge_and_no_other
                    a_move_notes_its_time
                    orders_are_listed_newest_first
                }
                invoice {
                    an_invoice_is_found_by_id_and_order
                    an_order_has_one_invoice
                    an_invoice_needs_its_order_and_customer
                    an_invoice_takes_every_legal_edge_and_no_other
                    an_invoice_changes_only_as_it_was_read
                    due_invoices_are_open_and_earliest_first
                    open_deposits_are_listed_newest_first
                    unpaid_deposits_are_listed_newest_first
                    a_charge_is_found_by_its_reference
                    a_reference_is_taken_once_at_a_gateway
                    a_charge_needs_its_invoice
                    an_open_invoice_may_expire_later
                    a_charge_is_opened_once
                    a_charge_is_opened_in_its_own_currency
                    a_charge_takes_every_legal_edge_and_no_other
                    charges_are_polled_when_due
                    a_payment_is_recorded_once
                    a_payment_may_match_nothing
                }
                ledger {
                    a_wallet_holds_what_was_posted
                    a_wallet_never_falls_below_zero
                    a_wallet_holds_no_more_than_can_be_counted
                    a_wallet_holds_each_currency_apart
                    a_transfer_is_stored_with_its_postings
                    a_transfer_needs_what_it_names
                    statements_are_listed_newest_first
                    a_statement_tells_what_became_of_its_payment
                }
                customer {
                    a_customer_is_found_by_id_and_contact
                    a_contact_is_taken_once
                    a_customer_changes_from_what_was_read
                    customers_are_listed_newest_first_as_they_are_asked_for
                    a_cart_is_empty_until_it_is_stored
                    a_cart_replaces_the_version_that_was_read
                    a_cart_needs_its_customer
                }
                refund {
                    a_refund_is_found_by_what_it_is_about
                    a_refund_ends_once
                    a_refund_needs_what_it_names
                    an_order_counts_what_is_given_back_up_to_its_total
                    payments_through_a_gateway_are_listed_by_when_they_were_recorded
                }
                recount {
                    uses_are_recounted_from_their_rows
                    a_wallet_is_recounted_from_its_entries
                    an_order_recounts_its_refunds
                }
                review {
                    an_open_case_is_resolved_once
                    a_case_needs_what_it_names
                    open_cases_are_listed_oldest_first
                }
                outbox {
                    an_item_is_claimed_once_within_its_lease
                    items_of_a_lane_go_one_after_another
                    a_postponed_item_keeps_its_lane
                    claims_stay_within_reach_and_limit
                    an_item_is_finished_once
                    old_items_are_forgotten_once_they_are_of_no_use
                    messages_are_logged_once_and_forgotten
                    a_lease_has_one_holder_at_a_time
                    only_its_holder_gives_a_lease_back
                }
                chat {
                    a_dialog_replaces_the_version_that_was_read
                    a_dialog_ends_as_often_as_asked
                    the_last_state_of_a_plugin_stays
                    a_state_is_swapped_only_for_the_one_that_was_read
                    states_are_listed_by_the_beginning_of_their_keys
                    a_request_is_carried_out_once
                    old_requests_are_forgotten
                }
                race {
                    fifty_buyers_of_one_unit
                    two_hundred_tries_of_a_voucher_with_five_uses
                    twenty_purchases_from_a_wallet_for_one
                    eight_who_send_the_same_batch
                    payment_and_expiry_of_one_order
                    what_was_committed_is_read
                }
            }
        }
    };
    (@list $make:expr; $($domain:ident { $($case:ident)+ })+) => {$(
        mod $domain {
            use super::*;

            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $case() {
                    let clock = std::sync::Arc::new($crate::time::VirtualClock::default());
                    let Some((store, _kept)) = ($make)(clock.clone()).await else {
                        return;
                    };
                    let trial = $crate::testing::conformance::Trial::open(store, clock).await;
                    $crate::testing::conformance::$domain::$case(&trial).await;
                }
            )+
        }
    )+};
}
