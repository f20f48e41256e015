//! JSON with a lone surrogate in a string: a name or a text that was cut in the middle of an emoji.
//!
//! JavaScript accepts it, `serde_json` does not, and one such name must not lose a whole callback.

/// The replacement character, escaped.
const REPLACEMENT: &str = "\\ufffd";
/// The length of an escaped UTF-16 unit.
const UNIT: usize = REPLACEMENT.len();

/// The same JSON with the replacement character for each lone surrogate.
pub fn replace(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(place) = rest.find('\\') {
        let (before, escape) = rest.split_at(place);
        let (kept, length) = match (unit(escape), escape.get(UNIT..).and_then(unit)) {
            (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (&escape[..2 * UNIT], 2 * UNIT),
            (Some(0xd800..=0xdfff), _) => (REPLACEMENT, UNIT),
            // Together with the escaped character, so that the second of two backslashes starts no escape.
            _ => {
                let length = escape.chars().take(2).map(char::len_utf8).sum();
                (&escape[..length], length)
            }
        };
        text.push_str(before);
        text.push_str(kept);
        rest = &escape[length..];
    }
    text + rest
}

/// The UTF-16 unit of an escape at the beginning of a text.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lone_surrogates_are_replaced_and_everything_else_is_kept() {
        for (given, expected) in [
            (r#"{"a":"\ud83d"}"#, r#"{"a":"\ufffd"}"#),
            (r#""\uDE00\uD83D""#, r#""\ufffd\ufffd""#),
            (r#""\ud83d\ud83d\ude00\ude00""#, r#""\ufffd\ud83d\ude00\ufffd""#),
            (r#""\ud83d\n\ud83dx\ud83d\u0041""#, r#""\ufffd\n\ufffdx\ufffd\u0041""#),
            (r#""\\ud83d \\\ud83d""#, r#""\\ud83d \\\ufffd""#),
            (r#""\ud83d\ude00 😀 \u00e9\/""#, r#""\ud83d\ude00 😀 \u00e9\/""#),
            ("\"\\", "\"\\"),
            ("\"\\ud8", "\"\\ud8"),
            ("\"\\é\\u😀😀", "\"\\é\\u😀😀"),
            ("", ""),
        ] {
            assert_eq!(replace(given), expected, "{given}");
        }
    }
}
