//! The as-run log as a file.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use pregon_core::{AsRunLine, Tier};

use super::{named, running};
use crate::House;
use crate::pages::Trouble;
use crate::visitor::Visitor;

/// Most lines of the file.
const LINES: usize = 10_000;

/// `GET /radio/{station}/as-run.csv`: the latest first, as RFC 4180 has it.
pub(crate) async fn download(
    State(house): State<House>,
    visitor: Visitor,
    Path(station): Path<String>,
) -> Result<Response, Trouble> {
    let station = named(&station)?;
    let lines = running(&house, &station)?.as_run(&station, LINES).await;
    let bound = visitor.own_only().is_some();
    let mut text = String::from("at,tier,outcome,title,artist,seconds,listeners,job_id,reason\r\n");
    for line in &lines {
        text.push_str(&row(line, bound));
    }
    let name = format!("attachment; filename=\"as-run-{station}.csv\"");
    let headers =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, text).into_response())
}

/// A line. For those who may see their own jobs only, without what was never heard, and without jobs.
fn row(line: &AsRunLine, bound: bool) -> String {
    let secret = bound && line.tier == Tier::Interrupt && line.seconds <= 0.0;
    let fields = [
        line.at.to_string(),
        line.tier.as_str().to_owned(),
        text(&line.outcome),
        if secret { String::new() } else { text(&line.title) },
        text(line.artist.as_deref().unwrap_or_default()),
        format!("{:.2}", line.seconds),
        line.listeners.to_string(),
        line.job.filter(|_| !bound).map_or_else(String::new, |job| job.to_string()),
        text(line.reason.as_deref().unwrap_or_default()),
    ];
    fields.join(",") + "\r\n"
}

/// A text in quotes. Spreadsheets calculate what begins like a formula: an apostrophe keeps them from it.
fn text(value: &str) -> String {
    if value.is_empty() {
        return String::new();
    }
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    format!("\"{}{}\"", if formula { "'" } else { "" }, value.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_others_neither_break_a_line_nor_calculate() {
        for (value, shown) in [
            ("", ""),
            ("La gata bajo la lluvia", "\"La gata bajo la lluvia\""),
            ("dice \"hola\", y\nsigue", "\"dice \"\"hola\"\", y\nsigue\""),
            ("=1+1", "\"'=1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
        ] {
            assert_eq!(text(value), shown);
        }
    }
}
