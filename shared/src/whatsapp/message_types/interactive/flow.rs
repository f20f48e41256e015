//! `flow`: a button that opens a form of WhatsApp Flows.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::whatsapp::message_types::bounded::AnyText;
use crate::whatsapp::message_types::parts::{Body, Footer, Header};
use crate::whatsapp::message_types::rules::{Broken, Rules};

/// A message with a form. WhatsApp documents no limits of its texts but the body's and the footer's; 30 characters of
/// `flow_cta` are advice.
#[derive(Deserialize, ToSchema)]
#[schema(as = InteractiveFlow)]
pub struct Flow {
    /// What is above the text.
    header: Option<Header>,
    /// The text of the message.
    #[schema(inline)]
    body: Body<{ usize::MAX }>,
    /// What is below the text.
    footer: Option<Footer>,
    /// The form.
    action: Action,
}

/// The form of a message.
#[derive(Deserialize, ToSchema)]
#[schema(as = FlowButton)]
struct Action {
    /// Always `flow`.
    #[schema(inline)]
    name: Name,
    /// The form.
    parameters: Parameters,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowName)]
enum Name {
    Flow,
}

/// Which form it is, and how it is shown.
#[derive(Deserialize, ToSchema)]
#[schema(as = FlowParameters)]
struct Parameters {
    /// Always `3`.
    #[schema(inline)]
    flow_message_version: FlowVersion,
    /// WhatsApp's id of the form; `flow_id` or `flow_name`.
    #[schema(inline)]
    flow_id: Option<AnyText>,
    /// The name of the form.
    #[schema(inline)]
    flow_name: Option<AnyText>,
    /// What the button shows; WhatsApp advises at most 30 characters.
    #[schema(inline)]
    flow_cta: AnyText,
    /// Your own word, which the answer contains.
    #[schema(inline)]
    flow_token: Option<AnyText>,
    /// Whether the published form is shown, or its draft.
    #[schema(inline)]
    mode: Option<Mode>,
    /// What the button does: it shows a screen, or asks your endpoint.
    #[schema(inline)]
    flow_action: Option<FlowAction>,
    /// The screen that is shown first.
    flow_action_payload: Option<Payload>,
}

#[derive(Deserialize, ToSchema)]
enum FlowVersion {
    #[serde(rename = "3")]
    Three,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowMode)]
enum Mode {
    Draft,
    Published,
}

#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FlowAction {
    Navigate,
    DataExchange,
}

/// The first screen of a form.
#[derive(Deserialize, ToSchema)]
#[schema(as = FlowPayload)]
struct Payload {
    /// The name of the screen.
    #[schema(inline)]
    screen: AnyText,
    /// What the screen is given.
    #[schema(value_type = Option<HashMap<String, serde_json::Value>>)]
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
