//! `reaction`: an emoji on a message, or its removal.

use crate::http::ApiError;
use crate::message::Content;

/// The most characters of an emoji: those of two people with skin tones have ten.
const MAX_CHARACTERS: usize = 32;

/// A reaction with an emoji, or with none to remove it. Which symbols are emoji changes every year: only what is certainly
/// none is refused.
pub fn parse_reaction(emoji: String) -> Result<Content, ApiError> {
    let is_no_emoji = |emoji: &str| {
        emoji.is_ascii() || emoji.chars().any(|symbol| symbol.is_ascii_alphabetic() || symbol.is_whitespace())
    };
    if emoji.chars().count() > MAX_CHARACTERS || (!emoji.is_empty() && is_no_emoji(&emoji)) {
        let message = "`reaction.emoji` must be one emoji, or empty to remove the reaction.";
        return Err(ApiError::invalid("reaction.emoji", message));
    }
    Ok(Content::Reaction { emoji })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_emoji_or_nothing_is_a_reaction_and_words_are_not() {
        for emoji in ["", "👍", "❤️", "👩🏽‍❤️‍💋‍👨🏿", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🇧🇷", "1️⃣", "ℹ️", "Ⓜ️"]
        {
            assert!(parse_reaction(emoji.to_owned()).is_ok(), "{emoji}");
        }
        for no_emoji in [":-)", "ok", "👍 ok", " ", "1", &"👍".repeat(33)] {
            let error = parse_reaction(no_emoji.to_owned()).expect_err(no_emoji);
            assert_eq!(error.field.as_deref(), Some("reaction.emoji"), "{no_emoji}");
        }
    }
}
