//! Setting up a shop.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{FixedOffset, Offset, Utc};
use thiserror::Error;

use super::keys::{self, KeyError};
use super::{Archive, Inner, Shop};
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::{BadTerms, Gateway, GatewayName, PaymentMethod, PaymentTerms};
use crate::id::{IdSource, ShopId};
use crate::money::{Currency, Money};
use crate::store::{Batch, CommitError, Rejection, ShopRecord, Store, StoreError};
use crate::text::Name;
use crate::time::{Clock, SystemClock, Timestamp};
use crate::vault::{Fingerprinter, Vault, VaultError};

/// What an owner may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// How long an order may be paid.
    pub order_ttl: Duration,
    /// How long a deposit may be paid.
    pub deposit_ttl: Duration,
    /// The least deposit.
    pub deposit_minimum: Money,
    /// The most deposit.
    pub deposit_maximum: Money,
    /// How often overdue invoices are looked for.
    pub expiry_every: Duration,
    /// How often charges that are due are asked about.
    pub reconcile_every: Duration,
    /// What the shop's clock on the wall shows: where its day begins, and its quiet hours.
    pub zone: FixedOffset,
    /// The file in which the audit is kept once more, line by line; none where it is not.
    pub journal: Option<PathBuf>,
}

impl Settings {
    /// The longest that an order or a deposit may wait for its payment: 30 days.
    pub const TTL_MAX: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// A moment as the shop's clock on the wall shows it, to the minute.
    #[must_use]
    pub fn on_the_wall(&self, at: Timestamp) -> String {
        let shown = at.with_timezone(&self.zone);
        shown.format("%Y-%m-%d %H:%M").to_string()
    }

    /// The defaults of a shop in `currency`: 15 minutes for an order, an hour for a deposit,
    /// deposits from 1 unit (10,000 for currencies without minor units) to a million units, and UTC
    /// on the wall.
    #[must_use]
    pub fn defaults(currency: Currency) -> Self {
        let least = if currency.exponent() == 0 {
            10_000
        } else {
            currency.minor_per_unit()
        };
        let most = currency
            .minor_per_unit()
            .saturating_mul(1_000_000)
            .max(least * 10_000);
        Self {
            order_ttl: Duration::from_secs(15 * 60),
            deposit_ttl: Duration::from_secs(60 * 60),
            deposit_minimum: Money::new(least, currency),
            deposit_maximum: Money::new(most.min(Money::MAX_MINOR), currency),
            expiry_every: Duration::from_secs(60),
            reconcile_every: Duration::from_secs(2),
            zone: Utc.fix(),
            journal: None,
        }
    }
}

/// Why a shop can't be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The vault's key is not the one the shop's contents were sealed with.
    #[error("the vault's key is not the one this shop was opened with")]
    WrongKey(#[source] VaultError),
    /// The machine gives no random bytes.
    #[error("no key can be made")]
    Vault(#[source] VaultError),
    /// No store was given.
    #[error("a shop needs a store")]
    MissingStore,
    /// There is no vault key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The shop trades in another currency, for ever.
    #[error("the shop trades in {stored}, not in {given}")]
    OtherCurrency {
        /// What it trades in.
        stored: Currency,
        /// What was given.
        given: Currency,
    },
    /// Two gateways have one name.
    #[error("two gateways are named {0}")]
    GatewayTwice(GatewayName),
    /// A gateway could never be offered on its terms.
    #[error("gateway {gateway} can't be offered")]
    Terms {
        /// The gateway.
        gateway: GatewayName,
        /// Why.
        #[source]
        source: BadTerms,
    },
    /// A setting is out of range.
    #[error("setting {0} is out of range")]
    Setting(&'static str),
}

/// Sets up a shop; made by [`Shop::builder`].
#[derive(Debug)]
pub struct ShopBuilder {
    currency: Currency,
    name: Option<Name>,
    store: Option<Arc<dyn Store>>,
    vault: Option<Vault>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    methods: Vec<PaymentMethod>,
    archive: Option<Arc<dyn Archive>>,
}

impl ShopBuilder {
    pub(super) fn new(currency: Currency) -> Self {
        Self {
            currency,
            name: None,
            store: None,
            vault: None,
            clock: Arc::new(SystemClock),
            settings: Settings::defaults(currency),
            methods: Vec::new(),
            archive: None,
        }
    }

    /// Names the shop, `Shop` by default; one store keeps many shops by their names.
    #[must_use]
    pub fn name(self, name: Name) -> Self {
        Self {
            name: Some(name),
            ..self
        }
    }

    /// Keeps the shop in `store`.
    #[must_use]
    pub fn store(self, store: impl Store + 'static) -> Self {
        self.shared_store(Arc::new(store))
    }

    /// Keeps the shop in a store that others use too.
    #[must_use]
    pub fn shared_store(self, store: Arc<dyn Store>) -> Self {
        Self {
            store: Some(store),
            ..self
        }
    }

    /// Adds a payment gateway; they are offered in the order they are added.
    #[must_use]
    pub fn gateway(self, gateway: impl Gateway + 'static) -> Self {
        self.method(PaymentMethod {
            gateway: Arc::new(gateway),
            terms: PaymentTerms::default(),
        })
    }

    /// Adds a payment gateway on terms of the shop's own.
    #[must_use]
    pub fn method(mut self, method: PaymentMethod) -> Self {
        self.methods.push(method);
        self
    }

    /// Seals contents with `vault`. Without it the key is looked for where the store keeps it, and
    /// made there for an empty one.
    #[must_use]
    pub fn vault(self, vault: Vault) -> Self {
        Self {
            vault: Some(vault),
            ..self
        }
    }

    /// Has a backup made each day.
    #[must_use]
    pub fn archive(self, archive: impl Archive + 'static) -> Self {
        Self {
            archive: Some(Arc::new(archive)),
            ..self
        }
    }

    /// Takes the time from `clock`; the machine's by default.
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Replaces the default settings.
    #[must_use]
    pub fn settings(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// Opens the shop, and makes its row where the store has none of its name.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn build(self) -> Result<Shop, OpenError> {
        self.check()?;
        let ids = IdSource::new(Arc::clone(&self.clock));
        let store = self.store.ok_or(OpenError::MissingStore)?;
        let vault = match self.vault {
            Some(vault) => vault,
            None => Vault::new(&keys::find_or_make(store.as_ref()).await?),
        };
        let name = match self.name {
            Some(name) => name,
            None => Name::parse("Shop").map_err(|_| OpenError::Setting("name"))?,
        };
        let opening = Opening {
            store,
            vault,
            ids,
            clock: self.clock,
            currency: self.currency,
        };
        let record = opening.record(&name).await?;
        let process = opening.ids.next();
        let fingerprinter = opening.fingerprinter(&record)?;
        Ok(Shop(Arc::new(Inner {
            record,
            settings: self.settings,
            store: opening.store,
            clock: opening.clock,
            ids: opening.ids,
            vault: Arc::new(opening.vault),
            fingerprinter,
            methods: self.methods,
            archive: self.archive,
            outbox: tokio::sync::Notify::new(),
            outbox_turn: tokio::sync::Mutex::new(()),
            streaks: super::alarms::Streaks::default(),
            counters: super::figures::Counters::new(process),
        })))
    }

    fn check(&self) -> Result<(), OpenError> {
        let names = || self.methods.iter().map(|method| method.gateway.name());
        if let Some((_, name)) = (1..)
            .zip(names())
            .find(|(next, name)| names().skip(*next).any(|other| other == *name))
        {
            return Err(OpenError::GatewayTwice(name.clone()));
        }
        for method in &self.methods {
            method.check(self.currency).map_err(|source| {
                let gateway = method.gateway.name().clone();
                OpenError::Terms { gateway, source }
            })?;
        }
        let settings = &self.settings;
        let ttls = [
            ("order_ttl", settings.order_ttl),
            ("deposit_ttl", settings.deposit_ttl),
        ];
        if let Some((name, _)) = ttls
            .iter()
            .find(|(_, ttl)| ttl.is_zero() || *ttl > Settings::TTL_MAX)
        {
            return Err(OpenError::Setting(name));
        }
        let (least, most) = (settings.deposit_minimum, settings.deposit_maximum);
        let right = [least, most]
            .iter()
            .all(|m| m.currency() == self.currency && m.is_positive());
        if !right || least.minor() > most.minor() {
            return Err(OpenError::Setting("deposit_minimum"));
        }
        Ok(())
    }
}

struct Opening {
    store: Arc<dyn Store>,
    vault: Vault,
    ids: IdSource,
    clock: Arc<dyn Clock>,
    currency: Currency,
}

impl Opening {
    /// Finds the shop's row or makes it; of two processes that make it at once, one does.
    async fn record(&self, name: &Name) -> Result<ShopRecord, OpenError> {
        loop {
            if let Some(record) = self.store.find_shop(name).await? {
                if record.currency != self.currency {
                    let (stored, given) = (record.currency, self.currency);
                    return Err(OpenError::OtherCurrency { stored, given });
                }
                return Ok(record);
            }
            let id: ShopId = self.ids.next();
            let key = Fingerprinter::generate_key().map_err(OpenError::Vault)?;
            let fingerprint_key = self.vault.seal(id, id, &key).map_err(OpenError::Vault)?;
            let at = self.clock.now();
            let currency = self.currency;
            let record = ShopRecord {
                id,
                name: name.clone(),
                currency,
                fingerprint_key,
                created_at: at,
            };
            let mut batch = Batch::by(Actor::Operator, id, at, &self.ids);
            let details = serde_json::json!({ "name": name.as_str(), "currency": currency });
            batch
                .push(record)
                .record(Entity::new(Kind::Shop, id), "opened", details);
            match self.store.commit(Arc::new(batch)).await {
                Ok(_) | Err(CommitError::Rejected(Rejection::ShopNameTaken)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn fingerprinter(&self, record: &ShopRecord) -> Result<Fingerprinter, OpenError> {
        let key = self
            .vault
            .open(record.id, record.id, &record.fingerprint_key);
        key.and_then(|key| Fingerprinter::new(&key))
            .map_err(OpenError::WrongKey)
    }
}
