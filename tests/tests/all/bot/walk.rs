//! A walk that presses whatever there is to press: no dead end, no defect, nothing over the limits
//! of a frontend, through restarts, and the shop is sound at every pause.

use std::collections::BTreeMap;
use std::time::Duration;

use shopcore::bot::incoming::Kind;
use shopcore::bot::texts::Texts;
use shopcore::bot::view::{Press, View};
use shopcore::bot::{Bot, storefront};
use shopcore::invariant::{Rules, check};

use super::stage::Stage;
use crate::chance::{Chance, seed, setting};
use crate::world::logged;

/// What people type, wanted or not.
const TYPED: [&str; 24] = [
    "1",
    "2",
    "-",
    "0",
    "-5",
    "15000",
    "15.000,5",
    "10%",
    "101%",
    "NEW",
    "A plain line",
    "KEY-A\nKEY-B\nKEY-C",
    "SALE | 10% | 5",
    "2026-01-31",
    "22-7",
    "30 50 70 100 0 50",
    "<b>bold</b> & <script>",
    "🎮",
    "/menu",
    "/cancel",
    "999999999999999999999999",
    "ann",
    "{ $name } { -term }",
    "\u{202e}\u{0}\u{7f}",
];

/// How many actions are between two restarts.
const RESTART_EVERY: u64 = 97;
/// How many actions are between two looks at the invariants.
const CHECK_EVERY: u64 = 40;

/// How often each kind of button was pressed: its plug-in, and which action of it.
type Pressed = BTreeMap<String, u64>;

/// The plug-in of a packed action and the number of its variant, the first byte of what is packed.
fn kind_of(packed: &str) -> String {
    let (plugin, rest) = packed.split_once(':').unwrap();
    if plugin == "~" {
        return "an answer to a question".to_owned();
    }
    let digit = |c: u8| {
        let place = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        place.iter().position(|known| *known == c).unwrap()
    };
    let digits: Vec<_> = rest.bytes().take(2).map(digit).collect();
    let variant = match digits[..] {
        [first, second] => (first << 2) | (second >> 4),
        _ => 0,
    };
    format!("{plugin}:{variant}")
}

/// A shop in which everything has happened once.
async fn lived_in() -> Stage {
    let stage = Stage::open().await;
    let keys: Vec<_> = (0..40).map(|key| format!("KEY-{key}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    stage.product("GAME", 15_000, &keys).await;
    stage.product("FREE", 0, &["GIFT-1", "GIFT-2"]).await;
    stage.product("SOLD", 9_000, &[]).await;
    let boss = stage.person("boss").await;
    boss.types("/vouchers").await;
    boss.presses("New voucher").await;
    boss.types("SALE | 10% | 5").await;
    let ann = stage.person("ann").await;
    for buy in ["Test payment", "Cancel"] {
        ann.types("/shop").await;
        ann.presses("Product GAME").await;
        ann.presses("Add 1").await;
        ann.presses("Order for").await;
        ann.presses(buy).await;
        stage.pass(Duration::from_secs(2)).await;
    }
    stage
}

/// Walks as someone; gives how often each kind of button was pressed.
async fn walk(mut stage: Stage, name: &str, steps: u64) -> Pressed {
    let seed = seed();
    println!("SHOPCORE_SEED={seed}");
    let mut chance = Chance::new(seed);
    let mut pressed = Pressed::new();
    let gone = stage.without.map(commands_of).unwrap_or_default();
    stage.person(name).await.sees();
    for step in 1..=steps {
        if step % RESTART_EVERY == 0 {
            stage = stage.restarted();
        }
        stage.pass(Duration::from_secs(2 + chance.below(90))).await;
        let person = stage.returning(name);
        let newest = person.newest();
        let (did, kind) = choose(&newest, &mut pressed, &mut chance);
        // What the jobs brought meanwhile is no answer.
        person.sees();
        let said = person.does(kind).await;
        assert!(!said.trim().is_empty(), "seed {seed}, {did}: silence");
        let shown = person.newest();
        for (_, view) in &shown {
            fits(view, &format!("seed {seed}, {did}"));
            for command in &gone {
                let text = view.text.to_string();
                assert!(!text.contains(command), "seed {seed}, {did}: {text}");
            }
        }
        let text = shown.last().map(|(_, view)| view.text.to_string());
        let text = text.unwrap_or_default();
        assert!(
            !said.contains("Something went wrong"),
            "seed {seed}, {did}: a defect\n{said}"
        );
        assert!(
            shown.iter().any(|(_, view)| has_way_on(view)),
            "seed {seed}, {did}: a dead end\n{text}"
        );
        if step % CHECK_EVERY == 0 {
            assert_sound(&stage, &did).await;
        }
    }
    assert_sound(&stage, "the end").await;
    pressed
}

/// The commands of a plug-in of the storefront, as they are typed.
fn commands_of(plugin: &str) -> Vec<String> {
    let (texts, plugins) = (Texts::shipped().unwrap(), storefront());
    let plugin = plugins.iter().find(|known| known.id() == plugin);
    let commands = plugin.unwrap().commands(texts.locale(None));
    let typed = commands.iter().map(|command| format!("/{}", command.name));
    typed.collect()
}

/// Of the buttons that are near, one of the kind that was pressed least; sometimes some words.
fn choose(
    shown: &[(shopcore::customer::MessageId, View)],
    pressed: &mut Pressed,
    chance: &mut Chance,
) -> (String, Kind) {
    let asks = shown.last().is_some_and(|(_, view)| view.expects.is_some());
    let mut buttons = Vec::new();
    for (message, view) in shown {
        for button in view.keyboard.iter().flatten() {
            if let Press::Action(action) = &button.press {
                buttons.push((button.label.clone(), action.clone(), message.clone()));
            }
        }
    }
    if buttons.is_empty() || chance.below(10) < if asks { 5 } else { 1 } {
        let count = u64::try_from(TYPED.len()).unwrap();
        let typed = TYPED[usize::try_from(chance.below(count)).unwrap()];
        if chance.below(12) == 0 {
            let file = Kind::File {
                name: "keys.txt".to_owned(),
                bytes: typed.as_bytes().to_vec(),
            };
            return (format!("sent a file of {typed:?}"), file);
        }
        return (format!("typed {typed:?}"), Kind::typed(typed));
    }
    let count = |action: &shopcore::bot::action::Packed| {
        let known = pressed.get(&kind_of(action.as_str()));
        known.copied().unwrap_or(0)
    };
    let least = buttons.iter().map(|(_, action, _)| count(action)).min();
    // Always the rarest would never go the same way twice.
    if chance.below(4) != 0 {
        buttons.retain(|(_, action, _)| Some(count(action)) == least);
    }
    let place = chance.below(u64::try_from(buttons.len()).unwrap());
    let (label, action, message) = buttons.swap_remove(usize::try_from(place).unwrap());
    *pressed.entry(kind_of(action.as_str())).or_default() += 1;
    let kind = Kind::Button {
        action: Some(action),
        message: Some(message),
    };
    (format!("pressed {label:?}"), kind)
}

pub(super) fn has_way_on(view: &View) -> bool {
    view.expects.is_some() || !view.keyboard.is_empty()
}

/// What the strictest platform takes.
pub(super) fn fits(view: &View, did: &str) {
    let most = if view.media.is_some() { 1_024 } else { 4_096 };
    assert!(view.text.len_utf16() <= most, "{did}: a text too long");
    assert!(view.keyboard.len() <= 100, "{did}: too many rows");
    for row in &view.keyboard {
        assert!(row.len() <= 8, "{did}: too many buttons in a row");
        for button in row {
            let label = button.label.trim();
            assert!(
                !label.is_empty() && label.chars().count() <= 128,
                "{did}: {label:?}"
            );
        }
    }
}

async fn assert_sound(stage: &Stage, did: &str) {
    let rules = Rules {
        now: stage.shop.now(),
        expiry_period: chrono::Duration::seconds(60),
    };
    let report = check(&stage.rows().await, &rules);
    assert_eq!(report.violations(), 0, "after {did}: {report:#?}");
}

/// Steps of each walk; `SHOPCORE_WALK` takes longer ones.
fn steps() -> u64 {
    setting("SHOPCORE_WALK", 3_000)
}

/// How many kinds of buttons a walk of the usual length reaches at least.
fn assert_reached(pressed: &Pressed, least: usize) {
    println!("{} kinds of buttons: {pressed:?}", pressed.len());
    assert!(
        pressed.len() >= least,
        "only {}: {pressed:?}",
        pressed.len()
    );
}

#[tokio::test]
async fn a_customer_finds_no_dead_end() {
    assert_reached(&walk(lived_in().await, "ann", steps()).await, 30);
}

#[tokio::test]
async fn a_clerk_finds_no_dead_end() {
    assert_reached(&walk(lived_in().await, "clerk", steps()).await, 45);
}

#[tokio::test]
async fn a_boss_finds_no_dead_end() {
    assert_reached(&walk(lived_in().await, "boss", steps()).await, 85);
}

#[tokio::test]
async fn any_plugin_can_be_left_out() {
    for plugin in storefront() {
        for name in ["ann", "boss"] {
            println!("{name} without {}", plugin.id());
            let stage = lived_in().await.without(plugin.id());
            let pressed = walk(stage, name, steps() / 20).await;
            let led = |kind: &String| kind.starts_with(&format!("{}:", plugin.id()));
            assert!(!pressed.keys().any(led), "{pressed:?}");
            assert!(pressed.len() > 5, "{pressed:?}");
        }
    }
}

#[tokio::test]
async fn what_is_left_out_must_be_there() {
    let stage = Stage::open().await;
    let bot = Bot::new(stage.shop.clone()).plugins(storefront());
    let told = bot.without("brodcast").build().unwrap_err().to_string();
    assert!(told.contains("no plug-in \"brodcast\""), "{told}");
    assert!(told.contains(", broadcast"), "{told}");
}

#[tokio::test]
async fn a_walk_is_logged_without_contents_and_words() {
    let walked = async {
        for name in ["ann", "boss"] {
            walk(lived_in().await, name, steps() / 3).await;
        }
    };
    let log = logged(walked).await;
    assert!(log.lines().count() > 100, "something is logged: {log}");
    let secret = ["KEY-", "GIFT-", "A plain line", "bold</b>"];
    let told = log
        .lines()
        .find(|line| secret.iter().any(|word| line.contains(word)));
    assert_eq!(told, None);
}
