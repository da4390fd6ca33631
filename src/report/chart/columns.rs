//! Columns that stand: over days or steps, one series on the other or side by side.

use plotters::coord::types::{RangedCoordf64, RangedCoordu64};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::canvas::{Paper, Trouble, WIDTH, nothing, picture, text, width};

/// One colour over all columns.
pub struct Series {
    /// What it is called, beside its colour.
    pub name: String,
    pub colour: RGBColor,
    /// As many as there are labels.
    pub values: Vec<u64>,
}

/// What is drawn.
pub struct Columns<'a> {
    pub title: &'a str,
    /// What is said where there is nothing.
    pub empty: &'a str,
    pub labels: Vec<String>,
    pub series: Vec<Series>,
    /// One on the other, else side by side.
    pub stacked: bool,
}

type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordu64>>;

/// The height of the columns with their labels, without the names of the series.
const HEIGHT: i32 = 260;
const LINE: i32 = 24;
const SWATCH: i32 = 14;
const GAP: i32 = 8;
/// How much of its place a column leaves free on each side.
const FREE: f64 = 0.12;
/// No column is wider: few columns stand at the left, and do not fill the picture.
const FEWEST: usize = 6;

/// Draws the columns.
pub fn draw(columns: &Columns<'_>) -> String {
    let highest = columns.highest();
    if highest == 0 {
        return nothing(columns.title, columns.empty);
    }
    let names = columns.places_of_names();
    let legend = names.last().map_or(0, |(_, line)| (line + 1) * LINE) + GAP;
    let height = (legend + HEIGHT).unsigned_abs();
    picture(height, columns.title, &columns.description(), |paper| {
        for (series, (x, line)) in columns.series.iter().zip(&names) {
            let middle = GAP + line * LINE + LINE / 2;
            let half = SWATCH / 2;
            let corners = [(*x, middle - half), (x + SWATCH, middle + half)];
            paper.draw(&Rectangle::new(corners, series.colour.filled()))?;
            let place = (x + SWATCH + 6, middle);
            paper.draw(&Text::new(series.name.clone(), place, text(HPos::Left)))?;
        }
        let (_, below) = paper.split_vertically(legend);
        columns.draw_on(&below, highest)
    })
}

impl Columns<'_> {
    fn highest(&self) -> u64 {
        let at = |index: usize| self.series.iter().map(move |series| series.values[index]);
        let tops = (0..self.labels.len())
            .map(|index| if self.stacked { at(index).sum() } else { at(index).max().unwrap_or(0) });
        tops.max().unwrap_or(0)
    }

    /// Where the swatches are: from the left, and on which line.
    fn places_of_names(&self) -> Vec<(i32, i32)> {
        let (mut x, mut line) = (GAP, 0);
        let place = |series: &Series| {
            let wide = SWATCH + 6 + width(&series.name) + 2 * GAP;
            if x + wide > WIDTH.cast_signed() && x > GAP {
                (x, line) = (GAP, line + 1);
            }
            let place = (x, line);
            x += wide;
            place
        };
        self.series.iter().map(place).collect()
    }

    fn description(&self) -> String {
        let (first, last) = (self.labels.first(), self.labels.last());
        let span = first.zip(last).map(|(first, last)| format!("{first} – {last}"));
        let names = self
            .series
            .iter()
            .map(|series| format!("{} ({})", series.name, series.values.iter().sum::<u64>()));
        span.into_iter().chain(names).collect::<Vec<_>>().join("; ")
    }

    fn draw_on<'b>(&self, paper: &Paper<'b>, highest: u64) -> Result<(), Trouble<'b>> {
        let places = number(self.labels.len().max(FEWEST));
        let mut chart = ChartBuilder::on(paper)
            .margin_top(GAP)
            .margin_right(GAP)
            .x_label_area_size(LINE)
            .y_label_area_size((width(&highest.to_string()) + 3 * GAP).unsigned_abs())
            .build_cartesian_2d(0.0..places, 0..highest + highest.div_ceil(20))?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(0)
            .y_labels(5)
            .y_max_light_lines(1)
            .y_label_formatter(&|count| count.to_string())
            .y_label_style(text(HPos::Right))
            .bold_line_style(RGBColor(0xdd, 0xe1, 0xe6))
            .axis_style(RGBColor(0x8a, 0x93, 0x9c))
            .draw()?;
        for index in 0..self.labels.len() {
            self.draw_column(&mut chart, index)?;
        }
        self.draw_labels(paper, &chart)
    }

    fn draw_column<'b>(&self, chart: &mut Chart<'_, 'b>, index: usize) -> Result<(), Trouble<'b>> {
        let (left, right) = (number(index) + FREE, number(index + 1) - FREE);
        let share = (right - left) / number(self.series.len());
        let mut foot = 0;
        for (place, series) in self.series.iter().enumerate() {
            let count = series.values[index];
            let corners = if self.stacked {
                [(left, foot), (right, foot + count)]
            } else {
                let left = left + number(place) * share;
                [(left, 0), (left + share, count)]
            };
            foot += count;
            if count > 0 {
                let column = Rectangle::new(corners, series.colour.filled());
                chart.draw_series(std::iter::once(column))?;
            }
        }
        Ok(())
    }

    /// As many labels as there is room for: every one, or every other one, and so on.
    fn draw_labels<'b>(&self, paper: &Paper<'b>, chart: &Chart<'_, 'b>) -> Result<(), Trouble<'b>> {
        let at = |place: f64| chart.backend_coord(&(place, 0));
        let (x0, x1) = (at(0.0).0, at(1.0).0);
        let widest = self.labels.iter().map(|label| width(label)).max().unwrap_or(0) + GAP;
        let every = widest.div_euclid((x1 - x0).max(1)).unsigned_abs() as usize + 1;
        let every = if widest <= x1 - x0 { 1 } else { every };
        let (_, top) = paper.get_base_pixel();
        for (index, label) in self.labels.iter().enumerate().step_by(every) {
            let (x, y) = at(number(index) + 0.5);
            let place = (x, y - top + LINE / 2 + 2);
            paper.draw(&Text::new(label.clone(), place, text(HPos::Center)))?;
        }
        Ok(())
    }
}

/// A number of columns, of which there are few.
fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
