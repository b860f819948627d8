"""The guards of the SQLite backend."""

from removals import NO_KEY, literally, unless

FOLDERS = ["shopcore/src/backend/sqlite", "shopcore/migrations/sqlite"]

# Guard: what its removal changes in the marked line, and the case that must fail.
GUARDS = {
    # A batch as a whole.
    "batch_once": (literally("== 0", "== usize::MAX"), "batch::a_batch_sent_again_is_applied_once"),
    "shop_opened": (
        literally("found.ok_or(Failure::Rejected(Rejection::Dangling))", "drop(found); Ok(())"),
        "batch::a_shop_must_be_open_to_be_changed",
    ),
    "shop_name": (literally(" UNIQUE", ""), "batch::a_shop_name_is_taken_once"),
    "premise_product": (
        literally("version = ?3", unless(3)),
        "catalog::a_premise_on_a_product_holds_or_conflicts",
    ),
    "premise_voucher": (
        literally("terms_version = ?3", unless(3)),
        "voucher::a_premise_on_terms_holds_or_conflicts",
    ),
    "premise_unit": (
        literally(" AND state = 'available'", ""),
        "stock::a_premise_on_a_unit_holds_or_conflicts",
    ),
    # The catalogue.
    "category_version": (
        literally("version = ?7", unless(7)),
        "catalog::an_updated_category_replaces_the_version_that_was_read",
    ),
    "category_name": (NO_KEY, "catalog::a_category_name_is_taken_once"),
    "product_code": (NO_KEY, "catalog::a_product_code_is_taken_once"),
    "product_version": (
        literally("version = ?17", unless(17)),
        "catalog::an_update_replaces_the_version_that_was_read",
    ),
    "products_category": (NO_KEY, "catalog::a_product_needs_its_category"),
    # Stock.
    "units_product": (NO_KEY, "stock::units_need_their_product"),
    "units_line": (NO_KEY, "stock::a_hold_needs_its_line"),
    "content_once": (
        literally("added < units.len()", "added > units.len()"),
        "stock::a_duplicate_content_is_told_by_its_place",
    ),
    "stock_claim": (
        literally("!take_one(scope, product, claim.line, state)?", "take_one(scope, product, claim.line, state).is_err()"),
        "stock::a_hold_of_too_many_is_out_of_stock",
    ),
    "unit_sell_from": (
        literally("AND state = 'held'", ""),
        "stock::held_units_are_sold_to_their_line",
    ),
    "unit_sell_all": (
        literally("all_of(claim, move_held(scope, sql, claim)?)", "move_held(scope, sql, claim)?; Ok(())"),
        "stock::a_sale_of_another_quantity_conflicts",
    ),
    "unit_release_from": (
        literally("AND state = 'held'", ""),
        "stock::held_units_are_sold_to_their_line",
    ),
    "unit_release_all": (
        literally("all_of(claim, move_held(scope, sql, claim)?)", "move_held(scope, sql, claim)?; Ok(())"),
        "stock::a_sale_of_another_quantity_conflicts",
    ),
    "unit_restore_from": (
        literally("AND state = 'withdrawn'", ""),
        "stock::withdrawn_units_are_restored_and_no_others",
    ),
    "unit_withdraw_from": (
        literally("AND state = 'available'", ""),
        "stock::held_units_are_not_withdrawn",
    ),
    # Vouchers.
    "voucher_code": (NO_KEY, "voucher::a_voucher_code_is_taken_once"),
    "voucher_terms_version": (
        literally("terms_version = ?17", unless(17)),
        "voucher::terms_are_replaced_by_version",
    ),
    "voucher_terms_uses": (
        literally("held + redeemed <= ?13", unless(13)),
        "voucher::terms_below_what_is_used_are_rejected",
    ),
    "voucher_terms_customer": (
        literally("TRUE)", "TRUE) IS NOT NULL"),
        "voucher::terms_below_what_is_used_are_rejected",
    ),
    "voucher_hold": (
        literally("AND held + redeemed < uses_max", ""),
        "voucher::an_exhausted_voucher_is_rejected",
    ),
    "voucher_hold_customer": (
        literally("uses_max_per_customer IS NULL", "TRUE"),
        "voucher::a_customer_uses_a_voucher_as_often_as_allowed",
    ),
    "voucher_take": (
        literally("AND held + redeemed < uses_max", ""),
        "voucher::an_exhausted_voucher_is_rejected",
    ),
    "voucher_take_customer": (
        literally("uses_max_per_customer IS NULL", "TRUE"),
        "voucher::a_customer_uses_a_voucher_as_often_as_allowed",
    ),
    "voucher_take_from": (
        literally("AND redemptions.state = 'released'", ""),
        "voucher::a_held_use_is_redeemed",
    ),
    "voucher_redeem_from": (literally("AND state = 'held'", ""), "voucher::a_held_use_is_redeemed"),
    "voucher_release_from": (
        literally("AND state = 'held'", ""),
        "voucher::a_released_use_can_only_be_taken",
    ),
    "redemptions_order": (NO_KEY, "voucher::a_use_needs_its_order_customer_and_voucher"),
    "redemptions_customer": (NO_KEY, "voucher::a_use_needs_its_order_customer_and_voucher"),
    # Orders.
    "order_number": (NO_KEY, "order::an_order_number_is_taken_once"),
    "order_edge": (
        literally("!from.may_become(to)", "false"),
        "order::an_order_takes_every_legal_edge_and_no_other",
    ),
    "order_from": (literally("state = ?5", unless(5)), "race::payment_and_expiry_of_one_order"),
    "orders_customer": (NO_KEY, "order::an_order_needs_what_it_names"),
    "orders_voucher": (NO_KEY, "order::an_order_needs_what_it_names"),
    "order_lines_product": (NO_KEY, "order::an_order_needs_what_it_names"),
    "order_lines_unlimited_unit": (NO_KEY, "order::an_order_needs_what_it_names"),
    "order_refund_edge": (
        literally("!from.may_refund_to(to)", "false"),
        "refund::an_order_counts_what_is_given_back_up_to_its_total",
    ),
    "order_refund_total": (
        literally("AND ?4 <= total", ""),
        "refund::an_order_counts_what_is_given_back_up_to_its_total",
    ),
    "order_refund_was": (
        literally("refunded = ?7", unless(7)),
        "refund::an_order_counts_what_is_given_back_up_to_its_total",
    ),
    # Refunds.
    "refund_edge": (literally("!RefundState::Requested.may_become(to)", "false"), "refund::a_refund_ends_once"),
    "refund_requested": (literally("AND state = 'requested'", ""), "refund::a_refund_ends_once"),
    "refunds_order": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "refunds_payment": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "refunds_case": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    "refunds_customer": (NO_KEY, "refund::a_refund_needs_what_it_names"),
    # Recounts.
    "recount_uses_was": (
        literally("(held, redeemed) = (?3, ?4)", f"{unless(3)} AND {unless(4)}"),
        "recount::uses_are_recounted_from_their_rows",
    ),
    "recount_uses_rows": (
        literally("(?5, ?6) = (", "(?5, ?6) IN (VALUES (?5, ?6) UNION"),
        "recount::uses_are_recounted_from_their_rows",
    ),
    "recount_wallet_was": (literally("balance = ?4", unless(4)), "recount::a_wallet_is_recounted_from_its_entries"),
    "recount_wallet_rows": (
        literally("?5 = (", "?5 IN (VALUES (?5) UNION"),
        "recount::a_wallet_is_recounted_from_its_entries",
    ),
    "recount_refunds_was": (literally("refunded = ?4", unless(4)), "recount::an_order_recounts_its_refunds"),
    "recount_refunds_rows": (
        literally("?5 = (", "?5 IN (VALUES (?5) UNION"),
        "recount::an_order_recounts_its_refunds",
    ),
    # Invoices, charges, payments.
    "invoice_edge": (
        literally("from != to && !from.may_become(to)", "false"),
        "invoice::an_invoice_takes_every_legal_edge_and_no_other",
    ),
    "invoice_version": (
        literally("version = ?6", unless(6)),
        "invoice::an_invoice_changes_only_as_it_was_read",
    ),
    "invoice_from": (
        literally("state = ?7", unless(7)),
        "invoice::an_invoice_changes_only_as_it_was_read",
    ),
    "invoice_expiry_version": (literally("version = ?4", unless(4)), "invoice::an_open_invoice_may_expire_later"),
    "invoice_expiry_open": (literally("AND state IN ('created', 'waiting')", ""), "invoice::an_open_invoice_may_expire_later"),
    "invoice_of_order": (NO_KEY, "invoice::an_order_has_one_invoice"),
    "invoices_order": (NO_KEY, "invoice::an_invoice_needs_its_order_and_customer"),
    "invoices_customer": (NO_KEY, "invoice::an_invoice_needs_its_order_and_customer"),
    "charge_reference": (NO_KEY, "invoice::a_reference_is_taken_once_at_a_gateway"),
    "charge_open_from": (literally("AND state = 'created'", ""), "invoice::a_charge_is_opened_once"),
    "charge_edge": (
        literally("!from.may_become(to)", "false"),
        "invoice::a_charge_takes_every_legal_edge_and_no_other",
    ),
    "charge_from": (
        literally("state = ?4", unless(4)),
        "invoice::a_charge_takes_every_legal_edge_and_no_other",
    ),
    "charges_invoice": (NO_KEY, "invoice::a_charge_needs_its_invoice"),
    "payment_event": (NO_KEY, "invoice::a_payment_is_recorded_once"),
    "payments_charge": (NO_KEY, "invoice::a_payment_may_match_nothing"),
    "payments_invoice": (NO_KEY, "invoice::a_payment_may_match_nothing"),
    # Money.
    "wallet_room": (
        literally("AND balance <= 9223372036854775807 - max(?4, 0)", ""),
        "ledger::a_wallet_holds_no_more_than_can_be_counted",
    ),
    "wallet_funds": (literally("AND balance + ?4 >= 0", ""), "ledger::a_wallet_never_falls_below_zero"),
    "wallet_customer": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "transfers_invoice": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "transfers_payment": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "postings_invoice": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    "postings_payment": (NO_KEY, "ledger::a_transfer_needs_what_it_names"),
    # Customers and cases.
    "customer_contact": (NO_KEY, "customer::a_contact_is_taken_once"),
    "customer_version": (
        literally("version = ?12", unless(12)),
        "customer::a_customer_changes_from_what_was_read",
    ),
    "cart_version": (
        literally("version = ?5", unless(5)),
        "customer::a_cart_replaces_the_version_that_was_read",
    ),
    "carts_customer": (NO_KEY, "customer::a_cart_needs_its_customer"),
    "case_open": (literally("AND resolution IS NULL", ""), "review::an_open_case_is_resolved_once"),
    "cases_payment": (NO_KEY, "review::a_case_needs_what_it_names"),
    "cases_invoice": (NO_KEY, "review::a_case_needs_what_it_names"),
    "cases_order": (NO_KEY, "review::a_case_needs_what_it_names"),
    "cases_customer": (NO_KEY, "review::a_case_needs_what_it_names"),
    # The outbox, messages and leases.
    "outbox_unclaimed": (
        literally("coalesce(claimed_until <= ?6, TRUE)", unless(6)),
        "outbox::an_item_is_claimed_once_within_its_lease",
    ),
    "outbox_foremost": (
        literally("other.id < item.id", "FALSE"),
        "outbox::items_of_a_lane_go_one_after_another",
    ),
    "outbox_finish_from": (literally("AND state = 'pending'", ""), "outbox::an_item_is_finished_once"),
    "outbox_postpone_from": (literally("AND state = 'pending'", ""), "outbox::an_item_is_finished_once"),
    "outbox_of_use": (
        literally("(state <> 'pending' OR destination = 'admins')", "TRUE"),
        "outbox::old_items_are_forgotten_once_they_are_of_no_use",
    ),
    "messages_invoice": (NO_KEY, "outbox::messages_are_logged_once_and_forgotten"),
    "lease_free": (
        literally("holder = excluded.holder OR expires_at <= ?5", unless(5)),
        "outbox::a_lease_has_one_holder_at_a_time",
    ),
    "lease_holder": (
        literally("holder = ?3", unless(3)),
        "outbox::only_its_holder_gives_a_lease_back",
    ),
    # Dialogs and requests.
    "dialog_version": (
        literally("version = ?6", unless(6)),
        "chat::a_dialog_replaces_the_version_that_was_read",
    ),
    "state_was": (
        literally("value = ?5", unless(5)),
        "chat::a_state_is_swapped_only_for_the_one_that_was_read",
    ),
    "requests_of_use": (
        literally("coalesce(order_id, deposit_id) < ?2", unless(2)),
        "chat::old_requests_are_forgotten",
    ),
    "request_once": (literally("0 =>", "usize::MAX =>"), "chat::a_request_is_carried_out_once"),
}
