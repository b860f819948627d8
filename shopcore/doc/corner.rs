// The shop that the documentation's examples share: one product with three keys, one customer.

/// A shop in memory with its product, its customer and their chat.
struct Corner {
    shop: shopcore::Shop,
    product: shopcore::catalog::Product,
    customer: shopcore::customer::Customer,
    chat: shopcore::customer::Chat,
}

impl Corner {
    async fn open() -> Result<Self, Box<dyn std::error::Error>> {
        use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName};
        use shopcore::service::NewProduct;
        use shopcore::text::{Name, ProductCode};

        let currency = shopcore::money::Currency::USD;
        let shop = shopcore::Shop::builder(currency).store(shopcore::MemoryStore::default());
        let shop = shop.build().await?;
        let price = shopcore::money::Money::parse("4.99", currency)?;
        let mut new = NewProduct::new(ProductCode::parse("KEY")?, Name::parse("A key")?, price);
        for key in ["AAAA-1", "BBBB-2", "CCCC-3"] {
            new.contents.push(shopcore::stock::Content::text(key)?);
        }
        let product = shop.catalog().add_product(&shopcore::audit::Actor::Operator, new).await?;
        let frontend = FrontendName::parse("example")?;
        let contact = Contact { frontend: frontend.clone(), external: ExternalId::parse("7")? };
        let chat = Chat { frontend, id: ChatId::parse("7")? };
        let customer = shop.customers().meet(&contact, &chat, None).await?;
        Ok(Self { shop, product, customer, chat })
    }
}
