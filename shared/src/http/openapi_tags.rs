//! The tags of the OpenAPI document: one for each part of the API, by the first segment of its paths.

/// A tag: the segment, the name, and what it is about.
type Tag = (&'static str, &'static str, &'static str);

/// The tags, in the order in which a reader meets them.
const TAGS: [Tag; 12] = [
    ("messages", "Messages", "Send messages, follow them and read what people write."),
    ("chats", "Chats", "Conversations: when a person last wrote, and until when everything may be sent to them."),
    ("media", "Media", "Files that you upload once and send by their id."),
    (
        "templates",
        "Templates",
        "Texts that WhatsApp approves, with parameters: what may be sent to people who have not written.",
    ),
    ("batches", "Batches", "One message to many people."),
    ("instances", "Instances", "The WhatsApp numbers of the account."),
    ("webhooks", "Webhooks", "Endpoints of yours that receive events, their log and their replays."),
    ("inbound", "Inbound URLs", "URLs that send messages without an API key."),
    ("statistics", "Statistics", "Messages by status, type and time."),
    ("listeners", "Listeners", "Live events without an endpoint, for the console and the command line."),
    ("account", "Account", "The account of the API key."),
    ("admin", "Operator", "What the operator of the deployment does, with the admin key: accounts, credits, keys."),
];

/// The name of the tag of a path.
pub fn of_path(path: &str) -> &'static str {
    let segment = match path.strip_prefix("/v1/") {
        Some(path) if path.starts_with("webhooks/inbound") => "inbound",
        Some(path) => path.split('/').next().unwrap_or_default(),
        None => "inbound", // an inbound URL
    };
    TAGS.iter().find(|tag| tag.0 == segment).map_or("Other", |tag| tag.1)
}

/// The names and descriptions of the tags.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    TAGS.into_iter().map(|(_, name, description)| (name, description))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_has_the_tag_of_its_part() {
        for (path, tag) in [
            ("/v1/messages/{messageId}/status", "Messages"),
            ("/v1/webhooks", "Webhooks"),
            ("/v1/webhooks/inbound", "Inbound URLs"),
            ("/webhook/{token}", "Inbound URLs"),
            ("/v1/admin/accounts", "Operator"),
        ] {
            assert_eq!(of_path(path), tag, "{path}");
        }
    }
}
