//! The customer's webhook: takes events and verifies both of their signatures as a customer would.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use bytes::Bytes;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use shared::clock::{self, Timestamp};
use shared::webhook;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// A webhook that came in.
#[derive(Clone, Debug)]
pub struct Told {
    /// The event's name.
    pub event: String,
    /// The message that it is about.
    pub message_id: String,
    /// When it came in.
    pub at: Timestamp,
    /// Whether both signatures were right.
    pub verified: bool,
}

/// A webhook's receiver on a free port.
pub struct Receiver {
    url: String,
    secret: SecretString,
    server: JoinHandle<()>,
}

struct Inbox {
    secret: SecretString,
    standard: standardwebhooks::Webhook,
    told: mpsc::UnboundedSender<Told>,
}

impl Receiver {
    /// Listens, and hands on what comes in.
    pub async fn start() -> std::io::Result<(Self, mpsc::UnboundedReceiver<Told>)> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/webhook", listener.local_addr()?);
        let secret = webhook::new_secret();
        let signing_secret = webhook::signing_secret(&secret);
        let standard = standardwebhooks::Webhook::new(&signing_secret).map_err(std::io::Error::other)?;
        let (sender, told) = mpsc::unbounded_channel();
        let inbox = Arc::new(Inbox { secret: secret.clone(), standard, told: sender });
        let router = Router::new().route("/webhook", post(take)).with_state(inbox);
        let server = tokio::spawn(async move { drop(axum::serve(listener, router).await) });
        Ok((Self { url, secret, server }, told))
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The secret that its events are to be signed with.
    pub const fn secret(&self) -> &SecretString {
        &self.secret
    }

    /// Listens no longer.
    pub fn stop(&self) {
        self.server.abort();
    }
}

async fn take(State(inbox): State<Arc<Inbox>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let verified = inbox.standard.verify(&body, &headers).is_ok() && inbox.verifies_envia_ai(&headers, &body);
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (event, message_id) = (text(&json["event"]), text(&json["data"]["messageId"]));
    drop(inbox.told.send(Told { event, message_id, at: clock::now(), verified }));
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
