//! What a shop does: each service reads, decides with pure rules, and commits one batch.
//!
//! ```
//! use shopcore::money::Currency;
//! use shopcore::{MemoryStore, Shop};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
//! assert!(shop.catalog().categories().await?.is_empty());
//! # Ok(()) }
//! ```

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard, Notify};
use uuid::Uuid;

use crate::gateway::{Effect, Gateway, GatewayError, GatewayName, PaymentMethod};
use crate::id::{IdSource, ShopId};
use crate::money::Currency;
use crate::store::{Batch, CommitError, RequestKey, ShopRecord, Store};
use crate::text::Name;
use crate::time::{Clock, Timestamp};
use crate::vault::{Fingerprinter, Vault};
use alarms::Streaks;
use figures::Counters;

mod alarms;
mod archive;
mod audits;
mod broadcasts;
mod builder;
mod carts;
mod catalogue;
mod charges;
mod checkout;
mod comparison;
mod customers;
mod elsewhere;
mod ending;
mod figures;
mod keys;
mod letters;
mod orders;
mod placing;
mod proofs;
mod refunds;
mod repairs;
mod reviews;
mod settlement;
mod settling;
mod silence;
mod spam;
mod stocks;
pub mod tables;
mod terms;
mod vouchers;
mod wallets;

pub use archive::{Archive, ArchiveError};
pub use audits::{Audit, Told};
pub use broadcasts::{Broadcast, BroadcastError, BroadcastState, Broadcasts, Delivery};
pub use builder::{OpenError, Settings, ShopBuilder};
pub use carts::{CartError, CartView, CartViewLine, Carts};
pub use catalogue::{Catalog, CatalogError, NewProduct, PICTURE_MAX, check_picture};
pub use charges::ChargeError;
pub use checkout::{Checkout, CheckoutError, InvoiceView, NewOrder, Placed};
pub use comparison::CompareError;
pub use customers::{CustomerError, Customers, NewCustomer};
pub use elsewhere::PaidElsewhere;
pub use figures::{DAYS_MAX, Figures, FiguresError};
pub use keys::{KeyError, make_key_file, read_key_file};
pub use letters::{Letter, LetterError, Letters};
pub use orders::{Goods, OrderError, Orders};
pub use proofs::{ProofError, Proofs};
pub(crate) use refunds::{Giving, Part, record, record_end, tell_refunded};
pub use refunds::{NewRefund, RefundError, Refunds};
pub use repairs::RepairError;
pub use reviews::{ReviewError, Reviews};
pub(crate) use settlement::open_case;
pub use settlement::{SettleError, Settled, SettledBy, Settlement, WebhookFailure};
pub use stocks::{Masked, Stock, StockError};
pub use terms::{TermsDesk, TermsError};
pub use vouchers::{VoucherError, Vouchers};
pub use wallets::{HistoryLine, Mark, Wallet, WalletError, What};

/// A shop: cheap to clone, safe to share.
#[derive(Clone)]
pub struct Shop(Arc<Inner>);

struct Inner {
    record: ShopRecord,
    settings: Settings,
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: IdSource,
    vault: Arc<Vault>,
    fingerprinter: Fingerprinter,
    methods: Vec<PaymentMethod>,
    archive: Option<Arc<dyn Archive>>,
    outbox: Notify,
    outbox_turn: Mutex<()>,
    streaks: Streaks,
    counters: Counters,
}

impl fmt::Debug for Shop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shop({} {})", self.0.record.name, self.0.record.id)
    }
}

impl Shop {
    /// Sets up a shop that trades in `currency`.
    #[must_use]
    pub fn builder(currency: Currency) -> ShopBuilder {
        ShopBuilder::new(currency)
    }

    /// The shop's id.
    #[must_use]
    pub fn id(&self) -> ShopId {
        self.0.record.id
    }

    /// The shop's name.
    #[must_use]
    pub fn name(&self) -> &Name {
        &self.0.record.name
    }

    /// The currency of all prices.
    #[must_use]
    pub fn currency(&self) -> Currency {
        self.0.record.currency
    }

    /// The shop's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Where the shop is kept.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The shop's clock.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// The present moment by the shop's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// The source of the shop's ids.
    #[must_use]
    pub fn ids(&self) -> &IdSource {
        &self.0.ids
    }

    /// A key for a request that nobody repeats.
    #[must_use]
    pub fn new_request(&self) -> RequestKey {
        let id: Uuid = self.ids().next();
        RequestKey(id.to_string())
    }

    /// The holder of the shop's keys.
    #[must_use]
    pub fn vault(&self) -> &Arc<Vault> {
        &self.0.vault
    }

    /// Who keeps backups of the shop.
    pub(crate) fn archive(&self) -> Option<&dyn Archive> {
        self.0.archive.as_deref()
    }

    /// The ways to pay, in the order of offer.
    #[must_use]
    pub fn methods(&self) -> &[PaymentMethod] {
        &self.0.methods
    }

    /// The gateway of this name.
    #[must_use]
    pub fn gateway(&self, name: &GatewayName) -> Option<&Arc<dyn Gateway>> {
        self.method(name).map(|method| &method.gateway)
    }

    /// The way to pay through the gateway of this name.
    #[must_use]
    pub fn method(&self, name: &GatewayName) -> Option<&PaymentMethod> {
        let mut methods = self.0.methods.iter();
        methods.find(|method| method.gateway.name() == name)
    }

    /// Categories and products.
    #[must_use]
    pub fn catalog(&self) -> Catalog<'_> {
        Catalog(self)
    }

    /// Stock units and their contents.
    #[must_use]
    pub fn stock(&self) -> Stock<'_> {
        Stock(self)
    }

    /// Vouchers.
    #[must_use]
    pub fn vouchers(&self) -> Vouchers<'_> {
        Vouchers(self)
    }

    /// Customers.
    #[must_use]
    pub fn customers(&self) -> Customers<'_> {
        Customers(self)
    }

    /// Messages to every customer.
    #[must_use]
    pub fn broadcasts(&self) -> Broadcasts<'_> {
        Broadcasts(self)
    }

    /// Carts.
    #[must_use]
    pub fn carts(&self) -> Carts<'_> {
        Carts(self)
    }

    /// Placing orders, asking for their payment, giving them up.
    #[must_use]
    pub fn checkout(&self) -> Checkout<'_> {
        Checkout(self)
    }

    /// Payments.
    #[must_use]
    pub fn settlement(&self) -> Settlement<'_> {
        Settlement(self)
    }

    /// Orders and their goods.
    #[must_use]
    pub fn orders(&self) -> Orders<'_> {
        Orders(self)
    }

    /// Wallets.
    #[must_use]
    pub fn wallet(&self) -> Wallet<'_> {
        Wallet(self)
    }

    /// Proofs of payments that no gateway tells of.
    #[must_use]
    pub fn proofs(&self) -> Proofs<'_> {
        Proofs(self)
    }

    /// Terms that buyers fulfil after the sale.
    #[must_use]
    pub fn terms(&self) -> TermsDesk<'_> {
        TermsDesk(self)
    }

    /// What customers write to the shop.
    #[must_use]
    pub fn letters(&self) -> Letters<'_> {
        Letters(self)
    }

    /// What is given back of orders.
    #[must_use]
    pub fn refunds(&self) -> Refunds<'_> {
        Refunds(self)
    }

    /// Who did what.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit(self)
    }

    /// The business of days.
    #[must_use]
    pub fn figures(&self) -> Figures<'_> {
        Figures(self)
    }

    /// Review cases.
    #[must_use]
    pub fn reviews(&self) -> Reviews<'_> {
        Reviews(self)
    }

    /// Waits until something is put into the outbox by this process.
    pub async fn outbox_filled(&self) {
        self.0.outbox.notified().await;
    }

    /// Waits for this process's turn to empty the outbox: whoever gets it finds nothing of this
    /// process still on its way.
    pub(crate) async fn outbox_turn(&self) -> MutexGuard<'_, ()> {
        self.0.outbox_turn.lock().await
    }

    /// Waits for a gateway's answer, but not for ever: what did not answer may have had its effect.
    pub(crate) async fn patiently<T>(
        &self,
        gateway: &GatewayName,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        self.within(gateway, GATEWAY_PATIENCE, call).await
    }

    /// Waits so long for a gateway's answer.
    pub(crate) async fn within<T>(
        &self,
        gateway: &GatewayName,
        patience: Duration,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        let timely = tokio::time::timeout(patience, call).await;
        let answer = timely.unwrap_or_else(|elapsed| {
            Err(GatewayError::Unavailable {
                effect: Effect::Unknown,
                source: elapsed.into(),
            })
        });
        self.witness_gateway(gateway, &answer).await;
        answer
    }

    /// Commits a batch, and sends it again where the reply was lost.
    ///
    /// # Errors
    /// [`CommitError`]; [`CommitError::OutcomeUnknown`] only when the reply was lost every time.
    pub async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let fills_outbox = !batch.outbox.is_empty();
        let batch = Arc::new(batch);
        let mut resends = 0;
        loop {
            match self.0.store.commit(Arc::clone(&batch)).await {
                Ok(_) => break,
                Err(CommitError::OutcomeUnknown(_)) if resends < RESENDS_MAX => resends += 1,
                // Nothing happened this time; an earlier sending may still have been applied.
                Err(CommitError::Unavailable(source)) if resends > 0 => {
                    if resends == RESENDS_MAX {
                        return Err(CommitError::OutcomeUnknown(source));
                    }
                    resends += 1;
                }
                Err(error) => return Err(error),
            }
            tokio::time::sleep(RESEND_AFTER * resends).await;
        }
        if fills_outbox {
            self.0.outbox.notify_waiters();
            self.0.outbox.notify_one();
        }
        Ok(())
    }

    fn batch(&self, actor: &crate::audit::Actor) -> Batch {
        Batch::by(actor.clone(), self.id(), self.now(), self.ids())
    }

    fn chore(&self) -> Batch {
        Batch::chore(self.id(), self.now(), self.ids())
    }
}

/// How long a gateway may take to answer.
pub(crate) const GATEWAY_PATIENCE: Duration = Duration::from_secs(30);

const RESENDS_MAX: u32 = 6;
const RESEND_AFTER: Duration = Duration::from_millis(20);

/// How often a service reads and decides again before it gives a conflict to its caller.
const DECISIONS_MAX: u32 = 24;

/// Whether an error only says that what was read has changed.
trait Outdated {
    fn is_outdated(&self) -> bool;
}

macro_rules! outdated {
    ($($error:ty),* $(,)?) => {$(
        impl $crate::service::Outdated for $error {
            fn is_outdated(&self) -> bool {
                matches!(self, Self::Commit($crate::store::CommitError::Conflict))
            }
        }
    )*};
}
use outdated;

/// Reads and decides again while what was read changes meanwhile, with growing, uneven pauses.
async fn deciding<T, E: Outdated, F: Future<Output = Result<T, E>>>(
    mut decide: impl FnMut() -> F,
) -> Result<T, E> {
    for round in 0..DECISIONS_MAX {
        match decide().await {
            Err(error) if error.is_outdated() => pause(round).await,
            done => return done,
        }
    }
    decide().await
}

async fn pause(round: u32) {
    let mut unevenness = [0; 1];
    let uneven = getrandom::fill(&mut unevenness).is_ok();
    let micros = u64::from(round) * 200
        + if uneven {
            u64::from(unevenness[0]) * 4
        } else {
            0
        };
    tokio::time::sleep(Duration::from_micros(micros)).await;
}
