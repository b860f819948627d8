//! How an order is placed: one batch holds units and voucher, freezes prices and makes the invoice.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use super::checkout::{Checkout, CheckoutError, NewOrder, Placed};
use super::deciding;
use super::settling;
use crate::audit::{Actor, Entity, Kind};
use crate::cart::{Cart, CartLine, Change, compare};
use crate::catalog::{LatePolicy, Offer, Supply};
use crate::customer::Chat;
use crate::id::{CustomerId, OrderId, ProductId, UnitId};
use crate::invoice::{Invoice, InvoiceState, Subject};
use crate::money::Money;
use crate::order::{Order, OrderLine, OrderNumber, OrderState, Totals};
use crate::store::{
    Batch, CartWrite, ChatWrite, CommitError, InvoiceWrite, OrderWrite, Page, Premise, Rejection,
    RequestKey, RequestOutcome, StockClaim, StockWrite, UnitFilter, VoucherWrite,
};
use crate::voucher::{Item, Voucher, VoucherRefusal, quote};

/// A request read against the shop: everything that the batch is made of.
pub(super) struct Decision {
    order: Order,
    invoice: Invoice,
    offers: Vec<Offer>,
    voucher: Option<Voucher>,
    limits: Vec<Limit>,
}

/// Where it is noted which order of a customer last took from what they may buy of a product. Two
/// of their orders at once can't both be the next.
const LIMITS: &str = "limits";

/// That a customer's orders of a product are those that were counted.
struct Limit {
    key: String,
    was: Option<Vec<u8>>,
}

impl Checkout<'_> {
    /// Places an order: holds its units and its voucher's use, freezes its prices, and makes its
    /// invoice, in one batch. An order that costs nothing is paid by it.
    ///
    /// # Errors
    /// [`CheckoutError`]; nothing is held then.
    ///
    /// ```
    /// # use shopcore::{MemoryStore, Shop, audit::Actor, cart::CartLine, money::{Currency, Money}, service::*};
    /// # use shopcore::{customer::*, stock::Content, store::RequestKey, text::{Name, ProductCode}};
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
    /// # let price = Money::parse("4.99", shop.currency())?;
    /// # let mut key = NewProduct::new(ProductCode::parse("KEY")?, Name::parse("A key")?, price);
    /// # key.contents = vec![Content::text("AAAA-BBBB")?];
    /// # let product = shop.catalog().add_product(&Actor::Operator, key).await?;
    /// # let frontend = FrontendName::parse("example")?;
    /// # let contact = Contact { frontend: frontend.clone(), external: ExternalId::parse("7")? };
    /// # let chat = Chat { frontend, id: ChatId::parse("7")? };
    /// let customer = shop.customers().meet(&contact, &chat, None).await?;
    /// let line = CartLine { product: product.id, quantity: 1, accepted: product.price };
    /// let request = RequestKey("example/7/1".to_owned());
    /// let order = NewOrder { customer: customer.id, chat, lines: vec![line], voucher: None, request };
    /// let placed = shop.checkout().place(order.clone()).await?;
    /// assert_eq!(placed.invoice.amount, price);
    /// assert_eq!(shop.checkout().place(order).await?.order.id, placed.order.id);
    /// # Ok(()) }
    /// ```
    pub async fn place(&self, new: NewOrder) -> Result<Placed, CheckoutError> {
        deciding(|| self.try_place(&new, None)).await
    }

    /// Places an order of everything in a customer's cart, and empties the cart in the same batch.
    ///
    /// # Errors
    /// [`CheckoutError`]; nothing is held and the cart is unchanged then.
    pub async fn place_cart(
        &self,
        chat: &Chat,
        customer: CustomerId,
        request: RequestKey,
    ) -> Result<Placed, CheckoutError> {
        deciding(|| async {
            let cart = self.0.store().get_cart(self.0.id(), customer).await?;
            let new = NewOrder {
                customer,
                chat: chat.clone(),
                lines: cart.lines.clone(),
                voucher: cart.voucher.clone(),
                request: request.clone(),
            };
            self.try_place(&new, Some(cart.version)).await
        })
        .await
    }

    async fn try_place(&self, new: &NewOrder, cart: Option<u32>) -> Result<Placed, CheckoutError> {
        let (placed, decision) = tokio::join!(self.placed_by(&new.request), self.decide(new));
        if let Some(placed) = placed? {
            return Ok(placed);
        }
        let decision = decision?;
        let payment = if decision.order.totals.total.is_zero() {
            Payment::Made
        } else {
            Payment::Asked
        };
        let actor = Actor::Customer(new.customer);
        let (mut batch, placed) = self.batch_of(&actor, new, decision, payment);
        if let Some(was) = cart {
            batch.push(CartWrite::Put {
                cart: Cart::empty(new.customer),
                was,
            });
        }
        match self.0.commit(batch).await {
            Ok(()) => Ok(placed),
            Err(CommitError::Rejected(rejection)) => Err(refused(rejection, &new.lines)),
            Err(error) => Err(error.into()),
        }
    }

    async fn placed_by(&self, request: &RequestKey) -> Result<Option<Placed>, CheckoutError> {
        let (store, shop) = (self.0.store(), self.0.id());
        match store.find_request(shop, request).await? {
            Some(RequestOutcome::Order(order)) => self.placed(order).await,
            Some(
                RequestOutcome::Deposit(_)
                | RequestOutcome::Refund(_)
                | RequestOutcome::Transfer(_),
            )
            | None => Ok(None),
        }
    }

    /// An order that was placed, and its invoice.
    pub(super) async fn placed(&self, id: OrderId) -> Result<Option<Placed>, CheckoutError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let order = store.find_order(shop, id).await?;
        let invoice = store.find_invoice_of(shop, id).await?;
        Ok(order
            .zip(invoice)
            .map(|(order, invoice)| Placed { order, invoice }))
    }

    pub(super) async fn decide(&self, new: &NewOrder) -> Result<Decision, CheckoutError> {
        check_lines(&new.lines)?;
        let offers = self.accepted_offers(&new.lines).await?;
        let mut lines = Vec::with_capacity(new.lines.len());
        for (line, offer) in new.lines.iter().zip(&offers) {
            lines.push(self.order_line(line, offer).await?);
        }
        let limits = self.limits(new, &offers).await?;
        let (voucher, discount) = self.discount(new, &lines, &offers).await?;
        let now = self.0.now();
        let id: OrderId = self.0.ids().next();
        let order = Order {
            id,
            number: OrderNumber::of(id),
            customer: new.customer,
            chat: new.chat.clone(),
            state: OrderState::AwaitingPayment,
            totals: Totals::of(&lines, discount)?,
            refunded: Money::zero(self.0.currency()),
            lines,
            voucher: voucher.as_ref().map(|voucher| voucher.id),
            late: offers
                .iter()
                .map(|o| o.product.late)
                .max()
                .unwrap_or(LatePolicy::Credit),
            placed_at: now,
            changed_at: now,
        };
        let invoice = Invoice {
            id: self.0.ids().next(),
            subject: Subject::Order(id),
            customer: new.customer,
            amount: order.totals.total,
            received: Money::zero(order.totals.currency()),
            state: InvoiceState::Created,
            expires_at: now + self.0.settings().order_ttl,
            created_at: now,
            version: 1,
        };
        Ok(Decision {
            order,
            invoice,
            offers,
            voucher,
            limits,
        })
    }

    /// Checks what the customer may still buy of products that are limited.
    async fn limits(&self, new: &NewOrder, offers: &[Offer]) -> Result<Vec<Limit>, CheckoutError> {
        let (store, shop, customer) = (self.0.store(), self.0.id(), new.customer);
        let mut limits = Vec::new();
        for (line, offer) in new.lines.iter().zip(offers) {
            let Some(most) = offer.product.per_customer else {
                continue;
            };
            let key = format!("{customer}/{}", line.product);
            // Read before counting: an order that comes in between is then a conflict.
            let was = store.find_state(shop, LIMITS, &key).await?;
            let bought = store.count_bought(shop, customer, line.product).await?;
            if bought.saturating_add(u64::from(line.quantity)) > u64::from(most) {
                let product = line.product;
                return Err(CheckoutError::Limited {
                    product,
                    most,
                    bought,
                });
            }
            limits.push(Limit { key, was });
        }
        Ok(limits)
    }

    /// The offers of the lines, in their order, if they are as the customer accepted them.
    async fn accepted_offers(&self, lines: &[CartLine]) -> Result<Vec<Offer>, CheckoutError> {
        let products: Vec<_> = lines.iter().map(|line| line.product).collect();
        let most = lines
            .iter()
            .map(|line| u64::from(line.quantity))
            .max()
            .unwrap_or(0);
        let offers = self
            .0
            .store()
            .get_offers(self.0.id(), &products, most)
            .await?;
        let mut offers: HashMap<ProductId, Offer> = offers
            .into_iter()
            .map(|offer| (offer.product.id, offer))
            .collect();
        let changes: Vec<_> = lines
            .iter()
            .filter_map(|line| compare(line, offers.get(&line.product)))
            .collect();
        if changes.is_empty() {
            return Ok(products
                .iter()
                .filter_map(|product| offers.remove(product))
                .collect());
        }
        Err(CheckoutError::Changed(changes))
    }

    async fn order_line(&self, line: &CartLine, offer: &Offer) -> Result<OrderLine, CheckoutError> {
        let product = &offer.product;
        let unlimited = match product.supply {
            Supply::Units => None,
            Supply::Unlimited => Some(self.unlimited_unit(line).await?),
        };
        Ok(OrderLine {
            id: self.0.ids().next(),
            product: product.id,
            name: product.name.clone(),
            quantity: line.quantity,
            price: product.price,
            unlimited,
        })
    }

    async fn unlimited_unit(&self, line: &CartLine) -> Result<UnitId, CheckoutError> {
        let filter = UnitFilter::Available(line.product);
        let units = self
            .0
            .store()
            .list_units(self.0.id(), filter, Page::first(1))
            .await?;
        let gone = Change::Fewer {
            product: line.product,
            wanted: line.quantity,
            available: 0,
        };
        units
            .first()
            .map(|unit| unit.id)
            .ok_or_else(|| CheckoutError::Changed(vec![gone]))
    }

    async fn discount(
        &self,
        new: &NewOrder,
        lines: &[OrderLine],
        offers: &[Offer],
    ) -> Result<(Option<Voucher>, Money), CheckoutError> {
        let Some(code) = &new.voucher else {
            return Ok((None, Money::zero(self.0.currency())));
        };
        let found = self.0.store().find_voucher(self.0.id(), code).await?;
        let voucher = found.ok_or(VoucherRefusal::Unknown)?;
        let items = lines.iter().zip(offers).map(|(line, offer)| {
            let category = offer.product.category;
            Ok(Item {
                product: line.product,
                category,
                amount: line.amount()?,
            })
        });
        let items = items.collect::<Result<Vec<_>, crate::money::MoneyError>>()?;
        let discount = quote(&voucher, &items, self.0.now())?;
        Ok((Some(voucher), discount))
    }

    pub(super) fn batch_of(
        &self,
        actor: &Actor,
        new: &NewOrder,
        decision: Decision,
        payment: Payment,
    ) -> (Batch, Placed) {
        let Decision {
            mut order,
            mut invoice,
            offers,
            voucher,
            limits,
        } = decision;
        let mut batch = self.0.batch(actor);
        let outcome = RequestOutcome::Order(order.id);
        batch.push(ChatWrite::RecordRequest {
            request: new.request.clone(),
            outcome,
        });
        for (line, offer) in order.lines.iter().zip(&offers) {
            let version = offer.product.version;
            batch.require(Premise::Product {
                product: line.product,
                version,
            });
            claim(&mut batch, line, payment);
        }
        if let Some(voucher) = voucher {
            let (id, version) = (voucher.id, voucher.terms_version);
            batch.require(Premise::VoucherTerms {
                voucher: id,
                version,
            });
            let (order, customer) = (order.id, new.customer);
            batch.push(match payment {
                Payment::Made => VoucherWrite::Take {
                    voucher: id,
                    order,
                    customer,
                },
                Payment::Asked => VoucherWrite::Hold {
                    voucher: id,
                    order,
                    customer,
                },
            });
        }
        for Limit { key, was } in limits {
            batch.push(ChatWrite::SwapState {
                plugin: LIMITS.to_owned(),
                key,
                was,
                value: order.id.as_bytes().to_vec(),
            });
        }
        record_placed(&mut batch, &order, &invoice);
        match payment {
            Payment::Asked => {}
            Payment::Made => {
                order.state = OrderState::Paid;
                invoice.state = InvoiceState::Paid;
                invoice.received = invoice.amount;
                settling::record_paid(&mut batch, &order, &invoice);
            }
        }
        batch
            .push(OrderWrite::Place(Box::new(order.clone())))
            .push(InvoiceWrite::Add(invoice.clone()));
        (batch, Placed { order, invoice })
    }
}

/// Whether an order waits for its payment, or its units are sold at once.
#[derive(Clone, Copy)]
pub(super) enum Payment {
    Asked,
    Made,
}

fn claim(batch: &mut Batch, line: &OrderLine, payment: Payment) {
    let (product, quantity) = (line.product, line.quantity);
    let claims = vec![StockClaim {
        line: line.id,
        quantity,
    }];
    match (line.unlimited, payment) {
        (Some(unit), Payment::Asked | Payment::Made) => {
            batch.require(Premise::UnitAvailable { unit });
        }
        (None, Payment::Asked) => drop(batch.push(StockWrite::Hold { product, claims })),
        (None, Payment::Made) => drop(batch.push(StockWrite::Take { product, claims })),
    }
}

fn record_placed(batch: &mut Batch, order: &Order, invoice: &Invoice) {
    let details = json!({
        "number": order.number, "lines": order.lines.len(), "total": order.totals.total.to_string(),
    });
    let entity = Entity::new(Kind::Order, order.id);
    batch.record_move(
        entity,
        "placed",
        None,
        OrderState::AwaitingPayment.as_str(),
        details,
    );
    let entity = Entity::new(Kind::Invoice, invoice.id);
    let details = json!({ "order": order.number });
    batch.record_move(
        entity,
        "created",
        None,
        InvoiceState::Created.as_str(),
        details,
    );
}

fn check_lines(lines: &[CartLine]) -> Result<(), CheckoutError> {
    if lines.is_empty() {
        return Err(CheckoutError::Empty);
    }
    let products: BTreeSet<_> = lines.iter().map(|line| line.product).collect();
    let fits = |line: &CartLine| (1..=Cart::QUANTITY_MAX).contains(&line.quantity);
    if products.len() < lines.len() || lines.len() > Cart::LINES_MAX || !lines.iter().all(fits) {
        return Err(CheckoutError::BadLines);
    }
    Ok(())
}

/// What a rejection of the batch means to the customer. A request or a number that is taken by now
/// counts as a conflict: read again, the order is there, or gets another number.
pub(super) fn refused(rejection: Rejection, lines: &[CartLine]) -> CheckoutError {
    if let Rejection::OutOfStock { product, available } = rejection {
        let line = lines.iter().find(|line| line.product == product);
        let wanted = line.map_or(0, |line| line.quantity);
        return CheckoutError::Changed(vec![Change::Fewer {
            product,
            wanted,
            available,
        }]);
    }
    if matches!(
        rejection,
        Rejection::RequestSeen | Rejection::OrderNumberTaken
    ) {
        return CommitError::Conflict.into();
    }
    match voucher_refusal(&rejection) {
        Some(refusal) => refusal.into(),
        None => CommitError::Rejected(rejection).into(),
    }
}

fn voucher_refusal(rejection: &Rejection) -> Option<VoucherRefusal> {
    if matches!(rejection, Rejection::VoucherExhausted { .. }) {
        return Some(VoucherRefusal::Exhausted);
    }
    let customers = matches!(rejection, Rejection::VoucherExhaustedForCustomer { .. });
    customers.then_some(VoucherRefusal::ExhaustedForCustomer)
}
