//! Manual transfer: the customer pays into an account of the shop's own, shows a proof, and a person
//! of the shop judges it. Nothing is called, so nothing is told: the contract is that between the
//! shop and its bank.

use async_trait::async_trait;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Gateway, GatewayError, GatewayName,
    OpenCharge, Support, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{BankAccount, Charge, PayWith};
use shopcore::money::Currency;

/// Collects by transfers into an account of the shop's own.
#[derive(Debug, Clone)]
pub struct Transfer {
    name: GatewayName,
    account: BankAccount,
    capabilities: Capabilities,
}

impl Transfer {
    /// Transfers in `currency` into `account`.
    #[must_use]
    pub fn new(name: GatewayName, account: BankAccount, currency: Currency) -> Self {
        let capabilities = Capabilities {
            create: CreateMode::Idempotent,
            currencies: vec![currency],
            minimum: None,
            maximum: None,
            cancel: Support::No,
            refund: Support::No,
            statement: Support::No,
            webhooks: Support::No,
            simulate: Support::No,
        };
        Self {
            name,
            account,
            capabilities,
        }
    }
}

#[async_trait]
impl Gateway for Transfer {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        Ok(OpenCharge {
            id: None,
            payable: request.amount,
            pay_with: PayWith::Account(self.account.clone()),
        })
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let pay_with = PayWith::Account(self.account.clone());
        Ok(ChargeStatus {
            open: Some(OpenCharge {
                id: None,
                payable: charge.payable,
                pay_with,
            }),
            payments: Vec::new(),
        })
    }

    async fn cancel_charge(&self, _charge: &Charge) -> Result<(), GatewayError> {
        Err(GatewayError::Unsupported)
    }

    fn needs_proof(&self) -> bool {
        true
    }

    fn verify_webhook(
        &self,
        _request: WebhookRequest<'_>,
    ) -> Result<VerifiedWebhook, WebhookError> {
        Err(WebhookError::Signature)
    }
}
