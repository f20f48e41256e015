//! A message that a person writes: the request, checked, and WhatsApp's object in the callback.

use serde_json::{Map, Value, json};
use shared::provider_ids::{is_graph_id, is_group_id, is_message_id};

use super::control_error::ControlError;
use super::inbound_types::{self, Content};
use super::profile::Profile;

/// The most bytes of a message without its file, as JSON: more than the longest text has.
const MAX_MESSAGE: usize = 512 * 1024;
/// The fields of every message.
const FIELDS: [&str; 8] = ["from", "to", "type", "timestamp", "context", "referral", "errors", "group_id"];
/// The number that callbacks show as the business's.
pub const DISPLAY_PHONE_NUMBER: &str = "551140000000";

/// A message that a person writes.
#[derive(Debug)]
pub struct InboundMessage {
    /// The id of the number that it is written to.
    pub number_id: String,
    /// Its content.
    pub content: Content,
    /// When it was written, in seconds since the epoch; now if none is given.
    pub timestamp: Option<i64>,
    context: Option<Value>,
    referral: Option<Value>,
    errors: Option<Value>,
    group_id: Option<String>,
}

impl InboundMessage {
    /// Reads a request: WhatsApp's own object of a message, and `to`, the id of the number that it is written to.
    pub fn read(mut request: Map<String, Value>) -> Result<Self, ControlError> {
        let number_id = number_id(request.get("to"))?;
        let kind = match request.get("type") {
            Some(Value::String(kind)) => kind.clone(),
            _ => return Err(ControlError::invalid("type", "is required: the type of the message, such as `text`")),
        };
        let content = Content::read(&kind, request.remove(&kind))?;
        let unknown = request.keys().find(|name| !FIELDS.contains(&name.as_str()));
        if let Some(unknown) = unknown {
            return Err(ControlError::invalid(unknown, format!("is not a field of a message of type `{kind}`")));
        }
        let message = Self {
            number_id,
            timestamp: timestamp(request.get("timestamp"))?,
            context: request.remove("context").map(context).transpose()?,
            referral: request.remove("referral").map(referral).transpose()?,
            errors: request.remove("errors").map(errors).transpose()?,
            group_id: request.remove("group_id").map(group_id).transpose()?,
            content,
        };
        if message.size() > MAX_MESSAGE {
            return Err(ControlError::invalid(kind, "is too large: a message has at most 512 KB of JSON"));
        }
        Ok(message)
    }

    fn size(&self) -> usize {
        let parts = [Some(&self.content.object), self.context.as_ref(), self.referral.as_ref(), self.errors.as_ref()];
        parts.into_iter().flatten().map(|part| part.to_string().len()).sum()
    }

    /// The message of an own one that it edits or revokes, which must exist.
    pub fn original(&self) -> Option<&str> {
        self.content.object["original_message_id"].as_str()
    }

    /// Whether it opens the service window (docs/adr/0039).
    pub fn opens_window(&self) -> bool {
        self.group_id.is_none() && !matches!(self.content.kind.as_str(), "reaction" | "edit" | "revoke")
    }

    /// The message in a callback. `at` is in seconds since the epoch; a file has its id in `content` by now.
    pub fn into_callback(self, sender: &Profile, wamid: &str, at: i64) -> Value {
        let mut message = sender.sender();
        let mut add = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                message.insert(name.to_owned(), value);
            }
        };
        add("id", Some(json!(wamid)));
        add("timestamp", Some(json!(at.to_string())));
        add("type", Some(json!(self.content.kind)));
        add("context", self.context.map(|context| complete_context(context, sender, &self.number_id)));
        add("referral", self.referral);
        let is_unsupported = self.content.kind == "unsupported";
        let default_errors = is_unsupported.then(|| inbound_types::unsupported_errors(self.group_id.is_some()));
        add("errors", self.errors.or(default_errors));
        add("group_id", self.group_id.map(Value::from));
        add(&self.content.kind, Some(self.content.object));
        message.into()
    }
}

/// Who wrote the message that is answered, which a request need not say.
fn complete_context(mut context: Value, sender: &Profile, number_id: &str) -> Value {
    if let Some(id) = context["id"].as_str()
        && context.get("from").is_none()
    {
        let own = sender.wrote(number_id, id).then(|| sender.shown_wa_id().unwrap_or(&sender.user_id).to_owned());
        context["from"] = json!(own.unwrap_or_else(|| DISPLAY_PHONE_NUMBER.to_owned()));
    }
    context
}

/// The id of a number, from a field `to`.
pub fn number_id(to: Option<&Value>) -> Result<String, ControlError> {
    let id = to.and_then(Value::as_str).filter(|id| is_graph_id(id));
    id.map(str::to_owned).ok_or_else(|| ControlError::invalid("to", "is required: the `phoneNumberId` of the number"))
}

fn timestamp(timestamp: Option<&Value>) -> Result<Option<i64>, ControlError> {
    let Some(given) = timestamp else { return Ok(None) };
    let seconds = given.as_i64().filter(|seconds| (0..=9_999_999_999).contains(seconds));
    let seconds = seconds.ok_or_else(|| ControlError::invalid("timestamp", "must be seconds since the epoch"))?;
    Ok(Some(seconds))
}

/// A reply, a forward, or a question about a product (whatsapp-cloud-api-2026, section 4).
fn context(context: Value) -> Result<Value, ControlError> {
    let is_id = |value: &Value| value.as_str().is_some_and(is_message_id);
    let fields = context.as_object().ok_or_else(|| ControlError::invalid("context", "must be an object"))?;
    for (name, value) in fields {
        let is_valid = match name.as_str() {
            "id" => is_id(value),
            "from" => value.is_string(),
            "forwarded" | "frequently_forwarded" => *value == true,
            "referred_product" => value["catalog_id"].is_string() && value["product_retailer_id"].is_string(),
            _ => false,
        };
        if !is_valid {
            return Err(ControlError::invalid(
                format!("context.{name}"),
                "is not what WhatsApp sends: `id`, `forwarded`, `frequently_forwarded` or `referred_product`",
            ));
        }
    }
    let is_forward = fields.contains_key("forwarded") || fields.contains_key("frequently_forwarded");
    match (is_forward, fields.contains_key("id")) {
        (true, true) => Err(ControlError::invalid("context.id", "cannot be given for a message that is forwarded")),
        (false, false) => Err(ControlError::invalid("context.id", "is required for a reply")),
        _ => Ok(context),
    }
}

fn referral(referral: Value) -> Result<Value, ControlError> {
    let is_ad = referral["source_type"].is_string() && referral["source_url"].is_string();
    if is_ad {
        Ok(referral)
    } else {
        Err(ControlError::invalid("referral", "must have `source_url` and `source_type`"))
    }
}

fn errors(errors: Value) -> Result<Value, ControlError> {
    let is_coded = |error: &Value| error["code"].is_i64();
    let is_valid = errors.as_array().is_some_and(|list| !list.is_empty() && list.iter().all(is_coded));
    if is_valid { Ok(errors) } else { Err(ControlError::invalid("errors", "must be a list of errors with a `code`")) }
}

fn group_id(id: Value) -> Result<String, ControlError> {
    let is_valid = id.as_str().is_some_and(is_group_id);
    id.as_str()
        .filter(|_| is_valid)
        .map(str::to_owned)
        .ok_or_else(|| ControlError::invalid("group_id", "must be an id"))
}
