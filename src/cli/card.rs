//! A message as it looks on a phone, drawn with characters.

use std::fmt;

use comfy_table::{ContentArrangement, Table, presets};

use super::sanitise;

/// A card: its heading, its lines, and whether a touch opens a page.
pub struct Card<'a> {
    /// The template's heading.
    pub title: &'a str,
    /// The lines as a patient reads them.
    pub lines: Vec<String>,
    /// Whether a touch opens a page.
    pub opens: bool,
}

impl fmt::Display for Card<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ASCII, because terminals in Chinese locales often draw lines two columns wide.
        let mut frame = Table::new();
        frame
            .load_style(presets::ASCII_BORDERS_ONLY_CONDENSED)
            .force_no_tty()
            .set_content_arrangement(ContentArrangement::Disabled);
        frame.add_row([sanitise::line(self.title)]).add_row([""]);
        for line in &self.lines {
            frame.add_row([sanitise::line(line)]);
        }
        if self.opens {
            frame.add_row([""]).add_row(["查看详情 >"]);
        }
        write!(f, "{frame}")
    }
}
