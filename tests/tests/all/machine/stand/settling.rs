//! How the commands about banks, payments, time and jobs are carried out.

use shopcore::gateway::{GatewayName, WebhookRequest};
use shopcore::invoice::{Charge, ChargeState, EventId, Reference};
use shopcore::money::Currency;
use shopcore::service::NewRefund;
use shopcore::text::Reason;

use super::*;
use crate::machine::command::{Amount, Decision, Origin, Pay, Way};

/// How long an overdue invoice may stay open before the expiry job would have run.
const OVERDUE: chrono::Duration = chrono::Duration::seconds(60);

impl Stand {
    pub(super) async fn pay(&mut self, deed: &Pay) -> Told {
        match *deed {
            Pay::Ask { invoice, bank } => match self.invoice(invoice) {
                Some((invoice, _)) => {
                    let bank = self.bank(bank).port();
                    told(self.shop.checkout().charge(invoice, bank).await)
                }
                None => nothing(),
            },
            Pay::Charge {
                charge,
                amount,
                way,
            } => self.pay_charge(charge, amount, way).await,
            Pay::Again { payment } => self.pay_again(payment).await,
            Pay::Stray { origin } => self.stray(origin).await,
            Pay::FromWallet { invoice } => match self.invoice(invoice) {
                Some((invoice, owner)) => {
                    let checkout = self.shop.checkout();
                    let owner = Actor::Customer(owner);
                    told(checkout.pay_from_wallet(&owner, invoice).await)
                }
                None => nothing(),
            },
            Pay::Check { invoice } => match self.invoice(invoice) {
                Some((invoice, _)) => told(self.shop.settlement().check(invoice).await),
                None => nothing(),
            },
            Pay::Decide { case, how } => self.decide(case, how).await,
            Pay::GiveBack { order, part, way } => match pick_newest(&self.rows.orders, order) {
                Some(order) => {
                    let wanted = NewRefund {
                        order: order.id,
                        value: part.map(idr),
                        way,
                        reason: reason(),
                        request: self.shop.new_request(),
                    };
                    told(self.shop.refunds().request(&Actor::Operator, &wanted).await)
                }
                None => nothing(),
            },
            Pay::Adjust { customer, minor } => {
                let (customer, why) = (self.customer(customer).id, reason());
                let wallet = self.shop.wallet();
                let request = self.shop.new_request();
                let adjusted =
                    wallet.adjust(&Actor::Operator, customer, idr(minor), &why, &request);
                told(adjusted.await)
            }
        }
    }

    async fn decide(&self, case: u8, how: Decision) -> Told {
        let Some(case) = self.open_case(case) else {
            return nothing();
        };
        let reviews = self.shop.reviews();
        told(match how {
            Decision::Credit => reviews.credit(&Actor::Operator, case, None).await,
            Decision::CreditTo(index) => {
                let customer = self.customer(index).id;
                reviews.credit(&Actor::Operator, case, Some(customer)).await
            }
            Decision::Refund => reviews.refund(&Actor::Operator, case).await,
            Decision::Deliver => reviews.deliver(&Actor::Operator, case).await,
            Decision::Close => reviews.close(&Actor::Operator, case, &reason()).await,
        })
    }

    pub(super) fn bank(&self, index: u8) -> &Bank {
        &self.banks[usize::from(index) % self.banks.len()]
    }

    fn bank_of(&self, name: &GatewayName) -> &Bank {
        self.banks.iter().find(|bank| bank.port() == name).unwrap()
    }

    async fn settle(&self, event: &PaymentEvent) -> Told {
        let settled = self.shop.settlement().settle(event).await;
        let duplicate = settled
            .as_ref()
            .is_ok_and(|settled| settled.by == SettledBy::Earlier);
        Told {
            duplicate,
            ..told(settled)
        }
    }

    async fn pay_charge(&self, charge: u8, amount: Amount, way: Way) -> Told {
        let Some(charge) = pick_newest(&self.rows.charges, charge) else {
            return nothing();
        };
        let bank = self.bank_of(&charge.gateway);
        // Without a charge that the bank made there is nothing to scan.
        if charge.state == ChargeState::Created && !bank.knows(&charge.reference) {
            return nothing();
        }
        let event = bank.pay(&charge.reference, sum(charge, amount), self.clock.now());
        match way {
            Way::Told => self.settle(&event).await,
            Way::Asked => {
                let body = charge.reference.to_string();
                let request = WebhookRequest {
                    headers: &[],
                    body: body.as_bytes(),
                };
                told(
                    self.shop
                        .settlement()
                        .webhook(&charge.gateway, request)
                        .await,
                )
            }
            Way::Silent => told("paid in silence"),
        }
    }

    async fn pay_again(&self, payment: u8) -> Told {
        let Some(payment) = pick_newest(&self.rows.payments, payment) else {
            return nothing();
        };
        let event = PaymentEvent {
            gateway: payment.gateway.clone(),
            event: payment.event.clone(),
            reference: payment.reference.clone(),
            amount: payment.amount,
            paid_at: payment.paid_at,
        };
        self.settle(&event).await
    }

    async fn stray(&mut self, origin: Origin) -> Told {
        let gateway = match origin {
            Origin::KnownBank => self.banks[0].port().clone(),
            Origin::UnknownBank => GatewayName::parse("nowhere").unwrap(),
        };
        self.requests += 1;
        let text = format!("stray-{}", self.requests);
        let event = PaymentEvent {
            gateway,
            event: EventId::parse(&text).unwrap(),
            reference: Reference::parse(&text).unwrap(),
            amount: idr(250),
            paid_at: self.clock.now(),
        };
        self.settle(&event).await
    }

    /// Lets time pass. A shop that is open would have run its expiry job meanwhile.
    pub(super) async fn wait(&self, seconds: i64) -> Told {
        self.clock.advance(chrono::Duration::seconds(seconds));
        let last = self.clock.now() - OVERDUE;
        let overdue =
            |row: &shopcore::invoice::Invoice| row.state.is_open() && row.expires_at <= last;
        if self.rows.invoices.iter().any(overdue) {
            return self.run(JobName::Expiry).await;
        }
        told(seconds)
    }

    pub(super) async fn run(&self, job: JobName) -> Told {
        if job == JobName::Reconcile {
            self.leave_one_payment().await;
        }
        told(self.jobs().run_once(job).await)
    }

    /// Tells the shop of payments until reconciling finds at most one, since which of two it finds
    /// first is up to chance; and of all while it also has charges to complete.
    async fn leave_one_payment(&self) {
        let half_done = |row: &Charge| row.state == ChargeState::Created;
        let kept = usize::from(!self.rows.charges.iter().any(half_done));
        for event in self.unreported().iter().skip(kept) {
            self.settle(event).await;
        }
    }
}

fn sum(charge: &Charge, amount: Amount) -> Money {
    let payable = charge.payable.minor();
    match amount {
        Amount::Exact => charge.payable,
        Amount::Half => idr((payable / 2).max(1)),
        Amount::One => idr(1),
        Amount::Over => idr(payable + 333),
        Amount::Foreign => Money::new(payable, Currency::USD),
        Amount::Absurd => idr(i64::MAX),
    }
}

fn reason() -> Reason {
    Reason::parse("a reason").unwrap()
}
