//! A matrix: every question of the bot, answered with everything that it does not ask for.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use inputs::inputs;
use questions::{ORDER, PICTURE, QUESTIONS, Question, Who};
use shopcore::audit::{Actor, Search};
use shopcore::bot::incoming::Kind;
use shopcore::catalog::Category;
use shopcore::customer::Language;
use shopcore::gateway::GatewayName;
use shopcore::invoice::{BankAccount, EventId, PaymentEvent, Reference};
use shopcore::money::Currency;
use shopcore::store::Snapshot;
use shopcore::terms::Terms;
use shopcore::text::Name;
use shopcore_payments::Transfer;

use super::replies::picture;
use super::stage::{Person, Stage, varint};
use super::walk::{fits, has_way_on};
use crate::world::{idr, logged};

mod inputs;
mod questions;

/// A shop in which everything that is asked about is there.
async fn lived_in() -> Stage {
    let account = BankAccount {
        bank: "BCA".to_owned(),
        number: "123".to_owned(),
        holder: None,
    };
    let name = GatewayName::parse("bank").unwrap();
    let bank = Transfer::new(name, account, Currency::IDR);
    let stage =
        Stage::paid_by(|builder, sandbox| builder.gateway(sandbox.clone()).gateway(bank)).await;
    let mut game = stage
        .product("GAME", 15_000, &["KEY-1", "KEY-2", "KEY-3"])
        .await;
    let catalog = stage.shop.catalog();
    game.terms = Some(Terms::parse("Post a review.").unwrap());
    catalog
        .update_product(&Actor::Operator, game)
        .await
        .unwrap();
    let boss = stage.person("boss").await;
    boss.types("/vouchers SALE | 10% | 5").await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;
    ann.presses("Pay with sandbox").await;
    ann.presses("Test payment").await;
    stage.pass(Duration::from_secs(2)).await;
    stage.pass(Duration::from_secs(2)).await;
    stray_payment(&stage).await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    let category = Category::new(stage.shop.ids().next(), Name::parse("Games").unwrap());
    catalog
        .import(&Actor::Operator, vec![category], Vec::new())
        .await
        .unwrap();
    stage
}

/// A payment of which nobody knows what it is for.
async fn stray_payment(stage: &Stage) {
    let event = PaymentEvent {
        gateway: GatewayName::parse("sandbox").unwrap(),
        event: EventId::parse("stray").unwrap(),
        reference: Reference::parse("stray").unwrap(),
        amount: idr(700),
        paid_at: stage.shop.now(),
    };
    stage.shop.settlement().settle(&event).await.unwrap();
}

async fn go(stage: &Stage, person: &Person<'_>, step: &str) -> String {
    if let Some(label) = step.strip_prefix("> ") {
        return person.presses(label).await;
    }
    if let Some(code) = step.strip_prefix("! ") {
        stage.product(code, 1_000, &[]).await;
        return String::new();
    }
    person.types(step).await
}

/// Every row, without what only waits to be told.
async fn rows(stage: &Stage) -> Snapshot {
    let mut rows = stage.rows().await;
    rows.outbox.clear();
    rows
}

/// Whose answers are sealed before they are kept.
const SEALED: [&str; 4] = ["stock::", "contact::", "terms::", "proofs::"];

/// What defects look like, and what is not filled in.
const WRONG: [&str; 3] = ["Something went wrong", "Ada yang salah", "\u{2068}"];

impl Question {
    fn person<'a>(&self, stage: &'a Stage) -> Person<'a> {
        stage.returning(match self.who {
            Who::Boss => "boss",
            Who::Ann => "ann",
        })
    }

    /// Someone who is asked it, and answers in their language.
    async fn reach<'a>(&self, stage: &'a Stage, language: &str) -> Person<'a> {
        let person = self.person(stage);
        for step in self.way {
            go(stage, &person, step).await;
        }
        let customer = person.customer().await;
        let language = Language::parse(language).unwrap();
        let (desk, actor) = (stage.shop.customers(), Actor::Customer(customer));
        let chosen = desk.set_language(&actor, customer, Some(language)).await;
        chosen.unwrap();
        person
    }

    /// Answers with everything that is not asked for, and at last with what is.
    async fn ask(&self, language: &str) {
        let mut stage = lived_in().await;
        self.reach(&stage, language).await;
        for (input, kind) in inputs() {
            let was_taken = self.answer(&stage, input, kind).await;
            assert_eq!(was_taken, self.takes.contains(&input), "{input} is taken");
            if was_taken {
                stage = lived_in().await;
                self.reach(&stage, language).await;
            }
        }
        let person = self.person(&stage);
        let before = (rows(&stage).await, person.dialog().await);
        assert!(before.1.is_some(), "the question still stands");
        match self.good {
            PICTURE => person.does(picture()).await,
            ORDER => person.types(&before.0.orders[0].number.to_string()).await,
            step => go(&stage, &person, step).await,
        };
        let after = (rows(&stage).await, person.dialog().await);
        assert_ne!(before, after, "{} is not taken", self.good);
    }

    /// Whether an answer is taken. What is refused changes nothing and is answered with a way on.
    async fn answer(&self, stage: &Stage, input: &str, kind: Kind) -> bool {
        let person = self.person(stage);
        let before = (rows(stage).await, person.dialog().await);
        let typed = match &kind {
            Kind::Text(text) => text.trim().to_owned(),
            Kind::Command { .. } | Kind::Button { .. } | Kind::File { .. } | Kind::Other => {
                String::new()
            }
        };
        person.sees();
        let said = person.does(kind).await;
        assert!(!said.trim().is_empty(), "{input}: silence");
        let shown = person.newest();
        let (_, last) = shown.last().unwrap();
        assert!(
            shown.iter().any(|(_, view)| has_way_on(view)),
            "{input}: a dead end: {said}"
        );
        shown.iter().for_each(|(_, view)| fits(view, input));
        assert!(
            !WRONG.iter().any(|wrong| said.contains(wrong)),
            "{input}: {said}"
        );
        let after = (rows(stage).await, person.dialog().await);
        if before == after {
            assert!(!last.keyboard.is_empty(), "{input}: no way out: {said}");
            return false;
        }
        if before.0 != after.0 && self.takes.contains(&"markup") && input != "a dash" {
            self.assert_kept(stage, &typed, &said).await;
        }
        true
    }

    /// What was taken is there as it was typed, or in the audit, unless it is sealed.
    async fn assert_kept(&self, stage: &Stage, typed: &str, said: &str) {
        if SEALED.iter().any(|file| self.name.starts_with(file)) {
            return;
        }
        let audit = stage.shop.audit().search(&Search::default(), 3).await;
        let kept = format!("{said:?}{:?}{audit:?}", stage.rows().await).to_lowercase();
        let quoted = format!("{typed:?}").to_lowercase();
        let is_there = kept.contains(quoted.trim_matches('"'));
        assert!(is_there, "{typed:?} is not kept: {said}");
    }
}

async fn ask_all(language: &'static str) {
    let mut failed = Vec::new();
    let log = logged(async {
        for question in QUESTIONS {
            if tokio::spawn(question.ask(language)).await.is_err() {
                failed.push(question.name);
            }
        }
    })
    .await;
    assert_eq!(failed, Vec::<&str>::new());
    let secret = ["KEY-", "DROP TABLE", "bold</b>", "cd\u{202e}"];
    let told = log
        .lines()
        .find(|line| secret.iter().any(|word| line.contains(word)));
    assert_eq!(told, None);
}

#[tokio::test]
async fn what_is_not_asked_for_is_refused_and_costs_nothing() {
    ask_all("en").await;
}

#[tokio::test]
async fn what_is_not_asked_for_is_refused_in_indonesian() {
    ask_all("id").await;
}

/// The variants of an enum in a source file; none where it is none.
fn variants(code: &str, name: &str) -> Vec<String> {
    let Some((_, rest)) = code.split_once(&format!("enum {name} {{\n")) else {
        return Vec::new();
    };
    let body = rest.split("\n}").next().unwrap();
    let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
    let heads = lines.filter(|line| line.starts_with(|first: char| first.is_ascii_uppercase()));
    let word = |line: &str| {
        line.chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect()
    };
    heads.map(word).collect()
}

/// The questions of a source file: its states, their variants, and what these ask for.
fn questions_of(file: &str, code: &str) -> Vec<String> {
    let states = code.split("impl State for ").skip(1);
    let mut questions = Vec::new();
    for state in states.map(|rest| rest.split(' ').next().unwrap()) {
        let fields = variants(code, "Field");
        let has_field = |text: &str| text.contains(&format!("{state}(VoucherId, Field)"));
        match variants(code, state) {
            none if none.is_empty() && has_field(code) => {
                let each = fields
                    .iter()
                    .map(|field| format!("{file}::{state}::{field}"));
                questions.extend(each);
            }
            none if none.is_empty() => questions.push(format!("{file}::{state}")),
            some => {
                for variant in some {
                    let name = format!("{file}::{state}::{variant}");
                    if code.contains(&format!("{variant}(ProductId, Field)")) {
                        questions.extend(fields.iter().map(|field| format!("{name}::{field}")));
                    } else {
                        questions.push(name);
                    }
                }
            }
        }
    }
    questions
}

/// Every question that the sources name, with its place among those of its state.
fn all_questions(folder: &Path) -> Vec<String> {
    let mut questions = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            questions.extend(all_questions(&path));
        } else {
            let file = path.file_stem().unwrap().to_str().unwrap();
            let code = fs::read_to_string(&path).unwrap();
            questions.extend(questions_of(file, &code));
        }
    }
    questions
}

#[tokio::test]
async fn every_question_is_in_the_matrix_under_its_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shopcore/src/bot/shop");
    let mut named = all_questions(&folder);
    let mut asked: Vec<_> = QUESTIONS.iter().map(|q| q.name.to_owned()).collect();
    let order = named.clone();
    named.sort_unstable();
    asked.sort_unstable();
    assert_eq!(asked, named);
    // What is reached is what the name says, by the place of its variant.
    let mut places: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in &order {
        let mut parts = name.splitn(3, "::");
        let state = format!("{}::{}", parts.next().unwrap(), parts.next().unwrap());
        let variant = parts.next().and_then(|rest| rest.split("::").next());
        let variants = places.entry(state).or_default();
        if let Some(variant) = variant.filter(|variant| !variants.contains(variant)) {
            variants.push(variant);
        }
    }
    for question in QUESTIONS {
        let stage = lived_in().await;
        let person = question.reach(&stage, "en").await;
        let (_, state) = person
            .dialog()
            .await
            .unwrap_or_else(|| panic!("{}", question.name));
        let mut parts = question.name.splitn(4, "::").skip(2);
        let Some(variant) = parts
            .next()
            .filter(|_| !question.name.starts_with("voucher::"))
        else {
            continue;
        };
        let (place, _) = varint(&state);
        let state = question
            .name
            .split("::")
            .take(2)
            .collect::<Vec<_>>()
            .join("::");
        assert_eq!(places[&state][place], variant, "{}", question.name);
    }
}
