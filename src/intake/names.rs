//! Names of people from their parts.

/// Family name and given name; Chinese names have no space between.
pub(super) fn joined(family: &str, given: &str) -> Option<String> {
    let latin = |text: &str| text.chars().all(|c| c < '\u{2e80}');
    let space = if latin(family) && latin(given) { " " } else { "" };
    let name = format!("{family}{space}{given}");
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}
