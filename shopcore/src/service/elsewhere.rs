//! Orders that were paid elsewhere, such as over a counter, on a marketplace or in another shop, and
//! whose goods this shop hands over.

use serde_json::json;

use super::checkout::{Checkout, CheckoutError, NewOrder, Placed};
use super::deciding;
use super::placing::{Payment, refused};
use crate::audit::{Actor, Entity, Kind};
use crate::cart::CartLine;
use crate::customer::Chat;
use crate::id::{CustomerId, OrderId};
use crate::invoice::{Invoice, Reference};
use crate::ledger::{Account, Purpose, Transfer};
use crate::store::{Batch, ChatWrite, CommitError, RequestKey, StoreError};

/// Where it is kept which order a reference became.
const KEEPER: &str = "elsewhere";

/// An order that was paid elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaidElsewhere {
    /// What it is called there: however often it is brought in, it is one order.
    pub reference: Reference,
    /// Who bought.
    pub customer: CustomerId,
    /// Where the goods are sent.
    pub chat: Chat,
    /// What was bought, at this shop's prices; one line for each product.
    pub lines: Vec<CartLine>,
}

impl Checkout<'_> {
    /// Places an order that was paid elsewhere, takes its units and has its goods handed over, in
    /// one batch. The ledger books its price as an adjustment. Asked again with the same reference,
    /// it gives the order it gave before.
    ///
    /// # Errors
    /// [`CheckoutError`]; nothing changes then.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let Corner { shop, product, customer, chat } = Corner::open().await?;
    /// use shopcore::{audit::Actor, cart::CartLine, invoice::Reference, service::PaidElsewhere};
    ///
    /// let line = CartLine { product: product.id, quantity: 1, accepted: product.price };
    /// let reference = Reference::parse("market-4711")?;
    /// let paid = PaidElsewhere { reference, customer: customer.id, chat, lines: vec![line] };
    /// let placed = shop.checkout().place_paid(&Actor::Operator, &paid).await?;
    /// assert_eq!(placed.invoice.received, product.price);
    /// let again = shop.checkout().place_paid(&Actor::Operator, &paid).await?;
    /// assert_eq!(again.order.id, placed.order.id);
    /// # Ok(()) }
    /// ```
    pub async fn place_paid(
        &self,
        actor: &Actor,
        paid: &PaidElsewhere,
    ) -> Result<Placed, CheckoutError> {
        deciding(|| self.try_place_paid(actor, paid)).await
    }

    /// The order that a reference from elsewhere became.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_paid(&self, reference: &Reference) -> Result<Option<OrderId>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let kept = store.find_state(shop, KEEPER, reference.as_str()).await?;
        Ok(kept.and_then(|kept| std::str::from_utf8(&kept).ok()?.parse().ok()))
    }

    async fn try_place_paid(
        &self,
        actor: &Actor,
        paid: &PaidElsewhere,
    ) -> Result<Placed, CheckoutError> {
        if let Some(order) = self.find_paid(&paid.reference).await?
            && let Some(placed) = self.placed(order).await?
        {
            return Ok(placed);
        }
        let new = NewOrder {
            customer: paid.customer,
            chat: paid.chat.clone(),
            lines: paid.lines.clone(),
            voucher: None,
            request: RequestKey(format!("{KEEPER}/{}", paid.reference)),
        };
        let decision = self.decide(&new).await?;
        let (mut batch, placed) = self.batch_of(actor, &new, decision, Payment::Made);
        self.book(&mut batch, &placed.invoice)?;
        let entity = Entity::new(Kind::Order, placed.order.id);
        let details = json!({ "reference": paid.reference });
        batch.record(entity, "paid elsewhere", details);
        batch.push(ChatWrite::SwapState {
            plugin: KEEPER.to_owned(),
            key: paid.reference.to_string(),
            was: None,
            value: placed.order.id.to_string().into_bytes(),
        });
        match self.0.commit(batch).await {
            Ok(()) => Ok(placed),
            Err(CommitError::Rejected(rejection)) => Err(refused(rejection, &new.lines)),
            Err(error) => Err(error.into()),
        }
    }

    /// Books what was paid elsewhere as sold.
    fn book(&self, batch: &mut Batch, invoice: &Invoice) -> Result<(), CheckoutError> {
        if invoice.amount.is_zero() {
            return Ok(());
        }
        let postings = [
            (Account::Adjustments, invoice.amount.checked_neg()?),
            (Account::Sales, invoice.amount),
        ];
        let transfer = Transfer::new(self.0.ids().next(), Purpose::Adjustment, postings)?;
        batch.push(transfer.about_invoice(invoice.id));
        Ok(())
    }
}
