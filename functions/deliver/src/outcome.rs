//! What came of a POST, told by what happened on the wire.

use std::time::Duration;

use serde::Deserialize;
use shared::graph_error::GraphError;

/// The four outcomes, and the one that is not an outcome yet.
#[derive(Debug)]
pub enum Outcome {
    /// WhatsApp took it.
    Accepted {
        /// Its id there.
        provider_id: String,
    },
    /// WhatsApp took it but holds it for a quality check: not sent yet.
    Held {
        /// Its id there.
        provider_id: String,
    },
    /// WhatsApp refused it, in JSON. Its word is trusted: it was not sent.
    Rejected {
        /// Its reason.
        error: GraphError,
        /// How long it asks us to wait.
        asked: Option<Duration>,
    },
    /// No byte of the request left: DNS, connection or TLS failed.
    NotSent(String),
    /// Anything else. WhatsApp may have taken it.
    Unknown(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Refused { error: GraphError },
    Taken { messages: Vec<Taken> },
}

#[derive(Deserialize)]
struct Taken {
    id: String,
    message_status: Option<String>,
}

impl Outcome {
    /// What an answer says. The HTTP status decides nothing: WhatsApp's own code does.
    pub fn of_answer(status: u16, asked: Option<Duration>, body: &[u8]) -> Self {
        match serde_json::from_slice(body) {
            Ok(Answer::Refused { error }) => Self::Rejected { error, asked },
            Ok(Answer::Taken { messages }) if (200..300).contains(&status) => Self::of_taken(messages),
            _ => Self::Unknown(format!("an answer {status} that can't be read")),
        }
    }

    fn of_taken(messages: Vec<Taken>) -> Self {
        match messages.into_iter().next() {
            Some(Taken { id, message_status: Some(status) }) if status == "held_for_quality_assessment" => {
                Self::Held { provider_id: id }
            }
            Some(Taken { id, .. }) => Self::Accepted { provider_id: id },
            None => Self::Unknown("an answer without a message id".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Outcome {
        Outcome::of_answer(status, None, body.as_bytes())
    }

    #[test]
    fn an_answer_with_an_id_is_accepted_or_held() {
        let accepted = r#"{"messaging_product":"whatsapp","contacts":[{"input":"+55","wa_id":"55"}],"messages":[{"id":"wamid.A"}]}"#;
        assert!(matches!(of(200, accepted), Outcome::Accepted { provider_id } if provider_id == "wamid.A"));
        let held = r#"{"messages":[{"id":"wamid.B","message_status":"held_for_quality_assessment"}]}"#;
        assert!(matches!(of(200, held), Outcome::Held { provider_id } if provider_id == "wamid.B"));
    }

    #[test]
    fn a_graph_error_is_a_refusal_whatever_the_http_status() {
        let body = r#"{"error":{"message":"(#131056) pair rate","type":"OAuthException","code":131056}}"#;
        for status in [200, 400, 500, 503] {
            assert!(matches!(of(status, body), Outcome::Rejected { error, .. } if error.code == 131_056), "{status}");
        }
    }

    #[test]
    fn anything_else_may_have_been_taken() {
        for (status, body) in [
            (200, ""),
            (200, "{}"),
            (200, r#"{"messages":[]}"#),
            (200, "<html>"),
            (500, "<html>Internal Server Error</html>"),
            (502, r#"{"messages":[{"id":"wamid.A"}]}"#),
            (404, r#"{"error":"not Graph's form"}"#),
        ] {
            assert!(matches!(of(status, body), Outcome::Unknown(_)), "{status} {body}");
        }
    }
}
