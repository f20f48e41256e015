//! The four examples of the API reference.

/// A text, an image, a document and a reply: the kind of each, and the request's body.
pub const EXAMPLES: [(&str, &str); 4] = [
    (
        "text",
        r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "message": "Hello! How can I help you today?"
        }"#,
    ),
    (
        "image",
        r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "mediaUrl": "https://example.com/image.jpg",
            "mediaType": "image",
            "caption": "Check out our new product!"
        }"#,
    ),
    (
        "document",
        r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "mediaUrl": "https://example.com/invoice.pdf",
            "mediaType": "document",
            "filename": "Invoice-2026-001.pdf",
            "caption": "Here is your invoice"
        }"#,
    ),
    (
        "reply",
        r#"{
            "instanceId": "inst_abc123",
            "to": "5511999999999",
            "message": "Thanks for your question! Here is the answer...",
            "quotedMessageId": "msg_original123"
        }"#,
    ),
];
