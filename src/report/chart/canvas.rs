//! What all pictures share: the paper, its words for those who do not see it, texts and their widths.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use unicode_width::UnicodeWidthStr;

/// How wide a picture is, in units of its own; a page scales it.
pub const WIDTH: u32 = 760;
/// The size of every text; `plotters` writes four fifths of it.
const SIZE: u32 = 16;
/// How much room a column of a terminal takes in a picture: a Chinese character takes two.
const COLUMN: f64 = 7.4;
const INK: RGBColor = RGBColor(0x1f, 0x23, 0x28);

/// Where a picture is drawn.
pub type Paper<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// Why it could not be: writing into a text does not fail, but the library says that it may.
pub type Trouble<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

/// A picture of this height, drawn by `draw`.
pub fn picture(
    height: u32,
    title: &str,
    description: &str,
    draw: impl for<'a> FnOnce(&Paper<'a>) -> Result<(), Trouble<'a>>,
) -> String {
    let mut svg = String::new();
    {
        let paper = SVGBackend::with_string(&mut svg, (WIDTH, height)).into_drawing_area();
        if let Err(error) = draw(&paper).and_then(|()| paper.present()) {
            tracing::debug!(%error, "a picture was not drawn");
        }
    }
    let words = format!(
        " class=\"chart\" role=\"img\"><title>{}</title><desc>{}</desc>",
        escaped(title),
        escaped(description)
    );
    svg.replacen('>', &words, 1)
}

/// A picture that says only that there is nothing to draw.
pub fn nothing(title: &str, sentence: &str) -> String {
    picture(48, title, sentence, |paper| {
        paper.draw(&Text::new(sentence.to_owned(), (8, 24), text(HPos::Left)))
    })
}

/// Dark text that begins, ends or is centred at its place, and is centred upon its height.
pub fn text(at: HPos) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", SIZE).into_font()).color(&INK).pos(Pos::new(at, VPos::Center))
}

/// About how wide a text is drawn.
pub fn width(text: &str) -> i32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a label")]
    let width = (text.width() as f64 * COLUMN) as i32;
    width
}

/// The text, or its beginning and an ellipsis where it is wider than `room`.
pub fn fitted(text: &str, room: i32) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    for character in text.chars() {
        if width(&kept) + width(character.encode_utf8(&mut [0; 4])) + width("…") > room {
            break;
        }
        kept.push(character);
    }
    kept.push('…');
    kept
}

/// A text as XML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
