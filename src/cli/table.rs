//! Tables for people: columns that line up with Chinese text in them, no lines and no colours.

use comfy_table::{ContentArrangement, Table, presets};

use super::sanitise;

/// An empty table under these column titles.
///
/// Without border characters, because terminals in Chinese locales often draw those two columns wide.
pub fn table(titles: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .force_no_tty()
        .set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(titles.iter().map(|title| title.to_uppercase()));
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table
}

/// A row of cells, each made safe to show and put on one line.
pub fn row<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> Vec<String> {
    cells.into_iter().map(|cell| sanitise::line(cell.as_ref())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_columns_line_up_and_no_line_ends_in_spaces() {
        let mut shown = table(&["name", "state"]);
        shown.add_row(row(["王小明\u{1b}[31m", "accepted"]));
        shown.add_row(row(["Li", "held"]));
        assert_eq!(shown.trim_fmt(), "NAME    STATE\n王小明  accepted\nLi      held");
    }
}
