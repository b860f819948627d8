//! What people type where something else is asked for.

use shopcore::bot::incoming::Kind;

/// An input of the matrix, by name.
pub(super) type Input = &'static str;

/// Every input, and what is typed.
pub(super) fn inputs() -> Vec<(Input, Kind)> {
    let long = "long ".repeat(1_000);
    let typed: [(Input, &str); 27] = [
        ("nothing", ""),
        ("blanks", "  \u{a0} "),
        ("a dash", "-"),
        ("an emoji", "🎮"),
        ("5,000 letters", &long),
        ("a turned line", "ab\u{202e}cd"),
        ("no width", "\u{200b}"),
        ("a bell", "ab\u{7}cd"),
        ("two lines", "one\ntwo"),
        ("markup", "<b>bold</b> &amp; <script>"),
        ("a placeholder", "{ $name }"),
        ("half a placeholder", "{ -term } { $x ->"),
        ("below zero", "-5"),
        ("zero", "0"),
        ("far too much", "99999999999999999999"),
        ("an exponent", "1e9"),
        ("too precise", "1.005,005"),
        ("a comma", "1,5"),
        ("no number", "NaN"),
        ("other digits", "١٢"),
        ("hexadecimal", "0x10"),
        ("a statement", "'; DROP TABLE orders; --"),
        ("no day", "2026-02-31"),
        ("0%", "0%"),
        ("101%", "101%"),
        ("dollars", "$5"),
        ("pipes", "| | |"),
    ];
    let mut inputs: Vec<_> = typed
        .into_iter()
        .map(|(name, text)| (name, Kind::typed(text)))
        .collect();
    let file = |bytes: &[u8]| Kind::File {
        name: "x.bin".to_owned(),
        bytes: bytes.to_vec(),
    };
    inputs.push(("a file", file(b"\xff\x00\xfe")));
    inputs.push(("a sticker", Kind::Other));
    inputs
}

/// What any text may be: numbers and markup are words where words are asked for.
macro_rules! words {
    ($($more:literal),*) => {
        &[
            $($more,)*
            "an emoji",
            "markup",
            "a placeholder",
            "half a placeholder",
            "below zero",
            "zero",
            "far too much",
            "an exponent",
            "too precise",
            "a comma",
            "no number",
            "other digits",
            "hexadecimal",
            "a statement",
            "no day",
            "0%",
            "101%",
            "dollars",
            "pipes",
        ]
    };
}

/// Nothing of all this.
pub(super) const NONE: &[Input] = &[];
/// Where a dash takes away what is there, so that it is no text.
pub(super) const UNDASHED: &[Input] = words!();
/// One line.
pub(super) const LINE: &[Input] = words!("a dash");
/// One line or more.
pub(super) const LINES: &[Input] = words!("a dash", "two lines");
/// What customers read as it was written.
pub(super) const LETTER: &[Input] = words!("a dash", "two lines", "a turned line");
/// What is sold, or proves something: kept as it is.
pub(super) const CONTENT: &[Input] = words!("a dash", "two lines", "a turned line", "a file");
/// One of the contents of a new product.
pub(super) const ONE_CONTENT: &[Input] = words!("a dash", "a turned line", "a file");
/// What may be looked for, and is not found.
pub(super) const SOUGHT: &[Input] = words!(
    "a dash",
    "5,000 letters",
    "a turned line",
    "no width",
    "a bell",
    "two lines"
);
/// The same where nothing may be looked for, too.
pub(super) const ANYTHING: &[Input] = words!(
    "nothing",
    "blanks",
    "a dash",
    "5,000 letters",
    "a turned line",
    "no width",
    "a bell",
    "two lines"
);
/// The same where a product's name is looked for.
pub(super) const PRODUCT: &[Input] =
    words!("a dash", "a turned line", "no width", "a bell", "two lines");
/// Letters, digits and a few marks.
pub(super) const CODE: &[Input] = &[
    "below zero",
    "zero",
    "far too much",
    "an exponent",
    "no number",
    "hexadecimal",
    "no day",
];
/// Up to eight letters.
pub(super) const SHORT: &[Input] = &[
    "a dash",
    "an emoji",
    "below zero",
    "zero",
    "an exponent",
    "a comma",
    "no number",
    "other digits",
    "hexadecimal",
    "0%",
    "101%",
    "dollars",
    "pipes",
];
pub(super) const ZERO: &[Input] = &["zero"];
/// A dash takes away what is there.
pub(super) const DASH: &[Input] = &["a dash"];
pub(super) const DASH_OR_ZERO: &[Input] = &["a dash", "zero"];
