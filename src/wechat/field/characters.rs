//! Kinds of characters, as far as WeChat's rules tell them apart.

/// A character after which a new line begins.
pub(super) fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Zero-width and text-direction characters: they would change what a reader sees without being seen.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200c}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}')
}

/// Emoji, their joiners and whatever else lies beyond the basic plane, except Chinese characters: rare ones occur
/// in names. WeChat removes emoji or shows □.
pub(super) fn is_emoji(c: char) -> bool {
    let beyond = u32::from(c) > 0xffff && !is_ideograph(c);
    beyond
        || matches!(c, '\u{200d}' | '\u{20e3}' | '\u{fe00}'..='\u{fe0f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}')
        || matches!(c, '⌚' | '⌛' | '⏩'..='⏬' | '⏰' | '⏳' | '☔' | '☕' | '♈'..='♓' | '♿' | '⚓' | '⚡' | '⚪' | '⚫')
        || matches!(
            c,
            '⚽' | '⚾'
                | '⛄'
                | '⛅'
                | '⛎'
                | '⛔'
                | '⛪'
                | '⛲'
                | '⛳'
                | '⛵'
                | '⛺'
                | '⛽'
                | '✅'
                | '✊'
                | '✋'
        )
        || matches!(c, '✨' | '❌' | '❎' | '❓'..='❕' | '❗' | '➕'..='➗' | '➰' | '➿' | '⬛' | '⬜' | '⭐' | '⭕')
}

/// A Chinese character.
pub(super) fn is_ideograph(c: char) -> bool {
    matches!(c, '〇' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Neither a letter nor a digit of any script.
pub(super) fn is_symbol(c: char) -> bool {
    !c.is_alphanumeric()
}

/// A currency symbol.
pub(super) fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢'..='¥' | '฿' | '₠'..='⃀' | '＄' | '￠' | '￡' | '￥' | '￦')
}
