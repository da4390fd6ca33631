//! Bars that lie: a name, a bar and its number on each line.

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::canvas::{WIDTH, fitted, nothing, picture, text, width};

/// One line.
pub struct Bar {
    pub name: String,
    pub count: u64,
}

const LINE: i32 = 26;
/// The room of the names, at most; and of the numbers.
const NAMES: i32 = 400;
const NUMBERS: i32 = 80;
const GAP: i32 = 8;

/// Draws the bars, in their order.
pub fn draw(title: &str, empty: &str, bars: &[Bar], colour: RGBColor) -> String {
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
    if most == 0 {
        return nothing(title, empty);
    }
    let told: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.name, bar.count)).collect();
    let names = bars.iter().map(|bar| width(&bar.name)).max().unwrap_or(0).min(NAMES);
    let left = GAP + names + GAP;
    let room = WIDTH.cast_signed() - left - NUMBERS;
    let height = (LINE * i32::try_from(bars.len()).unwrap_or(i32::MAX / LINE) + GAP).unsigned_abs();
    picture(height, title, &told.join("; "), |paper| {
        for (number, bar) in (0..).zip(bars) {
            let middle = GAP / 2 + number * LINE + LINE / 2;
            let name = fitted(&bar.name, names);
            paper.draw(&Text::new(name, (left - GAP, middle), text(HPos::Right)))?;
            let end = left + part(bar.count, most, room);
            let corners = [(left, middle - LINE / 3), (end, middle + LINE / 3)];
            paper.draw(&Rectangle::new(corners, colour.filled()))?;
            paper.draw(&Text::new(bar.count.to_string(), (end + GAP, middle), text(HPos::Left)))?;
        }
        Ok(())
    })
}

/// How long the bar of a count is; one that is there is seen.
fn part(count: u64, most: u64, room: i32) -> i32 {
    let length = u128::from(count) * u128::from(room.unsigned_abs()) / u128::from(most);
    i32::try_from(length).unwrap_or(room).max(i32::from(count > 0) * 2)
}
