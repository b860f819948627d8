//! How far long work is. Nothing is drawn where nobody looks.

use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressFinish, ProgressStyle};
use shopcore::backend::migration::{Progress, Stage};

/// How often what is drawn moves, however long a step takes.
const TICK: Duration = Duration::from_millis(200);

/// A bar over the bytes of a file.
pub(crate) fn reading(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes).with_message("reading");
    drawn(bar, "{msg} {wide_bar} {bytes}/{total_bytes}")
}

/// A spinner while rows are compared with those of the shop.
pub(crate) fn checking(rows: usize) -> ProgressBar {
    spinner(format!("checking {} rows", HumanCount(count(rows))))
}

/// A bar over rows that are stored in parts; a spinner where they are one part.
pub(crate) fn storing(rows: usize, part: usize) -> ProgressBar {
    if rows <= part {
        let rows = HumanCount(count(rows));
        return spinner(format!("sealing and storing {rows} rows as a whole"));
    }
    let bar = ProgressBar::new(count(rows)).with_message("sealing and storing");
    drawn(bar, "{msg} {wide_bar} {human_pos}/{human_len} {eta}")
}

/// A bar over orders that are placed one by one.
pub(crate) fn placing(orders: usize) -> ProgressBar {
    let bar = ProgressBar::new(count(orders)).with_message("placing");
    drawn(bar, "{msg} {wide_bar} {human_pos}/{human_len} {eta}")
}

/// A bar over contents that are revealed.
pub(crate) fn revealing(units: usize) -> ProgressBar {
    let bar = ProgressBar::new(count(units)).with_message("revealing");
    drawn(bar, "{msg} {wide_bar} {human_pos}/{human_len} {eta}")
}

/// A bar over the rows of a shop that moves.
pub(crate) fn moving() -> ProgressBar {
    drawn(
        ProgressBar::new(0),
        "{msg} {wide_bar} {human_pos}/{human_len} {eta}",
    )
}

/// Shows on a bar how far work in stages is.
pub(crate) fn in_stages(
    bar: &ProgressBar,
    doing: fn(Stage) -> &'static str,
) -> impl FnMut(Progress) {
    let mut stage = Stage::Copy;
    move |at| {
        if at.stage != stage {
            bar.reset();
        }
        stage = at.stage;
        bar.set_message(doing(at.stage));
        bar.set_length(at.all);
        bar.set_position(at.done);
    }
}

/// A number of rows as progress is counted.
pub(crate) fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

fn spinner(doing: String) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(doing);
    drawn(spinner, "{spinner} {msg} {elapsed}")
}

fn drawn(bar: ProgressBar, template: &str) -> ProgressBar {
    let bar = match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    };
    bar.enable_steady_tick(TICK);
    bar.with_finish(ProgressFinish::AndClear)
}
