//! Lines of bills as rows of tables.

use crate::cost::bill::Line;

/// Dollars per million messages.
pub fn per_million(lines: &[Line]) -> f64 {
    lines.iter().map(Line::dollars).sum::<f64>() * 1e6
}

/// The same line of two bills, as a row.
pub fn row(lines: [&Line; 2]) -> String {
    let dollars = lines.map(|line| cents(line.dollars() * 1e6));
    let units = lines.map(|line| number(line.units));
    let [Line { what, unit, .. }, _] = lines;
    format!("| {what} | {unit} | {} | {} | {} | {} |", units[0], dollars[0], units[1], dollars[1])
}

/// Dollars with cents, or `< 0.01`.
pub fn cents(dollars: f64) -> String {
    if dollars > 0.0 && dollars < 0.005 { "< 0.01".to_owned() } else { format!("{dollars:.2}") }
}

/// A number with as many digits as it needs.
pub fn number(units: f64) -> String {
    if units >= 100.0 { format!("{units:.0}") } else { format!("{units:.3}") }
}
