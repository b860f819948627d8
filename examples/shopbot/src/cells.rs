//! Cells of a table that a spreadsheet opens: one that it would take for a formula begins with an
//! apostrophe there, which is taken off again when the table comes back.

use std::borrow::Cow;

/// What stands in the cell for `text`.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    match is_formula(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

/// What a cell says.
pub(crate) fn plain(cell: &str) -> &str {
    let guarded = cell.strip_prefix('\'').filter(|text| is_formula(text));
    guarded.unwrap_or(cell)
}

/// Whether a spreadsheet would calculate it, or did not because of its apostrophes.
fn is_formula(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_comes_back_as_it_was() {
        for text in ["=1+1", "+62 812", "-5", "@ann", "'=1", "''-", "\tx"] {
            let cell = guarded(text);
            assert!(cell.starts_with('\''), "{cell}");
            assert_eq!(plain(&cell), text);
        }
        for text in ["", "Game", "'quoted'", "1-2", "a=b", "'"] {
            assert_eq!(guarded(text), text);
            assert_eq!(plain(text), text);
        }
    }
}
