//! What is wrong with what people type, in words for them.

use crate::bot::Ctx;
use crate::bot::rich::Rich;
use crate::bot::texts::t;
use crate::money::ParseMoneyError;
use crate::text::TextError;

/// What is wrong with a typed text.
pub(super) fn text(ctx: &Ctx<'_>, error: TextError) -> Rich {
    match error {
        TextError::Empty => t!(ctx, "text-empty"),
        TextError::TooLong { max, actual } => t!(ctx, "text-too-long", max = max, actual = actual),
        TextError::Control => t!(ctx, "text-control"),
        TextError::Alphabet => t!(ctx, "text-alphabet"),
        TextError::Punctuation => t!(ctx, "text-punctuation"),
    }
}

/// What is wrong with a typed amount.
pub(super) fn amount(ctx: &Ctx<'_>, error: &ParseMoneyError) -> Rich {
    match error {
        ParseMoneyError::Empty => t!(ctx, "text-empty"),
        ParseMoneyError::NotAnAmount => t!(ctx, "not-an-amount"),
        ParseMoneyError::Ambiguous => t!(ctx, "amount-ambiguous"),
        ParseMoneyError::TooPrecise { currency, decimals } => t!(
            ctx,
            "amount-too-precise",
            currency = currency.code(),
            decimals = *decimals
        ),
        ParseMoneyError::Negative => t!(ctx, "amount-negative"),
        ParseMoneyError::TooLarge => t!(ctx, "amount-too-large"),
    }
}
