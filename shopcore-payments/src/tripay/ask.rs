//! What Tripay is asked.

use chrono::TimeDelta;
use serde::Serialize;
use shopcore::gateway::{ChargeRequest, GatewayError};

use super::TripayOptions;
use super::told::refused;
use crate::sign::sign;

/// A closed payment ("Request Transaksi").
#[derive(Serialize)]
pub(super) struct Order<'a> {
    method: &'a str,
    merchant_ref: &'a str,
    amount: i64,
    customer_name: &'a str,
    customer_email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_phone: Option<&'a str>,
    order_items: [Item<'a>; 1],
    expired_time: i64,
    signature: String,
}

#[derive(Serialize)]
struct Item<'a> {
    name: &'a str,
    price: i64,
    quantity: u32,
}

impl<'a> Order<'a> {
    pub(super) fn new(
        request: &'a ChargeRequest,
        options: &'a TripayOptions,
    ) -> Result<Self, GatewayError> {
        let (merchant_ref, amount) = (request.reference.as_str(), request.amount.minor());
        let account = &options.account;
        let signed = format!("{}{merchant_ref}{amount}", account.merchant_code);
        let item = Item {
            name: &request.description,
            price: amount,
            quantity: 1,
        };
        Ok(Self {
            method: options.channel.as_str(),
            merchant_ref,
            amount,
            customer_name: &options.customer_name,
            customer_email: &options.customer_email,
            customer_phone: options.customer_phone.as_deref(),
            order_items: [item],
            expired_time: expired_time(request, options)?,
            signature: sign(account.private_key.reveal(), signed.as_bytes()),
        })
    }
}

/// When a charge ends, in seconds of Unix: not before its channel lets one end.
fn expired_time(request: &ChargeRequest, options: &TripayOptions) -> Result<i64, GatewayError> {
    let life = TimeDelta::from_std(options.life_min).ok();
    let least = life.and_then(|life| options.clock.now().checked_add_signed(life));
    let least = least.ok_or_else(|| refused("its channel gives too much time"))?;
    Ok(request.expires_at.max(least).timestamp())
}
