//! Charts: pictures of figures, drawn in the process.

use serde_json::{Value, json};

use crate::bot::BotError;
use crate::store::BoxError;

/// What a chart shows.
#[derive(Debug)]
pub(super) struct Chart {
    /// What stands above it.
    pub(super) title: String,
    /// What each value is called.
    pub(super) labels: Vec<String>,
    /// Rows of values by name, one for each label.
    pub(super) series: Vec<(String, Vec<Value>)>,
}

/// Vertical bars, those of one label on top of each other, as a PNG.
///
/// # Errors
/// [`BotError::Chart`] is a defect of the program.
pub(super) fn bars(chart: &Chart) -> Result<Vec<u8>, BotError> {
    let mut drawing = outline(chart);
    for series in drawing["series_list"].as_array_mut().into_iter().flatten() {
        series["stack"] = json!("all");
    }
    drawing["y_axis_configs"] =
        json!([{ "axis_formatter": "{t}", "axis_min": 0, "axis_font_size": 20 }]);
    drawing["x_axis_name_rotate"] = json!(0);
    picture(charts_rs::BarChart::from_json(&drawing.to_string()).and_then(|bars| bars.svg()))
}

/// Horizontal bars with their values beside them, the first label on top, as a PNG.
///
/// # Errors
/// [`BotError::Chart`] is a defect of the program.
pub(super) fn ranks(chart: &Chart) -> Result<Vec<u8>, BotError> {
    let mut drawing = outline(chart);
    for series in drawing["series_list"].as_array_mut().into_iter().flatten() {
        series["label_show"] = json!(true);
        reverse(&mut series["data"]);
    }
    // They are drawn from below.
    reverse(&mut drawing["x_axis_data"]);
    drawing["series_label_formatter"] = json!("{t}");
    drawing["y_axis_configs"] =
        json!([{ "axis_formatter": "{t}", "axis_min": 0, "axis_font_size": 20 }]);
    let drawn = charts_rs::HorizontalBarChart::from_json(&drawing.to_string());
    picture(drawn.and_then(|bars| bars.svg()))
}

fn reverse(values: &mut Value) {
    if let Some(values) = values.as_array_mut() {
        values.reverse();
    }
}

/// What all charts have in common. Twice the size they are shown at, so that they stay sharp.
fn outline(chart: &Chart) -> Value {
    let series = chart.series.iter();
    let series = series.map(|(name, values)| json!({ "name": name, "data": values }));
    json!({
        "width": 1200,
        "height": 750,
        "margin": 30,
        "title_text": chart.title,
        "title_font_size": 34,
        "title_align": "left",
        "title_height": 60,
        "legend_show": chart.series.len() > 1,
        "legend_font_size": 24,
        "legend_align": "right",
        "legend_margin": { "top": 10 },
        "x_axis_font_size": 22,
        "x_axis_height": 50,
        "series_label_font_size": 22,
        "x_axis_data": chart.labels,
        "series_list": series.collect::<Vec<_>>(),
        "series_colors": ["#2a9d8f", "#e9c46a", "#e76f51"],
    })
}

fn picture<E: Into<BoxError>>(drawn: Result<String, E>) -> Result<Vec<u8>, BotError> {
    let drawn = drawn.map_err(|error| BotError::Chart(error.into()))?;
    charts_rs::svg_to_png(&drawn).map_err(|error| BotError::Chart(error.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keeps a picture where a person can look at it, in the folder that the variable
    /// `SHOPCORE_CHARTS` names.
    fn keep(name: &str, picture: &[u8]) {
        assert!(picture.starts_with(b"\x89PNG"));
        if let Ok(folder) = std::env::var("SHOPCORE_CHARTS") {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(format!("{folder}/{name}.png"), picture).unwrap();
        }
    }

    #[test]
    fn a_month_of_revenue_is_drawn() {
        let days = 1..=30;
        let chart = Chart {
            title: "Revenue in IDR".to_owned(),
            labels: days.clone().map(|day| format!("01-{day:02}")).collect(),
            series: vec![(
                "Revenue".to_owned(),
                days.map(|day| json!(day * day % 17 * 125_000)).collect(),
            )],
        };
        keep("revenue", &bars(&chart).unwrap());
    }

    #[test]
    fn what_became_of_orders_is_drawn() {
        let row = |name: &str, times| {
            let values = (0..7).map(|day| json!((day * times) % 11));
            (name.to_owned(), values.collect())
        };
        let chart = Chart {
            title: "Orders".to_owned(),
            labels: (1..=7).map(|day| format!("01-{day:02}")).collect(),
            series: vec![row("paid", 3), row("expired", 5), row("cancelled", 2)],
        };
        keep("orders", &bars(&chart).unwrap());
    }

    #[test]
    fn names_of_any_script_and_no_values_are_drawn() {
        let chart = Chart {
            title: "Best products <&> \"quoted\"".to_owned(),
            labels: [
                "Netflix 1 bulan",
                "Спотифай",
                "日本語",
                "A name that is rather long, as some are",
            ]
            .map(str::to_owned)
            .to_vec(),
            series: vec![(
                "Revenue".to_owned(),
                vec![json!(1_250_000), json!(300_000), json!(0), json!(12.5)],
            )],
        };
        keep("products", &ranks(&chart).unwrap());
        let nothing = Chart {
            labels: vec!["01-01".to_owned()],
            series: vec![("Revenue".to_owned(), vec![json!(0)])],
            ..chart
        };
        keep("nothing", &bars(&nothing).unwrap());
    }
}
