//! Foreign keys: whether every row that a write refers to is there.

use super::tables::Tables;
use crate::id::{CustomerId, InvoiceId, OrderId, PaymentId, ProductId};
use crate::invoice::{Charge, Invoice, Payment};
use crate::ledger::{Account, Transfer};
use crate::order::Order;
use crate::refund::Refund;
use crate::review::Case;
use crate::store::{
    CatalogWrite, CustomerWrite, InvoiceWrite, OrderWrite, OutboxWrite, RefundWrite, ReviewWrite,
    StockWrite, VoucherWrite, Write,
};

impl Tables {
    /// Whether what an applied write refers to is there.
    pub(super) fn has_references(&self, write: &Write) -> bool {
        match write {
            Write::Catalog(write) => self.has_category(write),
            Write::Stock(write) => self.has_stock_references(write),
            Write::Voucher(write) => self.has_voucher_references(write),
            Write::Order(OrderWrite::Place(order)) => self.has_order_references(order),
            Write::Refund(RefundWrite::Add(refund)) => self.has_refund_references(refund),
            Write::Invoice(write) => self.has_invoice_references(write),
            Write::Transfer(transfer) => self.has_transfer_references(transfer),
            Write::Cart(crate::store::CartWrite::Put { cart, .. }) => {
                self.has_customer(Some(cart.customer))
            }
            Write::Review(ReviewWrite::Open(case)) => self.has_case_references(case),
            Write::Outbox(OutboxWrite::LogMessage(sent)) => self.has_invoice(Some(sent.invoice)),
            Write::OpenShop(_)
            | Write::Order(OrderWrite::Move { .. } | OrderWrite::Refund { .. })
            | Write::Refund(RefundWrite::End { .. })
            | Write::Recount(_)
            | Write::Customer(CustomerWrite::Add(_) | CustomerWrite::Update { .. })
            | Write::Review(ReviewWrite::Resolve { .. })
            | Write::Outbox(
                OutboxWrite::Finish { .. }
                | OutboxWrite::Postpone { .. }
                | OutboxWrite::ForgetMessage { .. },
            )
            | Write::Chat(_) => true,
        }
    }

    fn has_category(&self, write: &CatalogWrite) -> bool {
        match write {
            CatalogWrite::AddCategory(_) | CatalogWrite::UpdateCategory { .. } => true,
            CatalogWrite::AddProduct(product) | CatalogWrite::UpdateProduct { product, .. } => {
                let category = product.category;
                category.is_none_or(|id| self.categories.contains_key(&id))
            }
        }
    }

    fn has_stock_references(&self, write: &StockWrite) -> bool {
        match write {
            StockWrite::Add { product, .. } => self.has_product(*product),
            StockWrite::Hold { claims, .. } | StockWrite::Take { claims, .. } => claims
                .iter()
                .all(|claim| self.lines.contains_key(&claim.line)),
            StockWrite::Sell(_)
            | StockWrite::Release(_)
            | StockWrite::Withdraw { .. }
            | StockWrite::Restore { .. } => true,
        }
    }

    fn has_voucher_references(&self, write: &VoucherWrite) -> bool {
        match write {
            VoucherWrite::Hold {
                order, customer, ..
            }
            | VoucherWrite::Take {
                order, customer, ..
            } => self.has_order(Some(*order)) && self.has_customer(Some(*customer)),
            VoucherWrite::Add(_)
            | VoucherWrite::UpdateTerms { .. }
            | VoucherWrite::Redeem { .. }
            | VoucherWrite::Release { .. } => true,
        }
    }

    fn has_order_references(&self, order: &Order) -> bool {
        let units = order.lines.iter().filter_map(|line| line.unlimited);
        self.has_customer(Some(order.customer))
            && order
                .voucher
                .is_none_or(|id| self.vouchers.contains_key(&id))
            && order
                .lines
                .iter()
                .all(|line| self.has_product(line.product))
            && units.into_iter().all(|unit| self.units.contains_key(&unit))
    }

    fn has_invoice_references(&self, write: &InvoiceWrite) -> bool {
        match write {
            InvoiceWrite::Add(Invoice {
                subject, customer, ..
            }) => self.has_order(subject.order()) && self.has_customer(Some(*customer)),
            InvoiceWrite::AddCharge(Charge { invoice, .. }) => self.has_invoice(Some(*invoice)),
            InvoiceWrite::RecordPayment(Payment {
                charge, invoice, ..
            }) => {
                self.has_invoice(*invoice)
                    && charge.is_none_or(|charge| self.charges.contains_key(&charge))
            }
            InvoiceWrite::Change { .. }
            | InvoiceWrite::SetExpiry { .. }
            | InvoiceWrite::OpenCharge { .. }
            | InvoiceWrite::MoveCharge { .. }
            | InvoiceWrite::PollCharge { .. } => true,
        }
    }

    fn has_transfer_references(&self, transfer: &Transfer) -> bool {
        let has_account = |account: &Account| match account {
            Account::Wallet(customer) => self.has_customer(Some(*customer)),
            Account::Towards(invoice) => self.has_invoice(Some(*invoice)),
            Account::Suspense(payment) => self.has_payment(Some(*payment)),
            Account::Clearing(_)
            | Account::Sales
            | Account::Fees
            | Account::Refunds
            | Account::Adjustments
            | Account::Exchange => true,
        };
        self.has_invoice(transfer.invoice)
            && self.has_payment(transfer.payment)
            && transfer
                .postings()
                .iter()
                .all(|posting| has_account(&posting.account))
    }

    fn has_case_references(&self, case: &Case) -> bool {
        self.has_payment(case.payment)
            && self.has_invoice(case.invoice)
            && self.has_order(case.order)
            && self.has_customer(case.customer)
    }

    fn has_refund_references(&self, refund: &Refund) -> bool {
        self.has_order(refund.order)
            && self.has_payment(refund.payment)
            && self.has_customer(refund.customer)
            && refund
                .case
                .is_none_or(|case| self.cases.contains_key(&case))
    }

    fn has_product(&self, product: ProductId) -> bool {
        self.products.contains_key(&product)
    }

    fn has_customer(&self, customer: Option<CustomerId>) -> bool {
        customer.is_none_or(|id| self.customers.contains_key(&id))
    }

    fn has_order(&self, order: Option<OrderId>) -> bool {
        order.is_none_or(|id| self.orders.contains_key(&id))
    }

    fn has_invoice(&self, invoice: Option<InvoiceId>) -> bool {
        invoice.is_none_or(|id| self.invoices.contains_key(&id))
    }

    fn has_payment(&self, payment: Option<PaymentId>) -> bool {
        payment.is_none_or(|id| self.payments.contains_key(&id))
    }
}
