//! The outcome of a POST, decided by what happened on the wire.

use std::time::Duration;

use serde::Deserialize;

use crate::whatsapp::graph_error::GraphError;

/// The outcome of an attempt to send a message.
#[derive(Debug)]
pub enum Outcome {
    /// WhatsApp accepted the message.
    Accepted {
        /// WhatsApp's id of it.
        provider_id: String,
    },
    /// WhatsApp holds the message for a quality assessment: not sent yet.
    Held {
        /// WhatsApp's id of it.
        provider_id: String,
    },
    /// WhatsApp refused the message with a Graph error, which is trusted: it was not sent.
    Rejected {
        /// The error.
        error: GraphError,
        /// How long WhatsApp asks us to wait.
        requested_wait: Option<Duration>,
    },
    /// No byte of the request was sent: DNS, connection or TLS failed.
    NotSent(String),
    /// No answer came in time. WhatsApp may have accepted the message.
    NoAnswer(String),
    /// Anything else. WhatsApp may have accepted the message.
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Response {
    Refused { error: GraphError },
    Accepted { messages: Vec<AcceptedMessage> },
}

#[derive(Deserialize)]
struct AcceptedMessage {
    id: String,
    message_status: Option<String>,
}

impl Outcome {
    /// Reads a response. A Graph error counts whatever the HTTP status is.
    pub fn from_response(status: u16, requested_wait: Option<Duration>, body: &[u8]) -> Self {
        let messages = match serde_json::from_slice(body) {
            Ok(Response::Refused { error }) => return Self::Rejected { error, requested_wait },
            Ok(Response::Accepted { messages }) if (200..300).contains(&status) => messages,
            _ => return Self::Unknown(format!("unreadable response with status {status}")),
        };
        match messages.into_iter().next() {
            Some(AcceptedMessage { id, message_status: Some(status) }) if status == "held_for_quality_assessment" => {
                Self::Held { provider_id: id }
            }
            Some(AcceptedMessage { id, .. }) => Self::Accepted { provider_id: id },
            None => Self::Unknown("response without a message id".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(status: u16, body: &str) -> Outcome {
        Outcome::from_response(status, None, body.as_bytes())
    }

    #[test]
    fn a_response_with_an_id_is_accepted_or_held() {
        let accepted = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+55","wa_id":"55"}],"messages":[{"id":"wamid.A"}]}"#;
        assert!(matches!(outcome(200, accepted), Outcome::Accepted { provider_id } if provider_id == "wamid.A"));
        let held = r#"{"messages":[{"id":"wamid.B","message_status":"held_for_quality_assessment"}]}"#;
        assert!(matches!(outcome(200, held), Outcome::Held { provider_id } if provider_id == "wamid.B"));
    }

    #[test]
    fn a_graph_error_is_a_refusal_whatever_the_http_status() {
        let body = r#"{"error":{"message":"(#131056) pair rate","type":"OAuthException","code":131056}}"#;
        for status in [200, 400, 500, 503] {
            let Outcome::Rejected { error, .. } = outcome(status, body) else { panic!("{status}") };
            assert_eq!(error.code, 131_056, "{status}");
        }
    }

    #[test]
    fn any_other_response_may_mean_that_the_message_was_accepted() {
        for (status, body) in [
            (200, ""),
            (200, "{}"),
            (200, r#"{"messages":[]}"#),
            (200, "<html>"),
            (500, "<html>Internal Server Error</html>"),
            (502, r#"{"messages":[{"id":"wamid.A"}]}"#),
            (404, r#"{"error":"not Graph's form"}"#),
        ] {
            assert!(matches!(outcome(status, body), Outcome::Unknown(_)), "{status} {body}");
        }
    }
}
