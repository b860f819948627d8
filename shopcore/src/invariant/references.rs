//! The invariant of references.

use std::collections::BTreeMap;

use super::rows::Rows;
use crate::id::{CustomerId, InvoiceId, OrderId, PaymentId, RefundId};
use crate::ledger::Account;
use crate::message::{Notice, Task};

/// Everything that is referred to is there, and every order has one invoice.
pub(super) fn references(rows: &Rows<'_>) -> Vec<String> {
    let mut check = Check {
        rows,
        found: Vec::new(),
    };
    check.goods();
    check.vouchers();
    check.sales();
    check.money();
    check.cases();
    check.refunds();
    check.outbox();
    check.orphans();
    check.found
}

struct Check<'a, 'b> {
    rows: &'a Rows<'b>,
    found: Vec<String>,
}

impl Check<'_, '_> {
    fn need(&mut self, there: bool, who: impl FnOnce() -> String, what: &str) {
        if !there {
            self.found
                .push(format!("{} refers to {what} that is not there", who()));
        }
    }

    fn customer(&mut self, customer: Option<CustomerId>, who: impl FnOnce() -> String) {
        let there = customer.is_none_or(|id| self.rows.customers.contains(&id));
        self.need(there, who, "a customer");
    }

    fn order(&mut self, order: Option<OrderId>, who: impl FnOnce() -> String) {
        let there = order.is_none_or(|id| self.rows.orders.contains_key(&id));
        self.need(there, who, "an order");
    }

    fn invoice(&mut self, invoice: Option<InvoiceId>, who: impl FnOnce() -> String) {
        let there = invoice.is_none_or(|id| self.rows.invoices.contains_key(&id));
        self.need(there, who, "an invoice");
    }

    fn payment(&mut self, payment: Option<PaymentId>, who: impl FnOnce() -> String) {
        let there = payment.is_none_or(|id| self.rows.payments.contains(&id));
        self.need(there, who, "a payment");
    }

    fn refund(&mut self, refund: RefundId, who: impl FnOnce() -> String) {
        let there = self.rows.refunds.contains(&refund);
        self.need(there, who, "a refund");
    }

    fn goods(&mut self) {
        let rows = self.rows;
        for product in &rows.all.products {
            let there = product
                .category
                .is_none_or(|id| rows.categories.contains(&id));
            self.need(there, || format!("product {}", product.id), "a category");
        }
        for unit in &rows.all.units {
            let who = || format!("unit {}", unit.id);
            self.need(rows.products.contains(&unit.product), who, "a product");
            let line = unit.state.line();
            let there = line.is_none_or(|line| rows.lines.contains_key(&line));
            self.need(there, who, "a line");
        }
    }

    fn refunds(&mut self) {
        let rows = self.rows;
        for refund in &rows.all.refunds {
            let who = || format!("refund {}", refund.id);
            self.order(refund.order, who);
            self.payment(refund.payment, who);
            self.customer(refund.customer, who);
            let there = refund.case.is_none_or(|id| rows.cases.contains_key(&id));
            self.need(there, who, "a case");
        }
    }

    fn vouchers(&mut self) {
        let rows = self.rows;
        for redemption in &rows.all.redemptions {
            let who = || format!("the redemption of order {}", redemption.order);
            self.order(Some(redemption.order), who);
            self.customer(Some(redemption.customer), who);
            self.need(
                rows.vouchers.contains(&redemption.voucher),
                who,
                "a voucher",
            );
        }
    }

    fn sales(&mut self) {
        let rows = self.rows;
        for order in &rows.all.orders {
            let who = || format!("order {}", order.number);
            self.customer(Some(order.customer), who);
            let there = order.voucher.is_none_or(|id| rows.vouchers.contains(&id));
            self.need(there, who, "a voucher");
            for line in &order.lines {
                self.need(rows.products.contains(&line.product), who, "a product");
                let unit = line.unlimited.map(|unit| rows.units.get(&unit));
                let there = unit.is_none_or(|u| u.is_some_and(|u| u.product == line.product));
                self.need(there, who, "a unit of its product");
            }
        }
        for invoice in &rows.all.invoices {
            let who = || format!("invoice {}", invoice.id);
            self.customer(Some(invoice.customer), who);
            self.order(invoice.subject.order(), who);
        }
    }

    fn money(&mut self) {
        let rows = self.rows;
        for charge in &rows.all.charges {
            self.invoice(Some(charge.invoice), || format!("charge {}", charge.id));
        }
        for payment in &rows.all.payments {
            let who = || format!("payment {}", payment.id);
            self.invoice(payment.invoice, who);
            let there = payment
                .charge
                .is_none_or(|id| rows.charges.contains_key(&id));
            self.need(there, who, "a charge");
        }
        for wallet in &rows.all.wallets {
            self.customer(Some(wallet.customer), || "a wallet".to_owned());
        }
        for transfer in &rows.all.transfers {
            let who = || format!("transfer {}", transfer.id);
            self.invoice(transfer.invoice, who);
            self.payment(transfer.payment, who);
            for posting in &transfer.postings {
                self.account(&posting.account, who);
            }
        }
    }

    fn account(&mut self, account: &Account, who: impl FnOnce() -> String) {
        match account {
            Account::Wallet(customer) => self.customer(Some(*customer), who),
            Account::Towards(invoice) => self.invoice(Some(*invoice), who),
            Account::Suspense(payment) => self.payment(Some(*payment), who),
            Account::Clearing(_)
            | Account::Sales
            | Account::Fees
            | Account::Refunds
            | Account::Adjustments
            | Account::Exchange => {}
        }
    }

    fn cases(&mut self) {
        for case in &self.rows.all.cases {
            let who = || format!("case {}", case.id);
            self.payment(case.payment, who);
            self.invoice(case.invoice, who);
            self.order(case.order, who);
            self.customer(case.customer, who);
        }
    }

    fn outbox(&mut self) {
        let rows = self.rows;
        for item in &rows.all.outbox {
            let who = || format!("outbox item {}", item.id);
            match &item.task {
                Task::Delivery { order } => self.order(Some(*order), who),
                Task::Notice(notice) => self.notice(notice, who),
                Task::Retract { invoice } => self.invoice(Some(*invoice), who),
                Task::CancelCharge { charge } => {
                    self.need(rows.charges.contains_key(charge), who, "a charge");
                }
                Task::Refund { refund } => self.refund(*refund, who),
            }
        }
    }

    fn notice(&mut self, notice: &Notice, who: impl FnOnce() -> String) {
        match notice {
            Notice::Expired { invoice }
            | Notice::Partial { invoice, .. }
            | Notice::ProofDeclined { invoice, .. }
            | Notice::ExpiredForAdmin { invoice } => self.invoice(Some(*invoice), who),
            Notice::Refunded { order, .. }
            | Notice::Terms { order, .. }
            | Notice::TermsFulfilled { order, .. } => self.order(Some(*order), who),
            Notice::UnderReview { payment, .. } | Notice::OddPayment { payment } => {
                self.payment(Some(*payment), who)
            }
            Notice::CaseOpened { case } => {
                let there = self.rows.cases.contains_key(case);
                self.need(there, who, "a case");
            }
            Notice::Letter { customer, .. } | Notice::Spam { customer } => {
                self.customer(Some(*customer), who)
            }
            Notice::Credited { .. }
            | Notice::Restocked { .. }
            | Notice::LowStock { .. }
            | Notice::WebhooksMissing { .. }
            | Notice::Alarm { .. } => {}
        }
    }

    fn orphans(&mut self) {
        let mut invoices: BTreeMap<OrderId, usize> = BTreeMap::new();
        let subjects = self
            .rows
            .all
            .invoices
            .iter()
            .filter_map(|row| row.subject.order());
        for order in subjects {
            *invoices.entry(order).or_default() += 1;
        }
        for order in &self.rows.all.orders {
            let count = invoices.get(&order.id).copied().unwrap_or(0);
            if count != 1 {
                self.found
                    .push(format!("order {} has {count} invoices", order.number));
            }
        }
    }
}
