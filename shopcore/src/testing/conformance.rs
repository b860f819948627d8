//! The conformance suite: one list of cases that every store must pass.
//!
//! A case gets a [`Trial`]: an empty store in which a shop was just opened. Each refusal is asked
//! for together with harmless changes, and must leave no trace of them either.
//!
//! ```ignore
//! use std::sync::Arc;
//! use shopcore::backend::memory::MemoryStore;
//!
//! // What comes beside the store, such as its directory, is kept until the case ends.
//! shopcore::conformance_suite!(memory, async |clock| (Arc::new(MemoryStore::new(clock)), ()));
//! ```

mod trial;

#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod stock;
#[doc(hidden)]
pub mod voucher;

pub use trial::{Trial, claim, hold, place};

/// Emits one test for each case, in a module named after the backend.
///
/// The expression is a function of the clock that the store shall run on; it gives, in time, the
/// empty store and whatever must live as long as it.
#[macro_export]
macro_rules! conformance_suite {
    ($backend:ident, $make:expr) => {
        mod $backend {
            use super::*;

            $crate::conformance_suite! { @list $make;
                catalog {
                    categories_are_listed_by_name
                    a_category_name_is_taken_once
                    a_product_is_found_by_its_code
                    a_product_code_is_taken_once
                    a_freed_product_code_can_be_used_again
                    an_update_replaces_the_version_that_was_read
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
                    let (store, _kept) = ($make)(clock.clone()).await;
                    let trial = $crate::testing::conformance::Trial::open(store, clock).await;
                    $crate::testing::conformance::$domain::$case(&trial).await;
                }
            )+
        }
    )+};
}
