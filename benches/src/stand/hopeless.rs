//! Batches that a store must refuse, since nothing that looks first sends them: for a unit that
//! nobody has, and for a use of a voucher that has none.

use std::sync::Arc;

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::id::{ProductId, VoucherId};
use shopcore::money::Money;
use shopcore::service::NewProduct;
use shopcore::store::{Batch, CommitError, Rejection, StockClaim, StockWrite, VoucherWrite, Write};
use shopcore::text::{Name, ProductCode, VoucherCode};

use super::furnish::tenth;
use super::{Buyer, CURRENCY, PRICE, Stand, StandError};

/// What can't be had.
#[derive(Debug)]
pub(super) struct Hopeless {
    product: ProductId,
    voucher: VoucherId,
}

impl Hopeless {
    /// Finds it in the shop of a stand, or adds it; one order uses the voucher up.
    pub(super) async fn of(stand: &Stand) -> Result<Self, StandError> {
        Ok(Self {
            product: product(&stand.shop).await?,
            voucher: voucher(stand).await?,
        })
    }

    /// Asks for it, for one or the other in turns; what the store must say is no error.
    pub(super) async fn ask(
        &self,
        shop: &Shop,
        buyer: &Buyer,
        turn: usize,
    ) -> Result<(), CommitError> {
        let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
        batch.writes.push(self.wish(shop, buyer, turn));
        match shop.store().commit(Arc::new(batch)).await {
            Err(CommitError::Rejected(
                Rejection::OutOfStock { .. } | Rejection::VoucherExhausted { .. },
            )) => Ok(()),
            answer => answer.map(drop),
        }
    }

    fn wish(&self, shop: &Shop, buyer: &Buyer, turn: usize) -> Write {
        if turn.is_multiple_of(2) {
            let claim = StockClaim {
                line: shop.ids().next(),
                quantity: 1,
            };
            Write::Stock(StockWrite::Hold {
                product: self.product,
                claims: vec![claim],
            })
        } else {
            Write::Voucher(VoucherWrite::Hold {
                voucher: self.voucher,
                order: shop.ids().next(),
                customer: buyer.id,
            })
        }
    }
}

async fn product(shop: &Shop) -> Result<ProductId, StandError> {
    let code = ProductCode::parse("LOAD-NONE")?;
    if let Some(product) = shop.catalog().find(&code).await? {
        return Ok(product.id);
    }
    let new = NewProduct::new(code, Name::parse("Sold out")?, Money::new(PRICE, CURRENCY));
    let added = shop.catalog().add_product(&Actor::Operator, new).await?;
    Ok(added.id)
}

async fn voucher(stand: &Stand) -> Result<VoucherId, StandError> {
    let (vouchers, code) = (stand.shop.vouchers(), VoucherCode::parse("LOAD-GONE")?);
    if let Some(voucher) = vouchers.find(&code).await? {
        return Ok(voucher.id);
    }
    let added = vouchers
        .add(&Actor::Operator, code.clone(), tenth(1)?)
        .await?;
    stand.place_with(0, Some(code)).await?;
    Ok(added.id)
}
