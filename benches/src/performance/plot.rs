//! Plots as SVG.

use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

const SIZE: (u32, u32) = (800, 420);
/// The share of the height that is left above the lines, for their names.
const ROOM: f64 = 0.4;
const COLOURS: [RGBColor; 8] = [
    RGBColor(31, 119, 180),
    RGBColor(214, 39, 40),
    RGBColor(44, 160, 44),
    RGBColor(148, 103, 189),
    RGBColor(255, 127, 14),
    RGBColor(23, 190, 207),
    RGBColor(140, 86, 75),
    RGBColor(127, 127, 127),
];

/// A plot's file name and its SVG.
pub type NamedPlot = (&'static str, String);

/// Lines over an axis.
pub struct Plot {
    /// What it shows.
    pub title: &'static str,
    /// What the horizontal axis counts; by powers of ten or evenly.
    pub x: (&'static str, Scale),
    /// The same of the vertical one.
    pub y: (&'static str, Scale),
    /// Lines and their names.
    pub lines: Vec<(String, Vec<(f64, f64)>)>,
}

/// How an axis counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Scale {
    /// Evenly, from 0.
    Even,
    /// By powers of ten.
    Tens,
}

impl Plot {
    /// The plot as a file's text.
    ///
    /// # Panics
    /// When it can't be drawn.
    pub fn svg(&self) -> String {
        let mut text = String::new();
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        let (x, y) = (self.range(self.x.1, 0.03, |point| point.0), self.range(self.y.1, ROOM, |point| point.1));
        let drawn = match (self.x.1, self.y.1) {
            (Scale::Even, Scale::Even) => self.draw(&area, x.0..x.1, y.0..y.1),
            (Scale::Even, Scale::Tens) => self.draw(&area, x.0..x.1, (y.0..y.1).log_scale()),
            (Scale::Tens, Scale::Even) => self.draw(&area, (x.0..x.1).log_scale(), y.0..y.1),
            (Scale::Tens, Scale::Tens) => self.draw(&area, (x.0..x.1).log_scale(), (y.0..y.1).log_scale()),
        };
        drawn.expect("a plot");
        drop(area);
        text
    }

    fn range(&self, scale: Scale, room: f64, of: impl Fn(&(f64, f64)) -> f64) -> (f64, f64) {
        let values = self.lines.iter().flat_map(|(_, points)| points).map(of);
        let (least, most) = values.fold((f64::MAX, f64::MIN), |(least, most), it| (least.min(it), most.max(it)));
        match scale {
            Scale::Even => (0.0, most * (1.0 + room)),
            Scale::Tens => (least * 0.9, most * (most / least).powf(room) * 1.1),
        }
    }

    fn draw<'a, X, Y>(
        &self,
        area: &DrawingArea<SVGBackend<'a>, plotters::coord::Shift>,
        x: X,
        y: Y,
    ) -> Result<(), Box<dyn std::error::Error + 'a>>
    where
        X: AsRangedCoord<Value = f64>,
        Y: AsRangedCoord<Value = f64>,
        X::CoordDescType: ValueFormatter<f64>,
        Y::CoordDescType: ValueFormatter<f64>,
    {
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(area)
            .caption(self.title, ("sans-serif", 18))
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(x, y)?;
        let mut mesh = chart.configure_mesh();
        mesh.x_desc(self.x.0).y_desc(self.y.0).light_line_style(WHITE);
        mesh.x_label_formatter(&|value| short(*value)).y_label_formatter(&|value| short(*value)).draw()?;
        for ((name, points), colour) in self.lines.iter().zip(COLOURS.iter().cycle()) {
            let line = chart.draw_series(LineSeries::new(points.iter().copied(), colour.stroke_width(2)))?;
            let colour = *colour;
            line.label(name).legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
            if points.len() < 20 {
                chart.draw_series(points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
            }
        }
        let mut labels = chart.configure_series_labels();
        labels.position(SeriesLabelPosition::UpperLeft).background_style(WHITE.mix(0.8)).border_style(BLACK.mix(0.3));
        labels.draw()?;
        Ok(area.present()?)
    }
}

/// Without the digits that an axis does not need.
fn short(value: f64) -> String {
    if value >= 10.0 || value == value.round() { format!("{value:.0}") } else { format!("{value:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_names_its_axes_and_lines() {
        for scale in [Scale::Even, Scale::Tens] {
            let lines = vec![("first".to_owned(), vec![(1.0, 2.0), (1000.0, 3.0)])];
            let plot = Plot { title: "of a test", x: ("messages", scale), y: ("ms", scale), lines };
            let svg = plot.svg();
            for word in ["<svg", "of a test", "messages", "ms", "first", "polyline"] {
                assert!(svg.contains(word), "{word}: {svg}");
            }
        }
    }
}
