//! Orders that were paid elsewhere, from a CSV file: each is handed over from the stock.

use std::collections::BTreeMap;

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::cart::{Cart, CartLine};
use shopcore::catalog::{Offer, Visibility};
use shopcore::customer::{Contact, ExternalId, FrontendName};
use shopcore::id::ProductId;
use shopcore::invoice::Reference;
use shopcore::money::Money;
use shopcore::service::{CatalogError, PaidElsewhere};
use shopcore::text::ProductCode;

use super::reasons::{Reason, in_column};
use super::table::{Fields, Table};
use super::{Checked, Firsts, Place, optional};
use crate::cli::TableArgs;
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

const NEEDED: &[&str] = &["reference", "frontend", "account", "product", "quantity"];
const KNOWN: &[&str] = &[
    "reference",
    "frontend",
    "account",
    "product",
    "quantity",
    "paid",
];

/// Imports the orders of a file.
pub(crate) async fn orders(shop: &Shop, args: &TableArgs, output: &Output) -> Result<(), Fault> {
    let rows = Table::open(&args.file, KNOWN, NEEDED)?.read(&args.file, &args.rows)?;
    let mut checked = Desk::new(shop).check(rows).await?;
    checked.settle(&args.rows, output)?;
    if args.rows.dry_run {
        return checked.foresee(output);
    }
    let new = std::mem::take(&mut checked.good);
    let bar = progress::placing(new.len());
    let mut taken = 0_usize;
    for (place, order) in new {
        let placed = shop.checkout().place_paid(&Actor::Operator, &order).await;
        if let Err(source) = placed {
            checked.report(output, taken)?;
            return Err(Fault::OrderLeft { place, source });
        }
        taken = taken.saturating_add(1);
        bar.inc(1);
    }
    checked.report(output, taken)
}

/// Checks rows against the shop as it is, and against each other.
struct Desk<'a> {
    shop: &'a Shop,
    firsts: Firsts<Reference>,
    /// How many of each product the rows so far want.
    wanted: BTreeMap<ProductId, u32>,
}

impl<'a> Desk<'a> {
    fn new(shop: &'a Shop) -> Self {
        Self {
            shop,
            firsts: Firsts::default(),
            wanted: BTreeMap::new(),
        }
    }

    async fn check(&mut self, mut rows: Checked<Fields>) -> Result<Checked<PaidElsewhere>, Fault> {
        let mut checked = Checked::after(&mut rows);
        for (place, fields) in rows.good {
            match self.order(&fields, &place).await? {
                Ok(order) => checked.good.push((place, order)),
                Err(reason) => checked.refuse(place, reason),
            }
        }
        Ok(checked.sorted())
    }

    async fn order(
        &mut self,
        fields: &Fields,
        place: &Place,
    ) -> Result<Result<PaidElsewhere, Reason>, Fault> {
        let row = match Row::read(self.shop, fields) {
            Ok(row) => row,
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(customer) = self.shop.customers().find(&row.contact).await? else {
            return Ok(Err(Reason::UnknownCustomer(row.contact)));
        };
        if self
            .shop
            .checkout()
            .find_paid(&row.reference)
            .await?
            .is_some()
        {
            return Ok(Err(Reason::ReferenceTaken(row.reference)));
        }
        let offer = match self.offer(&row.code).await? {
            Some(offer) => offer,
            None => return Ok(Err(Reason::UnknownProduct(row.code))),
        };
        Ok(self.take(&row, &offer, place).map(|line| PaidElsewhere {
            reference: row.reference,
            customer: customer.id,
            chat: customer.chat,
            lines: vec![line],
        }))
    }

    /// The offer of a product that is for sale.
    async fn offer(&self, code: &ProductCode) -> Result<Option<Offer>, Fault> {
        let Some(product) = self.shop.catalog().find(code).await? else {
            return Ok(None);
        };
        match self.shop.catalog().offer(product.id).await {
            Ok(offer) if offer.product.visibility == Visibility::Listed => Ok(Some(offer)),
            Ok(_) | Err(CatalogError::UnknownProduct) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn take(&mut self, row: &Row, offer: &Offer, place: &Place) -> Result<CartLine, Reason> {
        let product = &offer.product;
        let price = product.price.checked_mul(row.quantity);
        let price = price.map_err(in_column("quantity"))?;
        if let Some(paid) = row.paid.filter(|paid| *paid != price) {
            let told = format!("it costs {price} here, not {paid}");
            return Err(in_column("paid")(told));
        }
        self.firsts.check(&row.reference)?;
        let wanted = self.wanted.entry(product.id).or_default();
        let more = wanted.saturating_add(row.quantity);
        if !offer.available.covers(more) {
            return Err(Reason::TooFew(row.code.clone()));
        }
        *wanted = more;
        self.firsts.note(&row.reference, place);
        Ok(CartLine {
            product: product.id,
            quantity: row.quantity,
            accepted: product.price,
        })
    }
}

/// What a row says.
struct Row {
    reference: Reference,
    contact: Contact,
    code: ProductCode,
    quantity: u32,
    paid: Option<Money>,
}

impl Row {
    fn read(shop: &Shop, fields: &Fields) -> Result<Self, Reason> {
        let needed = |column| fields.plain(column).unwrap_or_default();
        let frontend = FrontendName::parse(needed("frontend")).map_err(in_column("frontend"))?;
        let external = ExternalId::parse(needed("account")).map_err(in_column("account"))?;
        Ok(Self {
            reference: Reference::parse(needed("reference")).map_err(in_column("reference"))?,
            contact: Contact { frontend, external },
            code: ProductCode::parse(needed("product")).map_err(in_column("product"))?,
            quantity: quantity(needed("quantity")).map_err(in_column("quantity"))?,
            paid: optional(fields, "paid", |text| Money::parse(text, shop.currency()))?,
        })
    }
}

fn quantity(text: &str) -> Result<u32, String> {
    let most = Cart::QUANTITY_MAX;
    let quantity = text.parse().ok().filter(|count| (1..=most).contains(count));
    quantity.ok_or_else(|| format!("it is a whole number from 1 to {most}"))
}

#[cfg(test)]
mod tests {
    use shopcore::MemoryStore;
    use shopcore::customer::{Chat, ChatId};
    use shopcore::money::Currency;
    use shopcore::order::OrderState;
    use shopcore::service::NewProduct;
    use shopcore::stock::Content;
    use shopcore::store::OrderFilter;
    use shopcore::store::Page;
    use shopcore::text::Name;

    use super::super::tests::strict;
    use super::*;

    /// A shop with three keys and one customer.
    async fn shop() -> Shop {
        let store = MemoryStore::default();
        let shop = Shop::builder(Currency::IDR).store(store).build().await;
        let shop = shop.unwrap();
        let (code, name) = (ProductCode::parse("KEY"), Name::parse("Key"));
        let price = Money::new(9_000, Currency::IDR);
        let mut key = NewProduct::new(code.unwrap(), name.unwrap(), price);
        key.contents = ["A", "B", "C"]
            .map(|text| Content::text(text).unwrap())
            .to_vec();
        let desk = shop.catalog();
        desk.add_product(&Actor::Operator, key).await.unwrap();
        let frontend = FrontendName::parse("telegram").unwrap();
        let external = ExternalId::parse("123").unwrap();
        let id = ChatId::parse("123").unwrap();
        let chat = Chat {
            frontend: frontend.clone(),
            id,
        };
        let contact = Contact { frontend, external };
        shop.customers().meet(&contact, &chat, None).await.unwrap();
        shop
    }

    async fn import(shop: &Shop, rows: &str, args: crate::cli::RowArgs) -> Result<(), Fault> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("orders.csv");
        let text = format!("reference,frontend,account,product,quantity,paid\n{rows}\n");
        std::fs::write(&file, text).unwrap();
        orders(shop, &TableArgs { file, rows: args }, &Output::silent()).await
    }

    async fn placed(shop: &Shop) -> Vec<shopcore::order::Order> {
        let filter = OrderFilter::default();
        let listed = shop.orders().list(filter, Page::first(9)).await;
        listed.unwrap().items
    }

    #[tokio::test]
    async fn an_order_that_was_paid_elsewhere_is_handed_over_once() {
        let shop = shop().await;
        let row = "market-1,telegram,123,KEY,2,18.000";
        let dry = crate::cli::RowArgs {
            dry_run: true,
            ..strict()
        };
        import(&shop, row, dry).await.unwrap();
        assert!(placed(&shop).await.is_empty(), "a dry run changes nothing");
        import(&shop, row, strict()).await.unwrap();
        let order = placed(&shop).await.pop().unwrap();
        assert_eq!(order.state, OrderState::Paid);
        assert_eq!(order.totals.total, Money::new(18_000, Currency::IDR));
        let again = import(&shop, row, strict()).await;
        assert!(matches!(again, Err(Fault::RowsRefused { refused: 1, .. })));
        assert_eq!(placed(&shop).await.len(), 1);
        assert!(shopcore::jobs::examine(&shop).await.unwrap().holds());
    }

    #[tokio::test]
    async fn an_order_that_cant_be_handed_over_says_why_and_none_is_taken() {
        let shop = shop().await;
        for row in [
            ",telegram,123,KEY,1,",
            "m-1,tele gram,123,KEY,1,",
            "m-1,telegram,124,KEY,1,",
            "m-1,telegram,123,NONE,1,",
            "m-1,telegram,123,KEY,0,",
            "m-1,telegram,123,KEY,many,",
            "m-1,telegram,123,KEY,4,",
            "m-1,telegram,123,KEY,1,8.000",
            "m-1,telegram,123,KEY,1,\nm-1,telegram,123,KEY,1,",
            "m-1,telegram,123,KEY,2,\nm-2,telegram,123,KEY,2,",
        ] {
            let refused = import(&shop, row, strict()).await;
            assert!(
                matches!(refused, Err(Fault::RowsRefused { refused: 1, .. })),
                "{row}: {refused:?}"
            );
        }
        assert!(placed(&shop).await.is_empty());
        let good = "m-1,telegram,123,KEY,4,\nm-2,telegram,123,KEY,1,";
        let rest = crate::cli::RowArgs {
            skip_bad: true,
            ..strict()
        };
        import(&shop, good, rest).await.unwrap();
        assert_eq!(placed(&shop).await.len(), 1);
    }
}
