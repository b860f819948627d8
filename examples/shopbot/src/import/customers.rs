//! Customers from a CSV file, with what is in their wallets.

use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::catalog::check_price;
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName, Language};
use shopcore::money::Money;
use shopcore::service::NewCustomer;
use shopcore::text::Name;

use super::reasons::{Reason, in_column};
use super::table::{Fields, Table};
use super::{Checked, Firsts, Place, optional, part_size};
use crate::cli::TableArgs;
use crate::fault::Fault;
use crate::output::Output;
use crate::progress;

const NEEDED: &[&str] = &["frontend", "account"];
const KNOWN: &[&str] = &["frontend", "account", "name", "language", "wallet"];

/// Imports the customers of a file.
pub(crate) async fn customers(shop: &Shop, args: &TableArgs, output: &Output) -> Result<(), Fault> {
    let mut rows = Table::open(&args.file, KNOWN, NEEDED)?.read(&args.file, &args.rows)?;
    let mut checked = Checked::after(&mut rows);
    let mut firsts = Firsts::default();
    for (place, fields) in rows.good {
        match customer(shop, &fields, &place, &mut firsts) {
            Err(reason) => checked.refuse(place, reason),
            Ok(new) if shop.customers().find(&new.contact).await?.is_some() => {
                checked.refuse(place, Reason::CustomerKnown(new.contact));
            }
            Ok(new) => checked.good.push((place, new)),
        }
    }
    let checked = checked.sorted();
    checked.settle(&args.rows, output)?;
    if args.rows.dry_run {
        return checked.foresee(output);
    }
    let new: Vec<NewCustomer> = checked.good.iter().map(|(_, new)| new.clone()).collect();
    let bar = progress::storing(new.len(), part_size(&args.rows));
    for part in new.chunks(part_size(&args.rows)) {
        let desk = shop.customers();
        let imported = desk.import(&Actor::Operator, part.to_vec());
        bar.inc(progress::count(imported.await?.len()));
    }
    checked.report(output, new.len())
}

fn customer(
    shop: &Shop,
    fields: &Fields,
    place: &Place,
    firsts: &mut Firsts<Contact>,
) -> Result<NewCustomer, Reason> {
    let needed = |column| fields.plain(column).unwrap_or_default();
    let frontend = FrontendName::parse(needed("frontend")).map_err(in_column("frontend"))?;
    let external = ExternalId::parse(needed("account")).map_err(in_column("account"))?;
    let contact = Contact { frontend, external };
    let balance = optional(fields, "wallet", |text| {
        Money::parse(text, shop.currency()).map_err(|error| error.to_string())
    })?;
    let balance = balance.unwrap_or(Money::zero(shop.currency()));
    let balance = check_price(balance).map_err(in_column("wallet"))?;
    // A private chat is named as the person is, on Telegram and in the terminal.
    let chat = Chat {
        frontend: contact.frontend.clone(),
        id: ChatId::parse(contact.external.as_str()).map_err(in_column("account"))?,
    };
    let new = NewCustomer {
        contact: contact.clone(),
        chat,
        name: optional(fields, "name", Name::parse)?,
        language: optional(fields, "language", Language::parse)?,
        balance,
    };
    firsts.check(&contact)?;
    firsts.note(&contact, place);
    Ok(new)
}

#[cfg(test)]
mod tests {
    use shopcore::MemoryStore;
    use shopcore::money::Currency;

    use super::super::tests::strict;
    use super::*;

    async fn shop() -> Shop {
        let store = MemoryStore::default();
        let shop = Shop::builder(Currency::IDR).store(store).build().await;
        shop.unwrap()
    }

    async fn import(shop: &Shop, text: &str, dry_run: bool) -> Result<(), Fault> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("customers.csv");
        std::fs::write(&file, text).unwrap();
        let rows = crate::cli::RowArgs {
            dry_run,
            ..strict()
        };
        customers(shop, &TableArgs { file, rows }, &Output::silent()).await
    }

    #[tokio::test]
    async fn a_row_makes_a_customer_with_what_the_other_shop_owes_them() {
        let shop = shop().await;
        let text = "frontend,account,name,language,wallet,orders\n\
            telegram,123,'=Ann,id,15.000,7\ntelegram,124,,,,\n";
        import(&shop, text, true).await.unwrap();
        let contact = |account| Contact {
            frontend: FrontendName::parse("telegram").unwrap(),
            external: ExternalId::parse(account).unwrap(),
        };
        let desk = shop.customers();
        let found = desk.find(&contact("123")).await.unwrap();
        assert!(found.is_none(), "a dry run changes nothing");
        import(&shop, text, false).await.unwrap();
        let ann = desk.find(&contact("123")).await.unwrap().unwrap();
        assert_eq!(
            ann.name.as_ref().map(ToString::to_string),
            Some("=Ann".to_owned())
        );
        assert_eq!(ann.language, Language::parse("id").ok());
        assert_eq!(ann.chat.id.as_str(), "123");
        let owed = shop.wallet().balance(ann.id).await.unwrap();
        assert_eq!(owed, Money::new(15_000, Currency::IDR));
        let other = desk.find(&contact("124")).await.unwrap().unwrap();
        assert!(shop.wallet().balance(other.id).await.unwrap().is_zero());
        assert!(shopcore::jobs::examine(&shop).await.unwrap().holds());
        let again = import(&shop, text, false).await;
        assert!(matches!(again, Err(Fault::RowsRefused { refused: 2, .. })));
    }

    #[tokio::test]
    async fn a_row_that_makes_no_customer_says_why_and_nothing_is_imported() {
        let shop = shop().await;
        for row in [
            "tele gram,1,,,",
            "telegram,,,,",
            "telegram,1,,english please,",
            "telegram,1,,,-5",
            "telegram,1,,,much",
            "telegram,1,,,99999999999999999999",
            "telegram,1,,,\ntelegram,1,,,",
        ] {
            let text = format!("frontend,account,name,language,wallet\n{row}\n");
            let refused = import(&shop, &text, false).await;
            assert!(
                matches!(refused, Err(Fault::RowsRefused { refused: 1, .. })),
                "{row}: {refused:?}"
            );
        }
        assert!(
            shop.store()
                .snapshot(shop.id())
                .await
                .unwrap()
                .customers
                .is_empty()
        );
    }
}
