//! WhatsApp's own ids and names, which come from outside and become parts of keys, URLs and log lines: their form is checked
//! where they enter.

/// Bytes of a message's id; WhatsApp's have some 60.
const MAX_MESSAGE_ID: usize = 256;
/// Digits of an id of the Graph API, such as a number's; they have some 16.
const MAX_GRAPH_ID: usize = 32;
/// Bytes of the name of a type of message.
const MAX_TYPE_NAME: usize = 64;

/// Whether a text can be WhatsApp's id of a message.
pub fn is_message_id(text: &str) -> bool {
    is_word(text, MAX_MESSAGE_ID)
}

/// Whether a text can be an id of the Graph API, such as a number's or a business account's. It has one form: zeros before it would
/// name the same number once more.
pub fn is_graph_id(text: &str) -> bool {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    (1..=MAX_GRAPH_ID).contains(&text.len()) && is_number
}

/// Whether a text can be the name of a type of message, known or not.
pub fn is_type_name(text: &str) -> bool {
    is_word(text, MAX_TYPE_NAME)
}

/// Whether a text can be WhatsApp's id of a group.
pub fn is_group_id(text: &str) -> bool {
    is_word(text, MAX_MESSAGE_ID)
}

fn is_word(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_bounded_in_length_and_characters() {
        let long = |digits: usize| "1".repeat(digits);
        assert!(is_graph_id("106540352242922") && is_graph_id(&long(32)));
        assert!(is_message_id("wamid.HBgNNTU=") && is_message_id(&long(256)));
        assert!(is_type_name("interactive") && is_type_name("system-2"));
        for text in ["", "1 2", "1/2\n", "١", &long(3_000)] {
            assert!(!is_graph_id(text) && !is_message_id(text) && !is_type_name(text), "{text}");
        }
        assert!(!is_graph_id("1a") && !is_graph_id("0106540352242922"));
    }
}
