//! `POST /v1/instances/{id}/connect`: number checked with WhatsApp -> callbacks subscribed -> number bound -> connected.

use secrecy::SecretString;
use serde::Deserialize;
use shared::account_key::ItemKey;
use shared::api_error::{ApiError, ErrorCode};
use shared::change::Change;
use shared::clock;
use shared::conditional_write::Transacted;
use shared::instance::{Connection, Instance, Number, NumberOwner};
use shared::request_body::{self, required};
use utoipa::ToSchema;

use super::{connection, not_found, unavailable};
use crate::answer::Answer;
use crate::router::Manager;
use crate::whatsapp::Profile;

/// Bytes of a token; Meta's have some hundred.
const MAX_TOKEN: usize = 4096;
/// Digits of an id of Meta's.
const MAX_ID: usize = 32;

/// The body that is taken.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = ConnectBody)]
pub struct Fields {
    #[schema(required = true, value_type = String)]
    method: Option<String>,
    #[schema(required = true, value_type = String)]
    business_id: Option<String>,
    #[schema(required = true, value_type = String)]
    phone_number_id: Option<String>,
    #[schema(required = true, value_type = String)]
    access_token: Option<String>,
    app_secret: Option<String>,
}

/// What it takes to connect.
struct Credentials {
    business_id: String,
    number_id: String,
    access_token: SecretString,
    app_secret: Option<SecretString>,
}

/// Connects an instance to a number.
pub async fn connect(manager: &Manager, instance: Instance, body: &[u8]) -> Result<Answer, ApiError> {
    let credentials = Credentials::parse(body)?;
    if instance.status == Connection::Connected {
        return Err(already_connected());
    }
    let whatsapp = &manager.whatsapp;
    let profile = whatsapp.number(&credentials.number_id, &credentials.access_token).await?;
    whatsapp.subscribe(&credentials.business_id, &credentials.access_token).await?;
    bind(manager, &instance, &credentials, profile).await?;
    tracing::info!(instance_id = %instance.id, "instance.connected");
    let standing = manager.books.accounts.instance(&instance.account_id, &instance.id).await.map_err(unavailable)?;
    connection::status(&standing.ok_or_else(not_found)?)
}

impl Credentials {
    fn parse(body: &[u8]) -> Result<Self, ApiError> {
        let fields: Fields = request_body::read(body)?;
        match required(fields.method, "method", "official")?.as_str() {
            "official" => {}
            "qrcode" => {
                let message = "qrcode needs a phone session that runs all the time, which this service does not have; use official";
                return Err(ApiError::invalid("method", message));
            }
            _ => return Err(ApiError::invalid("method", "must be official")),
        }
        let token = required(fields.access_token, "accessToken", "the token of the WhatsApp business account")?;
        if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiError::invalid("accessToken", "must be a token as Meta shows it"));
        }
        let app_secret = fields.app_secret.map(|secret| {
            let right = (16..=256).contains(&secret.len());
            if right {
                Ok(secret.into())
            } else {
                Err(ApiError::invalid("appSecret", "must have 16 to 256 characters"))
            }
        });
        Ok(Self {
            business_id: id(fields.business_id, "businessId")?,
            number_id: id(fields.phone_number_id, "phoneNumberId")?,
            access_token: token.into(),
            app_secret: app_secret.transpose()?,
        })
    }
}

/// An id of Meta's: digits, since it becomes a part of a path.
fn id(text: Option<String>, field: &str) -> Result<String, ApiError> {
    let text = required(text, field, "its id as Meta shows it")?;
    if text.is_empty() || text.len() > MAX_ID || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ApiError::invalid(field, "must be digits, as Meta shows it"));
    }
    Ok(text)
}

/// Binds the number to the instance and connects it, both or neither.
async fn bind(
    manager: &Manager,
    instance: &Instance,
    credentials: &Credentials,
    profile: Profile,
) -> Result<(), ApiError> {
    let (accounts, sealer) = (&manager.books.accounts, &manager.sealer);
    let place = Instance::token_place(&instance.account_id, &instance.id);
    let number = Number {
        id: credentials.number_id.clone(),
        business_id: credentials.business_id.clone(),
        access_token: sealer.seal(&credentials.access_token, &place),
        rate: profile.rate,
        phone: profile.phone,
        profile_name: profile.name,
    };
    let mut owned = Change::new()
        .set("accountId", &instance.account_id)
        .set("instanceId", &instance.id)
        .when_absent_or_equal("instanceId", &instance.id);
    owned = match &credentials.app_secret {
        Some(secret) => owned.set("appSecret", sealer.seal(secret, &NumberOwner::app_secret_place(&number.id))),
        None => owned.remove("appSecret"),
    };
    let connected = Change::new()
        .set("status", Connection::Connected)
        .set("connectedAt", clock::now())
        .set("number", &number)
        .remove("disconnectReason")
        .remove("holdUntil")
        .remove("holdCode")
        .when_equal("status", Connection::Disconnected);
    let mut writes = vec![
        accounts.change_in_transaction(ItemKey::number(&number.id), &owned),
        accounts.change_in_transaction(ItemKey::instance(&instance.account_id, &instance.id), &connected),
    ];
    // One whose token died still holds the number that it had.
    let before = instance.number.as_ref().filter(|before| before.id != number.id);
    writes.extend(before.map(|before| accounts.delete_in_transaction(ItemKey::number(&before.id))));
    match accounts.transact(writes).await.map_err(ApiError::internal)? {
        Transacted::Done => Ok(()),
        Transacted::Refused(0, _) => Err(ApiError::field(
            ErrorCode::AlreadyConnected,
            "phoneNumberId",
            "this number is connected to another instance; disconnect it there first",
        )),
        Transacted::Refused(_, None) => Err(not_found()),
        Transacted::Refused(..) => Err(already_connected()),
    }
}

fn already_connected() -> ApiError {
    ApiError::new(ErrorCode::AlreadyConnected, "this instance is connected already; disconnect it first")
}
