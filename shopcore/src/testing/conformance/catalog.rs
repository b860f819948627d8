//! Cases of the catalogue.

use super::Trial;
use crate::catalog::{Availability, Category, Offer, Product, Supply, Visibility};
use crate::money::{Currency, Money};
use crate::store::{
    CatalogWrite, Listing, Page, Premise, ProductFilter, ProductSort, Rejection, StockWrite, Write,
};
use crate::testing::fixture::{idr, name};
use crate::text::{Emoji, ProductCode};

fn add(product: &Product) -> Write {
    CatalogWrite::AddProduct(product.clone()).into()
}

fn edit(product: &Product, was: u32) -> Write {
    let product = product.clone();
    CatalogWrite::UpdateProduct { product, was }.into()
}

async fn offer(trial: &Trial, product: &Product, count_up_to: u64) -> Offer {
    let asked = [product.id];
    let offers = trial.store.get_offers(trial.shop, &asked, count_up_to);
    offers.await.unwrap().remove(0)
}

async fn all(trial: &Trial, page: Page) -> Listing<Offer> {
    let everything = ProductFilter::default();
    let listing = trial.store.list_offers(trial.shop, &everything, page);
    listing.await.unwrap()
}

async fn found(trial: &Trial, filter: &ProductFilter) -> Vec<String> {
    let listing = trial.store.list_offers(trial.shop, filter, Page::first(50));
    let listing = listing.await.unwrap();
    assert_eq!(listing.total, u64::try_from(listing.items.len()).unwrap());
    let names = listing.items.into_iter().map(|offer| offer.product.name);
    names.map(String::from).collect()
}

fn search(text: &str) -> ProductFilter {
    ProductFilter {
        search: Some(text.to_owned()),
        ..ProductFilter::default()
    }
}

pub async fn categories_are_listed_by_name(trial: &Trial) {
    let (second, first) = (trial.rows.category("Music"), trial.rows.category("Games"));
    for category in [&second, &first] {
        trial
            .apply([CatalogWrite::AddCategory(category.clone()).into()])
            .await;
    }
    let listed = trial.store.list_categories(trial.shop).await.unwrap();
    assert_eq!(listed, [first, second]);
}

pub async fn an_updated_category_replaces_the_version_that_was_read(trial: &Trial) {
    let (games, music) = (trial.rows.category("Games"), trial.rows.category("Music"));
    for category in [&games, &music] {
        let add = CatalogWrite::AddCategory(category.clone());
        trial.apply([add.into()]).await;
    }
    let edited = Category {
        emoji: Some(Emoji::parse("🎮").unwrap()),
        place: 7,
        version: 2,
        ..games.clone()
    };
    let update = |category: &Category, was| {
        let category = category.clone();
        Write::from(CatalogWrite::UpdateCategory { category, was })
    };
    trial.conflicts([update(&edited, 0)]).await;
    trial.conflicts([update(&edited, 2)]).await;
    trial.apply([update(&edited, 1)]).await;
    let listed = trial.store.list_categories(trial.shop).await.unwrap();
    assert_eq!(listed, [music.clone(), edited.clone()], "by their places");
    let taken = Category {
        name: music.name,
        version: 3,
        ..edited
    };
    let rejection = trial.rejected([update(&taken, 2)]).await;
    assert_eq!(rejection, Rejection::CategoryNameTaken);
    let unknown = trial.rows.category("Books");
    trial.conflicts([update(&unknown, 1)]).await;
}

pub async fn products_are_sorted_as_asked(trial: &Trial) {
    let prices = [("A", 300), ("B", 100), ("C", 200)];
    for (code, price) in prices {
        let mut product = trial.rows.product(code);
        product.price = Money::new(price, Currency::IDR);
        trial.apply([add(&product)]).await;
    }
    let codes = async |sort| {
        let filter = ProductFilter {
            sort,
            ..ProductFilter::default()
        };
        let listed = trial
            .store
            .list_offers(trial.shop, &filter, Page::first(9))
            .await
            .unwrap();
        let codes = listed.items.iter().map(|offer| offer.product.code.as_str());
        codes.collect::<Vec<_>>().concat()
    };
    assert_eq!(codes(ProductSort::Name).await, "ABC");
    assert_eq!(codes(ProductSort::Cheapest).await, "BCA");
    assert_eq!(codes(ProductSort::Dearest).await, "ACB");
    assert_eq!(codes(ProductSort::Newest).await, "CBA");
}

pub async fn a_category_name_is_taken_once(trial: &Trial) {
    let add = || CatalogWrite::AddCategory(trial.rows.category("Games")).into();
    trial.apply([add()]).await;
    assert_eq!(trial.rejected([add()]).await, Rejection::CategoryNameTaken);
}

pub async fn a_product_is_found_by_its_code(trial: &Trial) {
    let mut product = trial.rows.product("WIN-11");
    product.name = name("مفتاح <b> 😀");
    product.price = Money::new(499, crate::money::Currency::USD);
    product.terms = Some(crate::terms::Terms::parse("No\nrefunds").unwrap());
    product.description = Some(crate::text::Description::parse("Key").unwrap());
    trial.apply([add(&product)]).await;
    let store = &trial.store;
    let read = store.find_product(trial.shop, &product.code).await.unwrap();
    assert_eq!(read.as_ref(), Some(&product));
    let other = ProductCode::parse("WIN-10").unwrap();
    assert_eq!(store.find_product(trial.shop, &other).await.unwrap(), None);
    let codes = store.list_product_codes(trial.shop).await.unwrap();
    assert_eq!(codes, [product.code]);
}

pub async fn a_product_code_is_taken_once(trial: &Trial) {
    let (first, mut second) = (trial.rows.product("A"), trial.rows.product("B"));
    trial.apply([add(&first), add(&second)]).await;
    let again = add(&trial.rows.product("A"));
    assert_eq!(trial.rejected([again]).await, Rejection::ProductCodeTaken);
    second.code = first.code.clone();
    second.version = 2;
    let renamed = trial.rejected([edit(&second, 1)]).await;
    assert_eq!(renamed, Rejection::ProductCodeTaken);
}

pub async fn a_freed_product_code_can_be_used_again(trial: &Trial) {
    let mut product = trial.product("A", 0).await;
    product.code = ProductCode::parse("B").unwrap();
    product.version = 2;
    trial.apply([edit(&product, 1)]).await;
    trial.apply([add(&trial.rows.product("A"))]).await;
}

pub async fn an_update_replaces_the_version_that_was_read(trial: &Trial) {
    let mut product = trial.product("A", 0).await;
    product.price = idr(20_000);
    product.visibility = Visibility::Hidden;
    product.version = 2;
    trial.apply([edit(&product, 1)]).await;
    assert_eq!(offer(trial, &product, 9).await.product, product);
    trial.conflicts([edit(&product, 1)]).await;
    trial
        .conflicts([edit(&trial.rows.product("GHOST"), 1)])
        .await;
}

pub async fn a_product_needs_its_category(trial: &Trial) {
    let mut product = trial.rows.product("A");
    product.category = Some(trial.rows.ids.next());
    assert_eq!(trial.rejected([add(&product)]).await, Rejection::Dangling);
    let mut stored = trial.product("B", 0).await;
    stored.category = product.category;
    assert_eq!(
        trial.rejected([edit(&stored, 1)]).await,
        Rejection::Dangling
    );
}

pub async fn a_category_may_come_in_the_batch_of_its_product(trial: &Trial) {
    let category = trial.rows.category("Games");
    let mut product = trial.rows.product("A");
    product.category = Some(category.id);
    let category = CatalogWrite::AddCategory(category).into();
    trial.apply([add(&product), category]).await;
}

pub async fn a_premise_on_a_product_holds_or_conflicts(trial: &Trial) {
    let product = trial.product("A", 0).await;
    let premise = |product, version| {
        let mut batch = trial.batch();
        batch.require(Premise::Product { product, version });
        batch
    };
    trial.commit(premise(product.id, 1)).await.unwrap();
    trial.conflicts_whole(premise(product.id, 2)).await;
    trial
        .conflicts_whole(premise(trial.rows.ids.next(), 1))
        .await;
}

pub async fn offers_are_filtered_and_ordered_by_name(trial: &Trial) {
    let games = trial.rows.category("Games");
    let make = |code: &str, title: &str| Product {
        name: name(title),
        ..trial.rows.product(code)
    };
    let (mut b, mut a, c) = (make("B", "Beta"), make("A", "alpha"), make("C", "Ärger"));
    b.category = Some(games.id);
    a.visibility = Visibility::Hidden;
    trial
        .apply([CatalogWrite::AddCategory(games.clone()).into()])
        .await;
    trial.apply([add(&a), add(&b), add(&c)]).await;
    let all = ProductFilter::default();
    assert_eq!(found(trial, &all).await, ["Beta", "alpha", "Ärger"]);
    let listed = ProductFilter {
        visibility: Some(Visibility::Listed),
        ..all.clone()
    };
    assert_eq!(found(trial, &listed).await, ["Beta", "Ärger"]);
    let in_games = ProductFilter {
        category: Some(games.id),
        ..all
    };
    assert_eq!(found(trial, &in_games).await, ["Beta"]);
}

pub async fn offers_come_in_pages(trial: &Trial) {
    for code in ["D", "A", "C", "B", "E"] {
        trial.product(code, 0).await;
    }
    let page = all(trial, Page::number(1, 2)).await;
    let names: Vec<_> = page.items.iter().map(|o| o.product.name.as_str()).collect();
    assert_eq!((names.as_slice(), page.total), (["C", "D"].as_slice(), 5));
}

pub async fn search_ignores_case_in_every_script(trial: &Trial) {
    for (code, title) in [("WIN-11", "Ключ Windows"), ("T", "Été 100%")] {
        let mut product = trial.rows.product(code);
        product.name = name(title);
        trial.apply([add(&product)]).await;
    }
    for text in ["win", "WIN-1", "ключ", "КЛЮЧ w"] {
        assert_eq!(
            found(trial, &search(text)).await,
            ["Ключ Windows"],
            "{text}"
        );
    }
    for text in ["été", "ÉTÉ", "100%", "%"] {
        assert_eq!(found(trial, &search(text)).await, ["Été 100%"], "{text}");
    }
    for text in ["_", "1_0", "' OR 1=1", "😀", &"x".repeat(10_000)] {
        assert_eq!(
            found(trial, &search(text)).await,
            Vec::<String>::new(),
            "{text}"
        );
    }
}

pub async fn availability_counts_units_up_to_a_bound(trial: &Trial) {
    let product = trial.product("A", 5).await;
    for (bound, seen) in [(3, 3), (5, 5), (9, 5)] {
        let available = offer(trial, &product, bound).await.available;
        assert_eq!(available, Availability::Units(seen));
    }
    let listed = all(trial, Page::first(1)).await;
    assert_eq!(listed.items[0].available, Availability::Units(5));
}

pub async fn an_unlimited_product_is_available_with_its_content(trial: &Trial) {
    let mut product = trial.rows.product("A");
    product.supply = Supply::Unlimited;
    trial.apply([add(&product)]).await;
    assert!(offer(trial, &product, 9).await.available.is_none());
    let units = vec![trial.rows.unit("guide")];
    let product_id = product.id;
    trial
        .apply([StockWrite::Add {
            product: product_id,
            units,
        }
        .into()])
        .await;
    let available = offer(trial, &product, 9).await.available;
    assert_eq!(available, Availability::Unlimited);
}

pub async fn unknown_products_are_left_out_of_offers(trial: &Trial) {
    let product = trial.product("A", 1).await;
    let asked = [trial.rows.ids.next(), product.id];
    let offers = trial.store.get_offers(trial.shop, &asked, 9).await.unwrap();
    assert_eq!(offers.len(), 1);
}
