//! `instances`.

use std::env;

use reqwest::Method;

use crate::arguments::Instances;
use crate::output::Columns;
use crate::prepared::{CommandError, Fields, Prepared};
use crate::settings::Settings;

const COLUMNS: Columns = &["id", "name", "status", "phone", "quality", "messagingLimit", "pausedUntil", "pauseReason"];
const ACCESS_TOKEN: &str = "WHATSAPP_ACCESS_TOKEN";
const APP_SECRET: &str = "WHATSAPP_APP_SECRET";

/// The call of a command.
pub fn prepare(command: &Instances, settings: &Settings) -> Result<Prepared, CommandError> {
    let customer = Prepared::customer;
    Ok(match command {
        Instances::List { page, of } => Prepared::read(&["instances"], of)
            .columns(COLUMNS)
            .parameter("limit", page.limit)
            .parameter("offset", page.offset),
        Instances::Get { id, of } => Prepared::read(&["instances", id], of),
        Instances::Create { name } => {
            customer(Method::POST, &["instances"]).body(Fields::default().with("name", Some(name.as_str())))
        }
        Instances::Connect { id, business_id, phone_number_id } => {
            customer(Method::POST, &["instances", id, "connect"]).body(number(business_id, phone_number_id)?)
        }
        Instances::Disconnect { id, reason } => customer(Method::POST, &["instances", id, "disconnect"])
            .body(Fields::default().with("reason", reason.as_deref())),
        Instances::Status { id, of } => {
            let id = settings.instance(id.as_ref(), "pass its id")?;
            Prepared::read(&["instances", &id, "status"], of)
        }
    })
}

/// A number with its secrets, which arguments would show to other users of the machine.
fn number(business_id: &str, phone_number_id: &str) -> Result<Fields, CommandError> {
    let missing = CommandError::NoSecret(ACCESS_TOKEN, "the access token that may use the number");
    let token = env::var(ACCESS_TOKEN).ok().filter(|token| !token.is_empty()).ok_or(missing)?;
    Ok(Fields::default()
        .with("method", Some("official"))
        .with("businessId", Some(business_id))
        .with("phoneNumberId", Some(phone_number_id))
        .with("accessToken", Some(token))
        .with("appSecret", env::var(APP_SECRET).ok().filter(|secret| !secret.is_empty())))
}
