//! The grammar of a message: segments, fields, repetitions, components, escapes.

/// A message, cut into segments and fields.
pub(super) struct Message<'a> {
    segments: Vec<Vec<&'a str>>,
    marks: Marks,
}

/// The signs that divide a message, from MSH-1 and MSH-2.
#[derive(Clone, Copy)]
struct Marks {
    field: char,
    component: char,
    repetition: char,
    escape: char,
    part: char,
}

impl<'a> Message<'a> {
    /// Cuts a message; `None` when it does not begin with MSH and its signs.
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut signs = text.strip_prefix("MSH")?.chars();
        let marks = Marks {
            field: signs.next().filter(char::is_ascii_punctuation)?,
            component: signs.next().filter(char::is_ascii_punctuation)?,
            repetition: signs.next().filter(char::is_ascii_punctuation)?,
            escape: signs.next().unwrap_or('\\'),
            part: signs.next().unwrap_or('&'),
        };
        let segments = text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(|line| line.split(marks.field).collect())
            .collect();
        Some(Self { segments, marks })
    }

    /// A field of the first segment of that name, whole; fields are counted as the standard does.
    pub fn field(&self, segment: &str, number: usize) -> Option<&'a str> {
        let fields = self.segments.iter().find(|fields| fields[0] == segment)?;
        // MSH-1 is the separator itself, so MSH's fields are one further to the left.
        let place = if segment == "MSH" { number.checked_sub(1)? } else { number };
        fields
            .get(place)
            .copied()
            .map(str::trim)
            .filter(|field| !field.is_empty() && *field != "\"\"")
    }

    /// The repetitions of a field.
    pub fn repetitions(&self, segment: &str, number: usize) -> impl Iterator<Item = &'a str> {
        let repetition = self.marks.repetition;
        self.field(segment, number).into_iter().flat_map(move |field| field.split(repetition))
    }

    /// A component, from 1, of the first repetition of a field, as plain text.
    pub fn component(&self, segment: &str, number: usize, component: usize) -> Option<String> {
        self.part_of(self.repetitions(segment, number).next()?, component)
    }

    /// The message's type and trigger event: `SIU^S12`.
    pub fn kind(&self) -> String {
        let part = |number| self.component("MSH", 9, number).unwrap_or_default();
        let (kind, trigger) = (part(1), part(2));
        if trigger.is_empty() { kind } else { format!("{kind}^{trigger}") }
    }

    /// A component, from 1, of one repetition, as plain text; of its parts the first.
    pub fn part_of(&self, repetition: &str, component: usize) -> Option<String> {
        let text = repetition.split(self.marks.component).nth(component - 1)?;
        let text = self.plain(text.split(self.marks.part).next()?);
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Undoes the escapes: `\F\`, `\S\`, `\T\`, `\R\`, `\E\`, `\.br\`; what is not known is left out.
    fn plain(&self, text: &str) -> String {
        let marks = self.marks;
        if !text.contains(marks.escape) {
            return text.to_owned();
        }
        let mut plain = String::with_capacity(text.len());
        let mut pieces = text.split(marks.escape);
        plain.push_str(pieces.next().unwrap_or(""));
        while let (Some(escaped), following) = (pieces.next(), pieces.next()) {
            match escaped {
                "F" => plain.push(marks.field),
                "S" => plain.push(marks.component),
                "T" => plain.push(marks.part),
                "R" => plain.push(marks.repetition),
                "E" => plain.push(marks.escape),
                ".br" => plain.push(' '),
                _ => {}
            }
            plain.push_str(following.unwrap_or(""));
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_counted_as_the_standard_counts() {
        let message = Message::parse("MSH|^~\\&|A|B\nSCH||X^Y|||a~b^c\n").unwrap();
        assert_eq!(message.field("MSH", 2), Some("^~\\&"));
        assert_eq!(message.field("MSH", 3), Some("A"));
        assert_eq!(message.component("SCH", 2, 2).as_deref(), Some("Y"));
        assert_eq!(message.repetitions("SCH", 5).collect::<Vec<_>>(), ["a", "b^c"]);
    }

    #[test]
    fn escapes_stand_for_the_signs() {
        let message = Message::parse("MSH|^~\\&|a\\F\\b\\S\\c\\E\\d\\.br\\e\\H\\f\n").unwrap();
        assert_eq!(message.component("MSH", 3, 1).as_deref(), Some("a|b^c\\d ef"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(MSH)?[|^~&\\\\A-Z0-9\n]{0,80}|\\PC{0,40}") {
            if let Some(message) = Message::parse(&text) {
                for field in 0..30 {
                    let _ = message.component("MSH", field, 1);
                    let _ = message.component("SCH", field, 3);
                }
            }
        }
    }
}
