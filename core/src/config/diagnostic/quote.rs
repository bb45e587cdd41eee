//! How a person's text is shown back to them.

/// The most characters of a text that a message repeats.
const MAX_SHOWN: usize = 160;

/// `text` in back-ticks: what a terminal or a log could take for something else is escaped, and
/// long texts are cut.
pub(crate) fn quote(text: &str) -> String {
    let mut shown = String::from("`");
    for character in text.chars().take(MAX_SHOWN) {
        if character.is_ascii_graphic() || character == ' ' || character.is_alphanumeric() {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    if text.chars().nth(MAX_SHOWN).is_some() {
        shown.push('…');
    }
    shown.push('`');
    shown
}
