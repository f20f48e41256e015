//! The four examples of the page, as they stand there.

/// One of them.
pub struct Example {
    /// What it shows.
    pub name: &'static str,
    /// The request's body.
    pub body: &'static str,
}

/// Text, image, document, reply.
pub const EXAMPLES: [Example; 4] = [
    Example {
        name: "text",
        body: r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "message": "Hello! How can I help you today?"
        }"#,
    },
    Example {
        name: "image",
        body: r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "mediaUrl": "https://example.com/image.jpg",
            "mediaType": "image",
            "caption": "Check out our new product!"
        }"#,
    },
    Example {
        name: "document",
        body: r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "mediaUrl": "https://example.com/invoice.pdf",
            "mediaType": "document",
            "filename": "Invoice-2026-001.pdf",
            "caption": "Here is your invoice"
        }"#,
    },
    Example {
        name: "reply",
        body: r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "message": "Thanks for your question! Here is the answer...",
            "quotedMessageId": "msg_original123"
        }"#,
    },
];
