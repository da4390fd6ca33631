//! The tables of a report, read as a person reads them.

/// The rows of the table that follows this title, as texts of their cells.
pub fn table(html: &str, title: &str) -> Vec<Vec<String>> {
    grid(section(html, title), "tbody")
}

/// The titles of that table's columns.
pub fn columns(html: &str, title: &str) -> Vec<String> {
    grid(section(html, title), "thead").remove(0)
}

fn section<'a>(html: &'a str, title: &str) -> &'a str {
    let mut sections = html.split("<section>");
    sections.find(|part| part.contains(&format!("<h2>{title}</h2>"))).unwrap()
}

fn grid(part: &str, name: &str) -> Vec<Vec<String>> {
    let body = part.split(&format!("<{name}>")).nth(1).unwrap();
    let body = body.split(&format!("</{name}>")).next().unwrap();
    let cells = |row: &str| {
        let cells = row.split("<t").skip(1);
        let text =
            |cell: &str| cell.split_once('>').unwrap().1.split('<').next().unwrap().to_owned();
        cells.map(text).collect()
    };
    body.split("<tr>").skip(1).map(cells).collect()
}
