//! The kinds of messages that the page prices.

use serde_json::{Value, json};
use tests::media_host::{Answer, MediaHost};
use uuid::Uuid;

/// Messages a second of a busy number: below the slots of one of 80 a second, so that none waits.
pub const BUSY: u64 = 50;
/// Messages a second that leave of batches: 60% of a number's 80.
const BATCH_RATE: u64 = 48;
/// The text of the tables: short, without an Idempotency-Key.
const TEXT: &str = "Your order has left the house.";
/// Characters of the reply, about a page of a support team's answers.
const REPLY_LENGTH: usize = 1_500;
/// As long as WhatsApp's ids of messages are.
const QUOTED: &str = "wamid.HBgNNTUxMTk5OTk5OTk5ORUCABEYEjQ5QjA4RTk4NkM2RDYzRTcxMgA=";

/// A kind of message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A short text.
    Text,
    /// A template with three parameters, metadata and an Idempotency-Key.
    Template,
    /// A long text that answers another message.
    Reply,
    /// An image on the customer's host, with a caption.
    Image,
    /// A template of a campaign, which waits in the bulk lane.
    Campaign,
    /// The same template in batches.
    Batch,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Text, Self::Template, Self::Reply, Self::Image, Self::Campaign, Self::Batch];

    /// What the page calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text of 30 characters",
            Self::Template => "template with three parameters, metadata and `Idempotency-Key`",
            Self::Reply => "reply of 1,500 characters",
            Self::Image => "image with a caption of 80 characters",
            Self::Campaign => "the template in a campaign of single requests, in the bulk lane",
            Self::Batch => "the template in a batch",
        }
    }

    /// Messages a second: a campaign comes faster than its number may send, so that its messages wait.
    pub const fn rate(self) -> u64 {
        match self {
            Self::Campaign => 6 * BUSY,
            Self::Batch => BATCH_RATE,
            _ => BUSY,
        }
    }

    /// The Idempotency-Key of a request.
    pub fn key(self) -> Option<String> {
        (self == Self::Template).then(|| Uuid::new_v4().to_string())
    }

    /// A request's body, without `instanceId` and `to`.
    pub fn body(self, host: &MediaHost) -> Value {
        let order = Uuid::new_v4();
        let text = |text: &str| json!({ "type": "text", "text": text });
        match self {
            Self::Text => json!({ "message": TEXT }),
            Self::Template | Self::Campaign | Self::Batch => json!({
                "template": { "name": "order_shipped", "language": "pt_BR", "components": [
                    { "type": "body", "parameters": [text("Maria Fernanda"), text("2026-118842"), text("28 de novembro")] }
                ] },
                "metadata": { "orderId": order.to_string(), "customerId": "cus_8f14e45fceea167a", "source": "checkout" },
            }),
            Self::Reply => json!({ "message": TEXT.repeat(REPLY_LENGTH / TEXT.len()), "quotedMessageId": QUOTED }),
            Self::Image => json!({
                "mediaUrl": host.url(&format!("/orders/2026/11/{order}/label.jpg?signature={}", order.simple())),
                "mediaType": "image",
                "caption": format!("{TEXT} Your label is in the picture, keep it until it has arrived."),
            }),
        }
    }
}

/// The host of the images.
pub async fn host() -> MediaHost {
    MediaHost::start(|_, _| Answer::Headers("200 OK\ncontent-type: image/jpeg\ncontent-length: 183000".to_owned()))
        .await
}
