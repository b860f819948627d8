"""The guards of the PostgreSQL backend."""

from removals import NO_KEY, literally

FOLDERS = ["shopcore/src/backend/postgres", "shopcore/migrations/postgres"]

# A condition of a statement; what it compares with is a column, so that parameters stay the same.
CONDITION = (r"AND \S.*?(?= -- guard|$)", "AND TRUE")
# A comparison with what rows make, where anything is let through.
ANY_COUNT = (r"i\.becomes = \(", "i.becomes IN (SELECT i.becomes UNION")
# A refusal that is returned.
NOT_REFUSED = (r"return Err\(.*?\);", "")

# Guard: what its removal changes in the marked line, and the case that must fail.
GUARDS = {
    "batch_once": (
        literally("if !noted", "if false && !noted"),
        "batch::a_batch_sent_again_is_applied_once",
    ),
    "shop_opened": (
        literally("if !self", "if false && !self"),
        "batch::a_shop_must_be_open_to_be_changed",
    ),
    "shop_name": (literally(" UNIQUE", ""), "batch::a_shop_name_is_taken_once"),
    "premise_product": (
        literally("stored == Some(i64::from(version))", "stored.is_some() || i64::from(version) < 0"),
        "catalog::a_premise_on_a_product_holds_or_conflicts",
    ),
    "premise_voucher": (
        literally("stored.version == i64::from(version)", "stored.version != -i64::from(version)"),
        "voucher::a_premise_on_terms_holds_or_conflicts",
    ),
    "premise_unit": (CONDITION, "stock::a_premise_on_a_unit_holds_or_conflicts"),
    "category_version": (
        CONDITION,
        "catalog::an_updated_category_replaces_the_version_that_was_read",
    ),
    "category_name": (NO_KEY, "catalog::a_category_name_is_taken_once"),
    "product_code": (NO_KEY, "catalog::a_product_code_is_taken_once"),
    "product_version": (CONDITION, "catalog::an_update_replaces_the_version_that_was_read"),
    "products_category": (NO_KEY, "catalog::a_product_needs_its_category"),
    "units_product": (NO_KEY, "stock::units_need_their_product"),
    "units_line": (NO_KEY, "stock::a_hold_needs_its_line"),
    "content_once": (NO_KEY, "stock::a_duplicate_content_is_told_by_its_place"),
    "stock_enough": (
        [CONDITION, literally("Err(Rejection::OutOfStock { product, available }.into())", "Ok(())")],
        "stock::a_hold_of_too_many_is_out_of_stock",
    ),
    "unit_sell_from": (CONDITION, "stock::held_units_are_sold_to_their_line"),
    "unit_sell_all": (
        literally(".or_conflict_unless(quantity)", ""),
        "stock::a_sale_of_another_quantity_conflicts",
    ),
    "unit_release_from": (CONDITION, "stock::held_units_are_sold_to_their_line"),
    "unit_release_all": (
        literally(".or_conflict_unless(quantity)", ""),
        "stock::a_sale_of_another_quantity_conflicts",
    ),
    "unit_restore_from": (CONDITION, "stock::withdrawn_units_are_restored_and_no_others"),
    "unit_withdraw_from": (CONDITION, "stock::held_units_are_not_withdrawn"),
    "voucher_code": (NO_KEY, "voucher::a_voucher_code_is_taken_once"),
    "voucher_terms_version": (
        [CONDITION, literally("version !=", "version < -")],
        "voucher::terms_are_replaced_by_version",
    ),
    "voucher_terms_uses": (
        literally("uses >", "uses < -"),
        "voucher::terms_below_what_is_used_are_rejected",
    ),
    "voucher_terms_customer": (
        literally("most > allowed", "most < -allowed"),
        "voucher::terms_below_what_is_used_are_rejected",
    ),
    "voucher_uses": (NOT_REFUSED, "voucher::an_exhausted_voucher_is_rejected"),
    "voucher_customer": (NOT_REFUSED, "voucher::a_customer_uses_a_voucher_as_often_as_allowed"),
    "voucher_move_from": (CONDITION, "voucher::a_held_use_is_redeemed"),
    "voucher_take_from": (
        [CONDITION, literally("if self", "if false && self")],
        "voucher::a_held_use_is_redeemed",
    ),
    "redemptions_order": (NO_KEY, "voucher::a_use_needs_its_order_customer_and_voucher"),
    "redemptions_customer": (NO_KEY, "voucher::a_use_needs_its_order_customer_and_voucher"),
    "order_number": (NO_KEY, "order::an_order_number_is_taken_once"),
    "order_edge": (
        literally("from.may_become(*to)", "from.may_become(*to) || from != to"),
        "order::an_order_takes_every_legal_edge_and_no_other",
    ),
    "order_from": (CONDITION, "race::payment_and_expiry_of_one_order"),
    "orders_customer": (NO_KEY, "order::an_order_needs_what_it_names"),
    "orders_voucher": (NO_KEY, "order::an_order_needs_what_it_names"),
    "order_lines_product": (NO_KEY, "order::an_order_needs_what_it_names"),
    "order_lines_unlimited_unit": (NO_KEY, "order::an_order_needs_what_it_names"),
    "order_refund_edge": (
        literally("from.may_refund_to(*to)", "from.may_refund_to(*to) || true"),
        "refund::an_order_counts_what_is_given_back_up_to_its_total",
    ),
    "order_refund_total": (CONDITION, "refund::an_order_counts_what_is_given_back_up_to_its_total"),
    "order_refund_was": (CONDITION, "refund::an_order_counts_what_is_given_back_up_to_its_total"),
    "refund_edge": (
        literally("RefundState::Requested.may_become(*to)", "RefundState::Requested.may_become(*to) || true"),
        "refund::a_refund_ends_once",
    ),
    "refund_requested": (CONDITION, "refund::a_refund_ends_once"),
    "refunds_order": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "refunds_payment": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "refunds_case": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "refunds_customer": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "recount_uses_was": (
        literally("(i.was_held, i.was_redeemed)", "(vouchers.held, vouchers.redeemed)"),
        "recount::uses_are_recounted_from_their_rows",
    ),
    "recount_uses_rows": (
        literally("(i.held, i.redeemed) = (", "(i.held, i.redeemed) IN (SELECT i.held, i.redeemed UNION"),
        "recount::uses_are_recounted_from_their_rows",
    ),
    "recount_wallet_was": (CONDITION, "recount::a_wallet_is_recounted_from_its_entries"),
    "recount_wallet_rows": (ANY_COUNT, "recount::a_wallet_is_recounted_from_its_entries"),
    "recount_empty_wallet_was": (
        literally("WHERE wallets.balance = 0", ""),
        "recount::a_wallet_is_recounted_from_its_entries",
    ),
    "recount_empty_wallet_rows": (ANY_COUNT, "recount::a_wallet_is_recounted_from_its_entries"),
    "recount_refunds_was": (CONDITION, "recount::an_order_recounts_its_refunds"),
    "recount_refunds_rows": (ANY_COUNT, "recount::an_order_recounts_its_refunds"),
    "invoice_edge": (
        literally("from == to", "from == to || from != to"),
        "invoice::an_invoice_takes_every_legal_edge_and_no_other",
    ),
    "invoice_version": (CONDITION, "invoice::an_invoice_changes_only_as_it_was_read"),
    "invoice_from": (CONDITION, "invoice::an_invoice_changes_only_as_it_was_read"),
    "invoice_expiry_version": (CONDITION, "invoice::an_open_invoice_may_expire_later"),
    "invoice_expiry_open": (CONDITION, "invoice::an_open_invoice_may_expire_later"),
    "invoice_of_order": (NO_KEY, "invoice::an_order_has_one_invoice"),
    "invoices_order": (NO_KEY, "invoice::an_invoice_needs_its_order_and_customer"),
    "invoices_customer": (NO_KEY, "invoice::an_invoice_needs_its_order_and_customer"),
    "charge_reference": (NO_KEY, "invoice::a_reference_is_taken_once_at_a_gateway"),
    "charge_open_from": (CONDITION, "invoice::a_charge_is_opened_once"),
    "charge_edge": (
        literally("from.may_become(*to)", "from.may_become(*to) || from != to"),
        "invoice::a_charge_takes_every_legal_edge_and_no_other",
    ),
    "charge_from": (CONDITION, "invoice::a_charge_takes_every_legal_edge_and_no_other"),
    "charges_invoice": (NO_KEY, "invoice::a_charge_needs_its_invoice"),
    "payment_event": (NO_KEY, "invoice::a_payment_is_recorded_once"),
    "payments_charge": (NO_KEY, "invoice::a_payment_may_match_nothing"),
    "payments_invoice": (NO_KEY, "invoice::a_payment_may_match_nothing"),
    "wallet_funds": ([CONDITION, NOT_REFUSED], "ledger::a_wallet_never_falls_below_zero"),
    "wallet_customer": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "transfers_invoice": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "transfers_payment": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "postings_invoice": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "postings_payment": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "customer_contact": (NO_KEY, "customer::a_contact_is_taken_once"),
    "customer_version": (CONDITION, "customer::a_customer_changes_from_what_was_read"),
    "cart_version": (CONDITION, "customer::a_cart_replaces_the_version_that_was_read"),
    "carts_customer": (NO_KEY, "customer::a_cart_needs_its_customer"),
    "case_open": (CONDITION, "review::an_open_case_is_resolved_once"),
    "cases_payment": (NO_KEY, "review::a_case_needs_what_it_names"),
    "cases_invoice": (NO_KEY, "review::a_case_needs_what_it_names"),
    "cases_order": (NO_KEY, "review::a_case_needs_what_it_names"),
    "cases_customer": (NO_KEY, "review::a_case_needs_what_it_names"),
    "outbox_unclaimed": (CONDITION, "outbox::an_item_is_claimed_once_within_its_lease"),
    "outbox_foremost": (
        literally("other.id < item.id", "FALSE"),
        "outbox::items_of_a_lane_go_one_after_another",
    ),
    "outbox_finish_from": (CONDITION, "outbox::an_item_is_finished_once"),
    "outbox_postpone_from": (CONDITION, "outbox::an_item_is_finished_once"),
    "outbox_of_use": (CONDITION, "outbox::old_items_are_forgotten_once_they_are_of_no_use"),
    "messages_invoice": (NO_KEY, "outbox::messages_are_logged_once_and_forgotten"),
    "lease_free": (
        literally("OR leases.expires_at <= excluded.expires_at - $5", "OR TRUE"),
        "outbox::a_lease_has_one_holder_at_a_time",
    ),
    "lease_holder": (
        literally("holder = $3", "$3 IS NOT NULL"),
        "outbox::only_its_holder_gives_a_lease_back",
    ),
    "dialog_version": (CONDITION, "chat::a_dialog_replaces_the_version_that_was_read"),
    "state_was": (CONDITION, "chat::a_state_is_swapped_only_for_the_one_that_was_read"),
    "requests_of_use": (CONDITION, "chat::old_requests_are_forgotten"),
}
