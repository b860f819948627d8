//! Rows to test with: plausible, whole, and each under a fresh id.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::catalog::{Category, LatePolicy, Product, Supply, Visibility};
use crate::customer::{
    Chat, ChatId, Contact, Customer, ExternalId, FrontendName, Reachability, Standing,
};
use crate::id::{IdSource, InvoiceId};
use crate::invoice::{
    Charge, ChargeState, EventId, GatewayName, Invoice, InvoiceState, Outcome, Payment, Reference,
    Subject,
};
use crate::ledger::{Account, Purpose, Transfer};
use crate::message::{MessageKind, SentMessage};
use crate::money::{Currency, Money};
use crate::order::{Order, OrderLine, OrderNumber, OrderState, Totals};
use crate::review::{Case, CaseReason, CaseState};
use crate::stock::NewUnit;
use crate::store::ShopRecord;
use crate::text::{Name, ProductCode, VoucherCode};
use crate::time::{Clock, Timestamp};
use crate::vault::{Fingerprint, Sealed};
use crate::voucher::{Discount, Voucher, VoucherTerms};

/// How long the invoices of [`Rows`] stay open.
pub const INVOICE_LIFE: chrono::Duration = chrono::Duration::minutes(30);

/// An amount in rupiah, the currency of every row here.
#[must_use]
pub const fn idr(minor: i64) -> Money {
    Money::new(minor, Currency::IDR)
}

/// A name.
///
/// # Panics
/// When it is no name.
#[must_use]
pub fn name(text: &str) -> Name {
    Name::parse(text).expect("a name")
}

/// A chat of the frontend `test`.
///
/// # Panics
/// When `id` is no label.
#[must_use]
pub fn chat(id: &str) -> Chat {
    Chat {
        frontend: FrontendName::parse("test").expect("a label"),
        id: ChatId::parse(id).expect("a label"),
    }
}

/// The gateway `sandbox`.
///
/// # Panics
/// Never.
#[must_use]
pub fn gateway() -> GatewayName {
    GatewayName::parse("sandbox").expect("a label")
}

/// An open charge of this amount, of an invoice that no store has.
///
/// # Panics
/// When `reference` is no label.
#[must_use]
pub fn open_charge(gateway: &GatewayName, reference: &str, asked: Money) -> Charge {
    let nowhere = uuid::Uuid::nil();
    Charge {
        id: nowhere.into(),
        invoice: nowhere.into(),
        gateway: gateway.clone(),
        reference: Reference::parse(reference).expect("a label"),
        gateway_id: None,
        asked,
        payable: asked,
        covers: asked,
        state: ChargeState::Open,
        pay_with: None,
        created_at: Timestamp::UNIX_EPOCH,
        poll_at: None,
        polls: 0,
    }
}

/// Makes rows whose ids and times come from a clock.
#[derive(Debug, Clone)]
pub struct Rows {
    /// The source of ids.
    pub ids: IdSource,
    clock: Arc<dyn Clock>,
}

impl Rows {
    /// Rows on `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            ids: IdSource::new(Arc::clone(&clock)),
            clock,
        }
    }

    /// The present moment.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A shop.
    #[must_use]
    pub fn shop(&self, title: &str) -> ShopRecord {
        ShopRecord {
            id: self.ids.next(),
            name: name(title),
            currency: Currency::IDR,
            fingerprint_key: Sealed::stored(vec![7; 60]),
            created_at: self.now(),
        }
    }

    /// A category.
    #[must_use]
    pub fn category(&self, title: &str) -> Category {
        Category::new(self.ids.next(), name(title))
    }

    /// A listed product of single units at 15,000, named after its code.
    ///
    /// # Panics
    /// When `code` is no product code.
    #[must_use]
    pub fn product(&self, code: &str) -> Product {
        Product {
            id: self.ids.next(),
            code: ProductCode::parse(code).expect("a code"),
            name: name(code),
            description: None,
            terms: None,
            price: idr(15_000),
            category: None,
            supply: Supply::Units,
            late: LatePolicy::Credit,
            visibility: Visibility::Listed,
            per_customer: None,
            low_at: Product::LOW_AT,
            created_at: self.now(),
            version: 1,
        }
    }

    /// A unit of this content; its fingerprint depends on the content alone.
    #[must_use]
    pub fn unit(&self, content: &str) -> NewUnit {
        NewUnit {
            id: self.ids.next(),
            content: Sealed::stored(content.as_bytes().to_vec()),
            fingerprint: Fingerprint(Sha256::digest(content).into()),
        }
    }

    /// A voucher of 5,000 off for `uses` uses.
    ///
    /// # Panics
    /// When `code` is no voucher code.
    #[must_use]
    pub fn voucher(&self, code: &str, uses: u32) -> Voucher {
        Voucher {
            id: self.ids.next(),
            code: VoucherCode::parse(code).expect("a code"),
            terms: VoucherTerms::simple(Discount::Fixed(idr(5_000)), uses),
            terms_version: 1,
            held: 0,
            redeemed: 0,
        }
    }

    /// A customer of the frontend `test`, whose chat is named as they are.
    ///
    /// # Panics
    /// When `external` is no label.
    #[must_use]
    pub fn customer(&self, external: &str) -> Customer {
        let chat = chat(external);
        Customer {
            id: self.ids.next(),
            contact: Contact {
                frontend: chat.frontend.clone(),
                external: ExternalId::parse(external).expect("a label"),
            },
            chat,
            name: Some(name("Ayu 😀")),
            standing: Standing::Welcome,
            banned_until: None,
            language: None,
            reachability: Reachability::Reachable,
            created_at: self.now(),
            version: 0,
        }
    }

    /// A line of an order.
    #[must_use]
    pub fn line(&self, product: &Product, quantity: u32) -> OrderLine {
        OrderLine {
            id: self.ids.next(),
            product: product.id,
            name: product.name.clone(),
            quantity,
            price: product.price,
            unlimited: None,
        }
    }

    /// An order that awaits its payment.
    ///
    /// # Panics
    /// When the lines can't be added up.
    #[must_use]
    pub fn order(&self, customer: &Customer, lines: Vec<OrderLine>) -> Order {
        let id = self.ids.next();
        Order {
            id,
            number: OrderNumber::of(id),
            customer: customer.id,
            chat: customer.chat.clone(),
            state: OrderState::AwaitingPayment,
            totals: Totals::of(&lines, idr(0)).expect("totals"),
            refunded: idr(0),
            lines,
            voucher: None,
            late: LatePolicy::Credit,
            placed_at: self.now(),
            changed_at: self.now(),
        }
    }

    /// The invoice of an order.
    #[must_use]
    pub fn invoice(&self, order: &Order) -> Invoice {
        Invoice {
            id: self.ids.next(),
            subject: Subject::Order(order.id),
            customer: order.customer,
            amount: order.totals.total,
            received: idr(0),
            state: InvoiceState::Created,
            expires_at: self.now() + INVOICE_LIFE,
            created_at: self.now(),
            version: 1,
        }
    }

    /// An invoice for a deposit.
    #[must_use]
    pub fn deposit(&self, customer: &Customer, amount: Money) -> Invoice {
        Invoice {
            id: self.ids.next(),
            subject: Subject::Deposit,
            customer: customer.id,
            amount,
            received: idr(0),
            state: InvoiceState::Created,
            expires_at: self.now() + INVOICE_LIFE,
            created_at: self.now(),
            version: 1,
        }
    }

    /// A charge of the whole invoice, under this reference.
    ///
    /// # Panics
    /// When `reference` is no label.
    #[must_use]
    pub fn charge(&self, invoice: &Invoice, reference: &str) -> Charge {
        Charge {
            id: self.ids.next(),
            invoice: invoice.id,
            gateway: gateway(),
            reference: Reference::parse(reference).expect("a label"),
            gateway_id: None,
            asked: invoice.amount,
            payable: invoice.amount,
            covers: invoice.amount,
            state: ChargeState::Created,
            pay_with: None,
            created_at: self.now(),
            poll_at: None,
            polls: 0,
        }
    }

    /// A payment of the whole charge.
    ///
    /// # Panics
    /// When `event` is no label.
    #[must_use]
    pub fn payment(&self, charge: &Charge, event: &str) -> Payment {
        Payment {
            id: self.ids.next(),
            gateway: charge.gateway.clone(),
            event: EventId::parse(event).expect("a label"),
            reference: charge.reference.clone(),
            charge: Some(charge.id),
            invoice: Some(charge.invoice),
            amount: charge.payable,
            outcome: Outcome::Paid,
            paid_at: self.now(),
            recorded_at: self.now(),
        }
    }

    /// A transfer of an amount from one account to another.
    ///
    /// # Panics
    /// When nothing moves.
    #[must_use]
    pub fn transfer(&self, from: Account, to: Account, amount: Money) -> Transfer {
        let back = amount.checked_neg().expect("an amount");
        let postings = [(from, back), (to, amount)];
        Transfer::new(self.ids.next(), Purpose::Adjustment, postings).expect("a transfer")
    }

    /// An open case about nothing in particular.
    #[must_use]
    pub fn case(&self, reason: CaseReason) -> Case {
        Case {
            id: self.ids.next(),
            reason,
            state: CaseState::Open,
            payment: None,
            invoice: None,
            order: None,
            customer: None,
            opened_at: self.now(),
            resolved_at: None,
        }
    }

    /// A message that asks for the payment of an invoice.
    ///
    /// # Panics
    /// When `message` is no label.
    #[must_use]
    pub fn message(&self, to: &Chat, message: &str, invoice: InvoiceId) -> SentMessage {
        SentMessage {
            chat: to.clone(),
            message: crate::customer::MessageId::parse(message).expect("a label"),
            invoice,
            kind: MessageKind::Invoice,
            sent_at: self.now(),
        }
    }
}
