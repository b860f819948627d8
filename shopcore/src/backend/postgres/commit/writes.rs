//! The writes of a group, sorted by what they write.

use super::catalog::Catalog;
use super::chat::Chats;
use super::customer::Customers;
use super::invoice::Invoices;
use super::ledger::Transfers;
use super::member::Member;
use super::order::Orders;
use super::outbox::Outbox;
use super::recount::Recounts;
use super::refund::Refunds;
use super::review::Cases;
use super::script::Script;
use super::shop::Shops;
use super::stock::Stock;
use super::voucher::Vouchers;
use crate::store::{Batch, Write};

/// Everything that a group writes, but for its counters.
#[derive(Default)]
pub(super) struct Writes<'a> {
    shops: Shops<'a>,
    catalog: Catalog<'a>,
    pub(super) vouchers: Vouchers<'a>,
    customers: Customers<'a>,
    orders: Orders<'a>,
    invoices: Invoices<'a>,
    stock: Stock,
    transfers: Transfers<'a>,
    cases: Cases<'a>,
    refunds: Refunds<'a>,
    recounts: Recounts,
    outbox: Outbox<'a>,
    chats: Chats<'a>,
}

impl<'a> Writes<'a> {
    /// Adds the writes of a batch.
    pub(super) fn add(&mut self, member: Member, batch: &'a Batch) {
        for write in &batch.writes {
            match write {
                Write::OpenShop(shop) => self.shops.add(member, shop),
                Write::Catalog(write) => self.catalog.add(member, write),
                Write::Stock(write) => self.stock.add(member, write),
                Write::Voucher(write) => self.vouchers.add(member, write),
                Write::Order(write) => self.orders.add(member, write),
                Write::Invoice(write) => self.invoices.add(member, write),
                Write::Transfer(transfer) => self.transfers.add(member, transfer),
                Write::Customer(write) => self.customers.add(member, write),
                Write::Cart(write) => self.customers.add_cart(member, write),
                Write::Review(write) => self.cases.add(member, write),
                Write::Refund(write) => self.refunds.add(member, write),
                Write::Recount(write) => self.recounts.add(member, write),
                Write::Outbox(write) => self.outbox.add(member, write),
                Write::Chat(write) => self.chats.add(member, write),
            }
        }
        self.outbox.enqueue(member, &batch.outbox);
        self.shops.tell(member, batch);
    }

    /// What others refer to: shops, the catalogue, vouchers, customers.
    pub(super) fn found(&mut self, script: &mut Script) {
        self.shops.found(script);
        self.catalog.found(script);
        self.vouchers.found(script);
        self.customers.found(script);
    }

    /// What a purchase writes.
    pub(super) fn place(&mut self, script: &mut Script) {
        self.chats.place(script);
        self.orders.place(script);
        self.vouchers.place(script);
        self.invoices.place(script);
        self.customers.place(script);
    }

    /// What a payment, or an end without one, writes.
    pub(super) fn settle(&mut self, script: &mut Script) {
        self.invoices.settle(script);
        self.orders.advance(script);
        self.stock.settle(script);
        self.vouchers.settle(script);
        self.transfers.settle(script);
        self.cases.settle(script);
        self.refunds.settle(script);
        self.recounts.settle(script);
    }

    /// What gateways and frontends have done, and where talks with customers stand.
    pub(super) fn mark(&mut self, script: &mut Script) {
        self.invoices.charge(script);
        self.outbox.mark(script);
        self.chats.mark(script);
    }

    /// What follows from all of it.
    pub(super) fn tell(&self, script: &mut Script) {
        self.outbox.fill(script);
        self.shops.record(script);
    }
}
