//! The demo's webhook endpoint: receives events and verifies both of their signatures, as a customer's endpoint does.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use shared::clock::{self, Timestamp};
use shared::webhook::record::{new_secret, signing_secret};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A received webhook.
#[derive(Clone, Debug)]
pub struct ReceivedWebhook {
    pub event: String,
    pub message_id: String,
    /// Why the message failed, if it did.
    pub error: Option<String>,
    pub at: Timestamp,
    /// Whether both signatures are valid.
    pub verified: bool,
}

/// A webhook endpoint on a free port.
pub struct Receiver {
    pub url: String,
    /// The secret for signing events.
    pub secret: SecretString,
    pub server: JoinHandle<()>,
}

struct Inbox {
    secret: SecretString,
    standard: standardwebhooks::Webhook,
    received: mpsc::UnboundedSender<ReceivedWebhook>,
}

impl Receiver {
    /// Starts to listen. Received webhooks come out of the channel.
    pub async fn start() -> std::io::Result<(Self, mpsc::UnboundedReceiver<ReceivedWebhook>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/webhook", listener.local_addr()?);
        let secret = new_secret();
        let signing_secret = signing_secret(&secret);
        let standard = standardwebhooks::Webhook::new(&signing_secret).map_err(std::io::Error::other)?;
        let (sender, received) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox { secret: secret.clone(), standard, received: sender });
        let router = Router::new().route("/webhook", post(receive)).with_state(inbox);
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok((Self { url, secret, server }, received))
    }
}

async fn receive(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let verified = inbox.standard.verify(&body, &headers).is_ok() && inbox.verifies_envia_ai(&headers, &body);
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (event, message_id) = (text(&json["event"]), text(&json["data"]["messageId"]));
    let error = json["data"]["error"]["code"].as_str().map(str::to_owned);
    drop(inbox.received.send(ReceivedWebhook { event, message_id, error, at: clock::now(), verified }));
    if verified { StatusCode::OK } else { StatusCode::UNAUTHORIZED }
}

impl Inbox {
    fn verifies_envia_ai(&self, headers: &HeaderMap, body: &[u8]) -> bool {
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, self.secret.expose_secret().as_bytes());
        let header = headers.get("x-enviaai-signature").and_then(|value| value.to_str().ok());
        let signature =
            header.and_then(|text| text.strip_prefix("sha256=")).and_then(|digits| hex::decode(digits).ok());
        signature.is_some_and(|signature| aws_lc_rs::hmac::verify(&key, body, &signature).is_ok())
    }
}
