//! `flow`: a button that opens a form of WhatsApp Flows.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::whatsapp::message_types::bounded::AnyText;
use crate::whatsapp::message_types::parts::{Body, Footer, Header};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// A message with a form. WhatsApp documents no limits of its texts but the body's and the footer's; 30 characters of
/// `flow_cta` are advice.
#[derive(Deserialize)]
pub struct Flow {
    header: Option<Header>,
    body: Body<{ usize::MAX }>,
    footer: Option<Footer>,
    action: Action,
}

#[derive(Deserialize)]
struct Action {
    name: Name,
    parameters: Parameters,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    Flow,
}

#[derive(Deserialize)]
struct Parameters {
    flow_message_version: FlowVersion,
    flow_id: Option<AnyText>,
    flow_name: Option<AnyText>,
    flow_cta: AnyText,
    flow_token: Option<AnyText>,
    mode: Option<Mode>,
    flow_action: Option<FlowAction>,
    flow_action_payload: Option<Payload>,
}

#[derive(Deserialize)]
enum FlowVersion {
    #[serde(rename = "3")]
    Three,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Draft,
    Published,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FlowAction {
    Navigate,
    DataExchange,
}

#[derive(Deserialize)]
struct Payload {
    screen: AnyText,
    data: Option<Map<String, Value>>,
}

impl Rules for Flow {
    fn check(&self) -> Result<(), Broken> {
        self.header.as_ref().map_or(Ok(()), |header| header.check("header"))?;
        let Parameters { flow_id, flow_name, .. } = &self.action.parameters;
        match (flow_id, flow_name) {
            (None, None) => Err(Broken::new("action.parameters.flow_id", "is required, or `flow_name`.")),
            (Some(_), Some(_)) => Err(Broken::new("action.parameters.flow_name", "cannot be combined with `flow_id`.")),
            _ => Ok(()),
        }
    }
}
