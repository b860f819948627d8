//! The parts that every way of paying an order has in common, as additions to a batch.

use serde_json::{Value, json};

use super::Shop;
use crate::audit::{Entity, Kind};
use crate::invoice::{Charge, ChargeState, Invoice, InvoiceState};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::money::Money;
use crate::order::{Order, OrderState};
use crate::store::{
    Batch, InvoiceWrite, OrderWrite, StockClaim, StockWrite, StoreError, VoucherWrite,
};

/// An invoice as it was read, with what a payment of it changes.
pub(super) struct Bill {
    pub(super) invoice: Invoice,
    pub(super) order: Option<Order>,
    pub(super) charges: Vec<Charge>,
    /// Where its customer is written to.
    pub(super) chat: Option<Destination>,
}

impl Bill {
    /// Reads what belongs to an invoice.
    pub(super) async fn read(shop: &Shop, invoice: Invoice) -> Result<Self, StoreError> {
        let (store, id) = (shop.store(), shop.id());
        let order = async {
            match invoice.subject.order() {
                Some(order) => store.find_order(id, order).await,
                None => Ok(None),
            }
        };
        let (order, charges) = tokio::try_join!(order, store.list_charges(id, invoice.id))?;
        let chat = match &order {
            Some(order) => Some(order.chat.clone()),
            None => store
                .get_customer(id, invoice.customer)
                .await?
                .map(|customer| customer.chat),
        };
        Ok(Self {
            invoice,
            order,
            charges,
            chat: chat.map(Destination::Chat),
        })
    }

    /// Whether a charge of the invoice can still be paid.
    pub(super) fn is_payable(&self) -> bool {
        let collects = |charge: &Charge| match charge.state {
            ChargeState::Created | ChargeState::Open => true,
            ChargeState::Paid | ChargeState::Closed | ChargeState::Abandoned => false,
        };
        self.charges.iter().any(collects)
    }

    /// Moves the invoice, and notes what has been received in all.
    pub(super) fn change(&self, batch: &mut Batch, to: InvoiceState, received: Money, why: &str) {
        let Invoice {
            id: invoice,
            version,
            state: from,
            ..
        } = self.invoice;
        batch.push(InvoiceWrite::Change {
            invoice,
            version,
            from,
            to,
            received,
        });
        let entity = Entity::new(Kind::Invoice, invoice);
        let details = json!({ "received": received.to_string() });
        if from == to {
            batch.record(entity, why, details);
        } else {
            batch.record_move(entity, why, Some(from.as_str()), to.as_str(), details);
        }
    }

    /// Moves the order.
    pub(super) fn move_order(&self, batch: &mut Batch, to: OrderState, why: &str) {
        let Some(order) = &self.order else { return };
        batch.push(OrderWrite::Move {
            order: order.id,
            from: order.state,
            to,
        });
        let entity = Entity::new(Kind::Order, order.id);
        batch.record_move(
            entity,
            why,
            Some(order.state.as_str()),
            to.as_str(),
            json!({}),
        );
    }

    /// Sells the units that are held and redeems the voucher's use that is held.
    pub(super) fn sell_held(&self, batch: &mut Batch) {
        let Some(order) = &self.order else { return };
        for claim in unit_claims(order) {
            batch.push(StockWrite::Sell(claim));
        }
        if let Some(voucher) = order.voucher {
            batch.push(VoucherWrite::Redeem {
                voucher,
                order: order.id,
            });
        }
    }

    /// Gives back the units and the voucher's use that are held.
    pub(super) fn release_held(&self, batch: &mut Batch) {
        let Some(order) = &self.order else { return };
        for claim in unit_claims(order) {
            batch.push(StockWrite::Release(claim));
        }
        if let Some(voucher) = order.voucher {
            batch.push(VoucherWrite::Release {
                voucher,
                order: order.id,
            });
        }
    }

    /// Takes units and a voucher's use anew, for an order that ended unpaid.
    pub(super) fn take_anew(&self, batch: &mut Batch) {
        let Some(order) = &self.order else { return };
        for (line, claim) in order
            .lines
            .iter()
            .filter(|l| l.unlimited.is_none())
            .zip(unit_claims(order))
        {
            batch.push(StockWrite::Take {
                product: line.product,
                claims: vec![claim],
            });
        }
        if let Some(voucher) = order.voucher {
            let (order, customer) = (order.id, order.customer);
            batch.push(VoucherWrite::Take {
                voucher,
                order,
                customer,
            });
        }
    }

    /// Closes the charges that can still be paid, but for `paid`, and has their gateways told.
    pub(super) fn close_charges(&self, batch: &mut Batch, paid: Option<&Charge>) {
        let others = self
            .charges
            .iter()
            .filter(|charge| paid.is_none_or(|paid| paid.id != charge.id));
        for charge in others {
            match charge.state {
                ChargeState::Created | ChargeState::Open => close_charge(batch, charge),
                ChargeState::Paid | ChargeState::Closed | ChargeState::Abandoned => {}
            }
        }
    }

    /// Has the messages about the invoice taken away.
    pub(super) fn retract(&self, batch: &mut Batch) {
        if let Some(chat) = &self.chat {
            let invoice = self.invoice.id;
            batch.enqueue(chat.clone(), invoice, Task::Retract { invoice });
        }
    }

    /// Has the goods of the order handed over.
    pub(super) fn deliver(&self, batch: &mut Batch) {
        if let Some(order) = &self.order {
            enqueue_delivery(batch, order, &self.invoice);
        }
    }

    /// Tells the customer.
    pub(super) fn notify(&self, batch: &mut Batch, notice: Notice) {
        if let Some(chat) = &self.chat {
            batch.enqueue(chat.clone(), self.invoice.id, Task::Notice(notice));
        }
    }

    /// Records that money goes to the customer's wallet, and tells them.
    pub(super) fn credit(&self, batch: &mut Batch, amount: Money, why: CreditReason) {
        let entity = Entity::new(Kind::Customer, self.invoice.customer);
        batch.record(
            entity,
            "wallet credited",
            json!({ "amount": amount.to_string() }),
        );
        self.notify(batch, Notice::Credited { amount, why });
    }
}

/// Closes a charge that can still be paid, and has its gateway told.
pub(super) fn close_charge(batch: &mut Batch, charge: &Charge) {
    let (id, from) = (charge.id, charge.state);
    batch
        .push(InvoiceWrite::MoveCharge {
            charge: id,
            from,
            to: ChargeState::Closed,
        })
        .enqueue(Destination::Gateway, id, Task::CancelCharge { charge: id });
}

/// Has the goods of a paid order handed over, behind what else is said about its invoice.
pub(super) fn enqueue_delivery(batch: &mut Batch, order: &Order, invoice: &Invoice) {
    let chat = Destination::Chat(order.chat.clone());
    batch.enqueue(chat, invoice.id, Task::Delivery { order: order.id });
}

/// Records that an order is paid by being placed: it costs nothing, or was paid elsewhere.
pub(super) fn record_paid(batch: &mut Batch, order: &Order, invoice: &Invoice) {
    let details = || -> Value { json!({ "total": order.totals.total.to_string() }) };
    let (from, to) = (
        OrderState::AwaitingPayment.as_str(),
        OrderState::Paid.as_str(),
    );
    batch.record_move(
        Entity::new(Kind::Order, order.id),
        "paid",
        Some(from),
        to,
        details(),
    );
    let (from, to) = (InvoiceState::Created.as_str(), InvoiceState::Paid.as_str());
    batch.record_move(
        Entity::new(Kind::Invoice, invoice.id),
        "paid",
        Some(from),
        to,
        details(),
    );
    enqueue_delivery(batch, order, invoice);
}

fn unit_claims(order: &Order) -> impl Iterator<Item = StockClaim> {
    let lines = order.lines.iter().filter(|line| line.unlimited.is_none());
    lines.map(|line| StockClaim {
        line: line.id,
        quantity: line.quantity,
    })
}
