//! The outcome of a POST, decided by what happened on the wire.

use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::alias::Alias;
use crate::whatsapp::callback_contacts::aliases_in;
use crate::whatsapp::graph_error::GraphError;
use crate::whatsapp::raw_json::{field, for_each, parse};

/// The outcome of an attempt to send a message.
#[derive(Debug)]
pub enum Outcome {
    /// WhatsApp accepted the message.
    Accepted {
        /// WhatsApp's id of it.
        provider_id: String,
        /// What WhatsApp calls the recipient.
        recipient: Vec<Alias>,
    },
    /// WhatsApp holds the message, such as for a quality assessment: not sent yet.
    Held {
        /// WhatsApp's id of it.
        provider_id: String,
        /// What WhatsApp calls the recipient.
        recipient: Vec<Alias>,
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

/// What WhatsApp calls a message that it holds (whatsapp-cloud-api-2026, sections 0 and 7).
const HELD: [&str; 2] = ["held_for_quality_assessment", "paused"];

#[derive(Deserialize)]
struct AcceptedMessage {
    id: String,
    message_status: Option<String>,
}

impl Outcome {
    /// Reads a response. A Graph error counts whatever the HTTP status is.
    pub fn from_response(status: u16, requested_wait: Option<Duration>, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let response: Option<&RawValue> = serde_json::from_str(&text).ok();
        if let Some(error) = response.and_then(GraphError::of_response) {
            return Self::Rejected { error, requested_wait };
        }
        let messages = response.and_then(|response| field(response, "messages"));
        let messages = messages.and_then(parse::<Vec<AcceptedMessage>>).filter(|_| (200..300).contains(&status));
        let Some(messages) = messages else {
            return Self::Unknown(format!("unreadable response with status {status}"));
        };
        let recipient = response.map(recipient).unwrap_or_default();
        match messages.into_iter().next() {
            Some(AcceptedMessage { id, message_status: Some(status) }) if HELD.contains(&status.as_str()) => {
                Self::Held { provider_id: id, recipient }
            }
            Some(AcceptedMessage { id, .. }) => Self::Accepted { provider_id: id, recipient },
            None => Self::Unknown("response without a message id".to_owned()),
        }
    }
}

/// The aliases in a response's `contacts`, which has one entry, since a message has one recipient.
fn recipient(response: &RawValue) -> Vec<Alias> {
    let mut contacts = Vec::new();
    if let Some(list) = field(response, "contacts") {
        for_each(list, &mut |contact| contacts.push(contact));
    }
    match contacts[..] {
        [contact] => aliases_in(contact, &["wa_id", "user_id"]).collect(),
        _ => Vec::new(),
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
        assert!(matches!(outcome(200, accepted), Outcome::Accepted { provider_id, .. } if provider_id == "wamid.A"));
        let with = |status: &str| format!(r#"{{"messages":[{{"id":"wamid.B","message_status":"{status}"}}]}}"#);
        for held in ["held_for_quality_assessment", "paused"] {
            assert!(matches!(outcome(200, &with(held)), Outcome::Held { provider_id, .. } if provider_id == "wamid.B"));
        }
        for accepted in ["accepted", "a_new_word"] {
            assert!(matches!(outcome(200, &with(accepted)), Outcome::Accepted { .. }), "{accepted}");
        }
    }

    #[test]
    fn a_response_names_the_recipient() {
        let names = |contacts: &str| -> Vec<String> {
            let outcome = outcome(200, &format!(r#"{{"contacts":{contacts},"messages":[{{"id":"wamid.A"}}]}}"#));
            let Outcome::Accepted { recipient, .. } = outcome else { panic!("{contacts}") };
            recipient.iter().map(ToString::to_string).collect()
        };
        assert_eq!(names(r#"[{"input":"+5531987650001","wa_id":"553187650001"}]"#), ["553187650001"]);
        assert_eq!(names(r#"[{"input":"BR.1","user_id":"BR.1"}]"#), ["BR.1"]);
        for odd in ["null", "{}", "[]", "[5]", r#"[{"wa_id":5}]"#, r#"[{"wa_id":"1234567"},{"wa_id":"1234568"}]"#] {
            assert!(names(odd).is_empty(), "{odd}");
        }
    }

    #[test]
    fn a_graph_error_is_a_refusal_whatever_the_http_status() {
        let body = r#"{"error":{"message":"(#131056) pair rate","type":"OAuthException","code":131056}}"#;
        for status in [200, 400, 500, 503] {
            let Outcome::Rejected { error, .. } = outcome(status, body) else { panic!("{status}") };
            assert_eq!(error.code, 131_056, "{status}");
        }
        let odd = r#"{"error":{"message":"expired","code":"190","error_subcode":452,"error_data":"{\"a\":0}"}}"#;
        assert!(matches!(outcome(401, odd), Outcome::Rejected { error, .. } if error.code == 190));
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
