//! Texts from outside, which are kept within bounds.

/// At most the first `max` characters of a text.
pub fn truncated(mut text: String, max: usize) -> String {
    if let Some((end, _)) = text.char_indices().nth(max) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(truncated("né".to_owned(), 2), "né");
        assert_eq!(truncated("née".to_owned(), 2), "né");
        assert_eq!(truncated(String::new(), 0), "");
    }
}
