//! Messages: what is to be sent, kept in the outbox, and what was sent, kept in the message log.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::customer::{Chat, FrontendName, MessageId};
use crate::id::{
    CaseId, ChargeId, CustomerId, InvoiceId, ItemId, OrderId, PaymentId, ProductId, RefundId,
};
use crate::invoice::GatewayName;
use crate::money::Money;
use crate::text::Reason;
use crate::time::Timestamp;

/// What an outbox item does. It refers to rows; texts are made and contents unsealed on sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Hand over the goods of a paid order.
    Delivery {
        /// The order.
        order: OrderId,
    },
    /// Tell a customer something.
    Notice(Notice),
    /// Delete the messages about an invoice that ended, or edit them where deletion is refused.
    Retract {
        /// The invoice.
        invoice: InvoiceId,
    },
    /// Tell the gateway that a charge is not wanted any more.
    CancelCharge {
        /// The charge.
        charge: ChargeId,
    },
    /// Have the gateway send money back.
    Refund {
        /// The refund.
        refund: RefundId,
    },
}

/// What a customer or an admin is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// An invoice ended unpaid.
    Expired {
        /// The invoice.
        invoice: InvoiceId,
    },
    /// Part of an invoice is paid; the rest is asked for.
    Partial {
        /// The invoice.
        invoice: InvoiceId,
        /// What came.
        received: Money,
    },
    /// Money went to the wallet.
    Credited {
        /// How much.
        amount: Money,
        /// Why.
        why: CreditReason,
    },
    /// Money of an order was sent back, by the gateway that took it or by hand.
    Refunded {
        /// The order.
        order: OrderId,
        /// How much.
        amount: Money,
    },
    /// A proof of payment was not believed.
    ProofDeclined {
        /// The invoice.
        invoice: InvoiceId,
        /// Why, as the customer reads it.
        reason: Reason,
    },
    /// A payment waits for a person.
    UnderReview {
        /// The payment.
        payment: PaymentId,
        /// What was paid.
        amount: Money,
    },
    /// A product that the customer waited for is back.
    Restocked {
        /// The product.
        product: ProductId,
    },
    /// To the owner: something is wrong with the shop's surroundings, or over.
    Alarm {
        /// What is or was wrong.
        alarm: Alarm,
        /// Whether it is over.
        over: bool,
    },
    /// To admins: a payment came that did not simply pay its invoice: short, late, twice or too
    /// much.
    OddPayment {
        /// The payment.
        payment: PaymentId,
    },
    /// To admins: a product runs low, or out.
    LowStock {
        /// The product.
        product: ProductId,
        /// How many units were left.
        left: u64,
    },
    /// The terms of a product that was delivered, to be fulfilled.
    Terms {
        /// The order.
        order: OrderId,
        /// The product.
        product: ProductId,
    },
    /// To admins: a customer fulfilled the terms of a product.
    TermsFulfilled {
        /// The order.
        order: OrderId,
        /// The product.
        product: ProductId,
    },
    /// To admins: a customer floods the bot.
    Spam {
        /// Who.
        customer: CustomerId,
    },
    /// To admins: a customer wrote to the shop.
    Letter {
        /// The letter.
        letter: uuid::Uuid,
        /// Who wrote it.
        customer: CustomerId,
    },
    /// To admins: a review case was opened.
    CaseOpened {
        /// The case.
        case: CaseId,
    },
    /// To admins: payments through this gateway come, and its webhooks don't.
    WebhooksMissing {
        /// The gateway.
        gateway: GatewayName,
    },
    /// To admins: an invoice ended unpaid.
    ExpiredForAdmin {
        /// The invoice.
        invoice: InvoiceId,
    },
}

/// Something that is wrong until it is over.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// A gateway fails, time after time.
    Gateway(GatewayName),
    /// A job fails.
    JobFails(String),
    /// A job has not been done for long.
    JobLate(String),
    /// The invariant of this number does not hold.
    Violated(u8),
}

/// Why money went to a wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditReason {
    /// A deposit was paid.
    Deposit,
    /// More was paid than asked.
    Excess,
    /// A payment came after its invoice had ended unpaid.
    Late,
    /// A payment came for an invoice that was paid already.
    Surplus,
    /// Part payments of an invoice that ended unpaid.
    Leftover,
    /// An order was paid back.
    Refund,
    /// An admin decided so.
    Admin,
}

/// Where an outbox item goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// To a chat.
    Chat(Chat),
    /// To the admins, wherever they are met.
    Admins,
    /// To a payment gateway.
    Gateway,
}

/// Which destinations a process can serve.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Every chat of a frontend.
    Frontend(FrontendName),
    /// One chat.
    Chat(Chat),
    /// The admins.
    Admins,
    /// The payment gateways.
    Gateways,
}

impl Reach {
    /// Whether this serves `destination`.
    #[must_use]
    pub fn covers(&self, destination: &Destination) -> bool {
        match (self, destination) {
            (Self::Frontend(name), Destination::Chat(chat)) => chat.frontend == *name,
            (Self::Chat(mine), Destination::Chat(chat)) => mine == chat,
            (Self::Admins, Destination::Admins) | (Self::Gateways, Destination::Gateway) => true,
            (
                Self::Frontend(_) | Self::Chat(_) | Self::Admins | Self::Gateways,
                Destination::Chat(_) | Destination::Admins | Destination::Gateway,
            ) => false,
        }
    }
}

/// A queue within the outbox: its items go one after another, in the order of their ids.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lane(String);

impl Lane {
    /// The lane of `subject` to `destination`.
    #[must_use]
    pub fn new(destination: &Destination, subject: impl Into<uuid::Uuid>) -> Self {
        let subject = subject.into();
        Self(match destination {
            Destination::Chat(chat) => format!("{}/{}/{subject}", chat.frontend, chat.id),
            Destination::Admins => format!("admins/{subject}"),
            Destination::Gateway => format!("gateway/{subject}"),
        })
    }

    /// A lane read back from a store.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The lane as stores keep it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where an outbox item stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemState {
    /// Is to be sent.
    Pending,
    /// Was taken by its destination.
    Sent,
    /// Was refused for good.
    Refused,
}

/// Something that leaves the process because of a change, written in the batch of the change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxItem {
    /// Its id; items of a lane go in this order.
    pub id: ItemId,
    /// Its lane.
    pub lane: Lane,
    /// Where it goes.
    pub destination: Destination,
    /// What it does.
    pub task: Task,
    /// Where it stands.
    pub state: ItemState,
    /// Not sent before.
    pub due_at: Timestamp,
    /// How often sending was begun.
    pub attempts: u32,
}

/// What a sent message is to its invoice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// It asks for the payment.
    Invoice,
    /// It carries the goods.
    Goods,
    /// It tells something.
    Notice,
}

/// A message that was sent, so that it can be edited or deleted later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// The chat.
    pub chat: Chat,
    /// The platform's id of it.
    pub message: MessageId,
    /// What it is about.
    pub invoice: InvoiceId,
    /// What it is.
    pub kind: MessageKind,
    /// When it was sent.
    pub sent_at: Timestamp,
}
