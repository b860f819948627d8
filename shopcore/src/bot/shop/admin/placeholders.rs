//! Placeholders of texts: what stands for them, in words for whoever rewords a text.

use crate::bot::rich::Rich;
use crate::bot::texts::{Locale, t};

/// What the bot fills in for a placeholder.
pub(super) fn explained(to: Locale<'_>, name: &str) -> Rich {
    match name {
        "shop" => t!(to, "placeholder-shop"),
        "name" => t!(to, "placeholder-name"),
        "count" | "shown" | "total" | "left" => t!(to, "placeholder-count"),
        "amount" | "price" | "balance" | "received" | "rest" | "due" | "fee" | "discount" => {
            t!(to, "placeholder-amount")
        }
        "number" => t!(to, "placeholder-number"),
        "at" | "until" | "since" | "from" | "to" => t!(to, "placeholder-moment"),
        "gateway" | "names" => t!(to, "placeholder-gateway"),
        "least" | "most" | "max" => t!(to, "placeholder-limit"),
        "code" => t!(to, "placeholder-code"),
        "quantity" => t!(to, "placeholder-quantity"),
        "minutes" => t!(to, "placeholder-minutes"),
        "reason" | "why" => t!(to, "placeholder-reason"),
        "reference" => t!(to, "placeholder-reference"),
        _ => t!(to, "placeholder-other", name = name),
    }
}

/// What stands in a placeholder where a text is tried.
pub(super) fn sample(to: Locale<'_>, name: &str) -> String {
    match name {
        "amount" | "price" | "balance" | "received" | "rest" | "due" | "fee" | "discount" => {
            "15.000".to_owned()
        }
        "count" | "shown" | "total" | "left" | "quantity" | "minutes" | "max" => "3".to_owned(),
        "at" | "until" | "since" => t!(to, "placeholder-moment-sample").to_string(),
        _ => format!("‹{name}›"),
    }
}
