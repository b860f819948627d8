//! What a person is told when a deed was not done: in their words, with what they can do about it.

use super::error::BotError;
use super::rich::Rich;
use super::roster::TeamError;
use super::texts::{Locale, t};
use crate::cart::{Cart, CartRefusal};
use crate::gateway::GatewayError;
use crate::invoice::InvoiceState;
use crate::service::{
    BroadcastError, CartError, CatalogError, ChargeError, CheckoutError, CustomerError,
    FiguresError, LetterError, OrderError, ProofError, RefundError, ReviewError, SettleError,
    StockError, TermsError, VoucherError, WalletError, WebhookFailure,
};
use crate::store::{CommitError, Rejection};
use crate::voucher::VoucherRefusal;

/// What is told, and whether only a change of the program or of its set-up can help.
pub(super) struct Apology {
    pub(super) text: Rich,
    pub(super) fault: Fault,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The person's: to choose or type something else, or to try again.
    None,
    /// Whoever runs the shop's.
    Defect,
}

/// What the person is told; `None` where they can't be reached.
pub(super) fn apology(error: &BotError, to: Locale<'_>) -> Option<Apology> {
    let text = match error {
        BotError::Frontend(_) => return None,
        BotError::Stale => t!(to, "stale-button"),
        BotError::Forbidden(_) => t!(to, "forbidden"),
        BotError::Store(_) => t!(to, "unavailable"),
        BotError::Commit(error) => return Some(commit(error, to)),
        BotError::Pack(_) | BotError::Vault(_) | BotError::Money(_) | BotError::Chart(_) => {
            return Some(defect(to));
        }
        BotError::Catalog(error) => return Some(catalog(error, to)),
        BotError::Stock(error) => return Some(stock(error, to)),
        BotError::Voucher(error) => return Some(voucher(error, to)),
        BotError::Broadcast(error) => return Some(broadcast(error, to)),
        BotError::Cart(error) => return Some(cart(error, to)),
        BotError::Checkout(error) => return Some(checkout(error, to)),
        BotError::Charge(error) => return Some(charge(error, to)),
        BotError::Payment(error) => return Some(payment(error, to)),
        BotError::Figures(error) => return Some(figures(error, to)),
        BotError::Order(error) => return Some(order(error, to)),
        BotError::Proof(error) => return Some(proof(error, to)),
        BotError::Refund(error) => return Some(refund(error, to)),
        BotError::Review(error) => return Some(review(error, to)),
        BotError::Customer(error) => return Some(customer(error, to)),
        BotError::Wallet(error) => return Some(wallet(error, to)),
        BotError::Terms(error) => return Some(terms(error, to)),
        BotError::Letter(error) => return Some(letter(error, to)),
        BotError::Team(error) => return Some(team(error, to)),
    };
    Some(plain(text))
}

fn broadcast(error: &BroadcastError, to: Locale<'_>) -> Apology {
    match error {
        BroadcastError::Unknown => plain(t!(to, "broadcast-unknown")),
        BroadcastError::State(_) => plain(t!(to, "broadcast-moved")),
        BroadcastError::Store(_) => plain(t!(to, "unavailable")),
        BroadcastError::Commit(error) => commit(error, to),
        BroadcastError::Unkept(_) => defect(to),
    }
}

fn figures(error: &FiguresError, to: Locale<'_>) -> Apology {
    match error {
        FiguresError::Period => plain(t!(to, "stale-button")),
        FiguresError::Store(_) => plain(t!(to, "unavailable")),
        FiguresError::Commit(error) => commit(error, to),
        FiguresError::Money(_) => defect(to),
    }
}

fn plain(text: Rich) -> Apology {
    Apology {
        text,
        fault: Fault::None,
    }
}

fn defect(to: Locale<'_>) -> Apology {
    Apology {
        text: t!(to, "defect"),
        fault: Fault::Defect,
    }
}

fn commit(error: &CommitError, to: Locale<'_>) -> Apology {
    plain(match error {
        CommitError::Conflict => t!(to, "busy"),
        CommitError::Unavailable(_) => t!(to, "unavailable"),
        CommitError::OutcomeUnknown(_) => t!(to, "outcome-unknown"),
        CommitError::Rejected(rejection) => return rejected(rejection, to),
        CommitError::Malformed(_) => return defect(to),
    })
}

fn rejected(rejection: &Rejection, to: Locale<'_>) -> Apology {
    plain(match rejection {
        Rejection::OutOfStock { available, .. } => t!(to, "out-of-stock", left = *available),
        Rejection::VoucherExhausted { .. } => t!(to, "voucher-exhausted"),
        Rejection::VoucherExhaustedForCustomer { .. } => t!(to, "voucher-used"),
        Rejection::InsufficientFunds { balance, .. } => {
            t!(to, "wallet-short", balance = balance)
        }
        Rejection::WalletFull { .. } => t!(to, "wallet-full"),
        Rejection::DuplicateContent { index } => {
            t!(to, "content-duplicate", line = index.saturating_add(1))
        }
        Rejection::ProductCodeTaken => t!(to, "product-code-taken"),
        Rejection::CategoryNameTaken => t!(to, "category-name-taken"),
        Rejection::VoucherCodeTaken => t!(to, "voucher-code-taken"),
        Rejection::ContactTaken
        | Rejection::ShopNameTaken
        | Rejection::OrderNumberTaken
        | Rejection::ReferenceTaken
        | Rejection::RequestSeen
        | Rejection::PaymentSeen
        | Rejection::Dangling => return defect(to),
    })
}

fn catalog(error: &CatalogError, to: Locale<'_>) -> Apology {
    plain(match error {
        CatalogError::UnknownProduct => t!(to, "product-gone"),
        CatalogError::CodeTaken => t!(to, "product-code-taken"),
        CatalogError::CategoryNameTaken => t!(to, "category-name-taken"),
        CatalogError::UnknownCategory => t!(to, "category-gone"),
        CatalogError::Price(_) | CatalogError::Currency => t!(to, "price-refused"),
        CatalogError::Picture => t!(to, "picture-refused"),
        CatalogError::Stock(error) => return stock(error, to),
        CatalogError::Store(_) => t!(to, "unavailable"),
        CatalogError::Commit(error) => return commit(error, to),
    })
}

fn stock(error: &StockError, to: Locale<'_>) -> Apology {
    plain(match error {
        StockError::UnknownProduct | StockError::UnknownUnit => t!(to, "product-gone"),
        StockError::Duplicate { index } => {
            t!(to, "content-duplicate", line = index.saturating_add(1))
        }
        StockError::NotAvailable => t!(to, "unit-not-available"),
        StockError::OneContentOnly => t!(to, "one-content-only"),
        StockError::Vault(_) | StockError::Content(_) => return defect(to),
        StockError::Store(_) => t!(to, "unavailable"),
        StockError::Commit(error) => return commit(error, to),
    })
}

fn voucher(error: &VoucherError, to: Locale<'_>) -> Apology {
    plain(match error {
        VoucherError::CodeTaken => t!(to, "voucher-code-taken"),
        VoucherError::Terms(_) => t!(to, "voucher-terms-refused"),
        VoucherError::BelowUse => t!(to, "voucher-exhausted"),
        VoucherError::Store(_) => t!(to, "unavailable"),
        VoucherError::Commit(error) => return commit(error, to),
    })
}

fn cart(error: &CartError, to: Locale<'_>) -> Apology {
    plain(match error {
        CartError::Refused(CartRefusal::TooManyLines) => {
            t!(to, "cart-full", max = Cart::LINES_MAX)
        }
        CartError::Refused(CartRefusal::TooMany) => {
            t!(to, "cart-too-many", max = Cart::QUANTITY_MAX)
        }
        CartError::Voucher(refusal) => voucher_refused(refusal, to),
        CartError::Money(_) => t!(to, "amount-too-large"),
        CartError::Store(_) => t!(to, "unavailable"),
        CartError::Commit(error) => return commit(error, to),
    })
}

/// Why a voucher does not apply.
pub(super) fn voucher_refused(refusal: &VoucherRefusal, to: Locale<'_>) -> Rich {
    match refusal {
        VoucherRefusal::Unknown => t!(to, "voucher-unknown"),
        VoucherRefusal::Off => t!(to, "voucher-off"),
        VoucherRefusal::NotYet(from) => t!(to, "voucher-not-yet", from = to.moment(*from)),
        VoucherRefusal::Ended(at) => t!(to, "voucher-ended", at = to.moment(*at)),
        VoucherRefusal::OutOfScope => t!(to, "voucher-out-of-scope"),
        VoucherRefusal::BelowMinimum(least) => t!(to, "voucher-below-minimum", least = least),
        VoucherRefusal::Exhausted => t!(to, "voucher-exhausted"),
        VoucherRefusal::ExhaustedForCustomer => t!(to, "voucher-used"),
    }
}

fn checkout(error: &CheckoutError, to: Locale<'_>) -> Apology {
    plain(match error {
        CheckoutError::Empty => t!(to, "cart-empty"),
        CheckoutError::Changed(_) => t!(to, "cart-changed"),
        CheckoutError::Voucher(refusal) => voucher_refused(refusal, to),
        CheckoutError::DepositRange { least, most } => {
            t!(to, "deposit-range", least = least, most = most)
        }
        CheckoutError::UnknownInvoice => t!(to, "stale-button"),
        CheckoutError::NotOpen(state) => not_open(*state, to),
        CheckoutError::DepositFromWallet => t!(to, "deposit-from-wallet"),
        CheckoutError::InsufficientFunds { balance } => {
            t!(to, "wallet-short", balance = balance)
        }
        CheckoutError::Limited { most, bought, .. } => {
            t!(to, "limit-reached", most = *most, bought = *bought)
        }
        CheckoutError::BadLines => return defect(to),
        CheckoutError::Totals(_) => t!(to, "amount-too-large"),
        CheckoutError::Store(_) => t!(to, "unavailable"),
        CheckoutError::Commit(error) => return commit(error, to),
    })
}

fn not_open(state: InvoiceState, to: Locale<'_>) -> Rich {
    match state {
        InvoiceState::Paid => t!(to, "invoice-is-paid"),
        InvoiceState::Created | InvoiceState::Waiting | InvoiceState::Expired => {
            t!(to, "invoice-is-expired")
        }
        InvoiceState::Cancelled => t!(to, "invoice-is-cancelled"),
        InvoiceState::Failed => t!(to, "invoice-is-failed"),
    }
}

fn charge(error: &ChargeError, to: Locale<'_>) -> Apology {
    plain(match error {
        ChargeError::UnknownInvoice | ChargeError::GivenUp => t!(to, "stale-button"),
        ChargeError::UnknownGateway => t!(to, "gateway-gone"),
        ChargeError::NotOpen(state) => not_open(*state, to),
        ChargeError::Amount(_) => t!(to, "gateway-amount"),
        ChargeError::Gateway(error) => gateway(error, to),
        ChargeError::Money(_) => return defect(to),
        ChargeError::Store(_) => t!(to, "unavailable"),
        ChargeError::Commit(error) => return commit(error, to),
    })
}

fn gateway(error: &GatewayError, to: Locale<'_>) -> Rich {
    match error {
        GatewayError::Refused(_) | GatewayError::UnknownCharge | GatewayError::Unsupported => {
            t!(to, "gateway-refused")
        }
        GatewayError::Unavailable { .. } => t!(to, "gateway-unavailable"),
    }
}

fn payment(error: &WebhookFailure, to: Locale<'_>) -> Apology {
    plain(match error {
        WebhookFailure::UnknownGateway => t!(to, "gateway-gone"),
        WebhookFailure::Refused(_) => return defect(to),
        WebhookFailure::Gateway(error) => gateway(error, to),
        WebhookFailure::Settle(error) => return settle(error, to),
    })
}

fn settle(error: &SettleError, to: Locale<'_>) -> Apology {
    match error {
        SettleError::Store(_) => plain(t!(to, "unavailable")),
        SettleError::Commit(error) => commit(error, to),
        SettleError::NothingPaid | SettleError::Money(_) | SettleError::Transfer(_) => defect(to),
    }
}

fn order(error: &OrderError, to: Locale<'_>) -> Apology {
    plain(match error {
        OrderError::Unknown => t!(to, "order-unknown"),
        OrderError::NotPaid(_) => t!(to, "order-without-goods"),
        OrderError::Incomplete | OrderError::Table(_) => return defect(to),
        OrderError::Stock(error) => return stock(error, to),
        OrderError::Store(_) => t!(to, "unavailable"),
        OrderError::Commit(error) => return commit(error, to),
    })
}

fn proof(error: &ProofError, to: Locale<'_>) -> Apology {
    plain(match error {
        ProofError::UnknownInvoice | ProofError::NoProof => t!(to, "stale-button"),
        ProofError::NotOpen(_) => t!(to, "invoice-closed"),
        ProofError::NotWanted => t!(to, "proof-not-wanted"),
        ProofError::Waiting => t!(to, "proof-waiting"),
        ProofError::Review(error) => return review(error, to),
        ProofError::Settle(error) => return settle(error, to),
        ProofError::Vault(_) => return defect(to),
        ProofError::Store(_) => t!(to, "unavailable"),
        ProofError::Commit(error) => return commit(error, to),
    })
}

fn refund(error: &RefundError, to: Locale<'_>) -> Apology {
    plain(match error {
        RefundError::Unknown => t!(to, "order-unknown"),
        RefundError::NotPaid(_) => t!(to, "refund-not-paid"),
        RefundError::Amount { left } => t!(to, "refund-amount", left = *left),
        RefundError::NotRefundable => t!(to, "refund-not-refundable"),
        RefundError::Rejected(rejection) => return rejected(rejection, to),
        RefundError::Money(_) | RefundError::Transfer(_) => return defect(to),
        RefundError::Store(_) => t!(to, "unavailable"),
        RefundError::Commit(error) => return commit(error, to),
    })
}

fn review(error: &ReviewError, to: Locale<'_>) -> Apology {
    plain(match error {
        ReviewError::Unknown => t!(to, "stale-button"),
        ReviewError::NotOpen(_) => t!(to, "case-decided"),
        ReviewError::NoPayment => t!(to, "case-no-payment"),
        ReviewError::NoCustomer => t!(to, "case-no-customer"),
        ReviewError::ForeignCurrency(_) => t!(to, "case-foreign-currency"),
        ReviewError::NotRefundable => t!(to, "case-not-refundable"),
        ReviewError::NotDeliverable => t!(to, "case-not-deliverable"),
        ReviewError::Rejected(rejection) => return rejected(rejection, to),
        ReviewError::Money(_) | ReviewError::Transfer(_) => return defect(to),
        ReviewError::Store(_) => t!(to, "unavailable"),
        ReviewError::Commit(error) => return commit(error, to),
    })
}

fn customer(error: &CustomerError, to: Locale<'_>) -> Apology {
    plain(match error {
        CustomerError::Unknown => t!(to, "stale-button"),
        CustomerError::Store(_) => t!(to, "unavailable"),
        CustomerError::Commit(error) => return commit(error, to),
    })
}

fn wallet(error: &WalletError, to: Locale<'_>) -> Apology {
    plain(match error {
        WalletError::InsufficientFunds { balance } => {
            t!(to, "wallet-holds", balance = *balance)
        }
        WalletError::Amount => t!(to, "not-an-amount"),
        WalletError::Money(_) => t!(to, "amount-too-large"),
        WalletError::Transfer(_) => return defect(to),
        WalletError::Store(_) => t!(to, "unavailable"),
        WalletError::Commit(error) => return commit(error, to),
    })
}

fn team(error: &TeamError, to: Locale<'_>) -> Apology {
    plain(match error {
        TeamError::UnknownRole | TeamError::UnknownMember => t!(to, "stale-button"),
        TeamError::NameTaken => t!(to, "team-name-taken"),
        TeamError::RoleInUse => t!(to, "team-role-in-use"),
        TeamError::TooManyRoles(most) => t!(to, "team-roles-full", most = *most),
        TeamError::NotHeld(_) => t!(to, "team-not-held"),
        TeamError::Fixed => t!(to, "team-fixed"),
        TeamError::Damaged(_) => return defect(to),
        TeamError::Store(_) => t!(to, "unavailable"),
        TeamError::Commit(error) => return commit(error, to),
    })
}

fn terms(error: &TermsError, to: Locale<'_>) -> Apology {
    plain(match error {
        TermsError::NotAsked => t!(to, "stale-button"),
        TermsError::Sent => t!(to, "terms-sent"),
        TermsError::NoProof => t!(to, "terms-no-proof"),
        TermsError::Damaged(_) | TermsError::Vault(_) => return defect(to),
        TermsError::Store(_) => t!(to, "unavailable"),
        TermsError::Commit(error) => return commit(error, to),
    })
}

fn letter(error: &LetterError, to: Locale<'_>) -> Apology {
    plain(match error {
        LetterError::TooMany { wait } => {
            t!(
                to,
                "letters-too-many",
                minutes = wait.as_secs().div_ceil(60)
            )
        }
        LetterError::Gone => t!(to, "letter-gone"),
        LetterError::Damaged(_) | LetterError::Vault(_) => return defect(to),
        LetterError::Store(_) => t!(to, "unavailable"),
        LetterError::Commit(error) => return commit(error, to),
    })
}
