//! `POST /v1/instances/{instanceId}/connect`: number checked with WhatsApp -> callbacks subscribed -> number bound ->
//! connected.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use shared::account::{ConcurrencyLimit, Operation};
use shared::aws::TableError;
use shared::aws::conditional_write::until_applied;
use shared::http::request_body::required;
use shared::ids::RequestId;
use shared::instance::{Connect, ConnectionStatus, Instance, Number};
use shared::provider_ids::is_graph_id;
use shared::whatsapp::{AppSecret, ErrorMeaning, ErrorScope, ManagementError, NumberProfile, Reaction};

use crate::instances::status::{self, InstanceStatusResponse};
use crate::lookup;
use crate::prelude::*;

shared::words! {
    /// How an instance is connected.
    ConnectMethod = ["official"];
}

/// The most bytes of an access token; Meta's have some hundred.
const MAX_TOKEN: usize = 4096;
/// The most bytes of an app secret.
const MAX_APP_SECRET: usize = 256;
/// The connects that an account may have in progress: each calls WhatsApp twice, and occupies this function meanwhile, which all
/// accounts share. The lease is longer than the function's timeout.
const RUNNING_CONNECTS: ConcurrencyLimit =
    ConcurrencyLimit { kind: "connects", max: 4, lease: Duration::from_secs(20) };
/// When a client should retry after WhatsApp did not answer, in seconds.
const RETRY_AFTER: u32 = 5;

/// A WhatsApp number and its credentials.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConnectInstanceRequest {
    /// Always `official`: WhatsApp's Cloud API.
    #[schema(required = true, value_type = ConnectMethod)]
    method: Option<String>,
    /// WhatsApp's id of the business account, digits only.
    #[schema(required = true, value_type = String, pattern = "^[0-9]{1,32}$")]
    business_id: Option<String>,
    /// WhatsApp's id of the number, digits only; not the number itself.
    #[schema(required = true, value_type = String, pattern = "^[0-9]{1,32}$")]
    phone_number_id: Option<String>,
    /// A token of a system user with whatsapp_business_management and whatsapp_business_messaging. It is stored encrypted
    /// and never returned.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 4096)]
    access_token: Option<String>,
    /// The secret of the Meta app that the token belongs to, if that is not the deployment's. 16 to 256 characters; a
    /// comma separates two.
    #[schema(min_length = 16, max_length = 256)]
    app_secret: Option<String>,
}

/// Valid credentials.
struct Credentials {
    business_id: String,
    number_id: String,
    access_token: SecretString,
    app_secret: Option<SecretString>,
}

pub const CONNECT: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/instances/{instanceId}/connect", customer!(InstancesWrite, connect)),
    id: "connectInstance",
    summary: "Connect an instance to its WhatsApp number",
    describe: |operation| {
        let body = json!({
            "method": "official", "businessId": "102290129340398", "phoneNumberId": "106540352242922",
            "accessToken": "EAAG…",
        });
        operation
            .description(
                "Checks the number and its limits with WhatsApp, and subscribes to the callbacks of its business account. \
                 Ends a pause of the instance.",
            )
            .body::<ConnectInstanceRequest>(true, &[("official", body)])
            .answers_data::<InstanceStatusResponse<'_>>(200, InstanceStatusResponse::example())
            .errors(&[ErrorCode::InstanceNotFound, ErrorCode::AlreadyConnected])
    },
};

async fn connect(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let instance = lookup::instance(state, caller, request).await?;
    let credentials = Credentials::parse(request.body()?)?;
    if instance.status == ConnectionStatus::Connected {
        return Err(already_connected());
    }
    let id = RequestId::generate();
    let operation = Operation { account: caller.account(), subject: id.as_str(), id: id.as_str() };
    let checked = RUNNING_CONNECTS.during(&state.accounts, operation, check_number(state, &credentials));
    let profile = checked.await.map_err(unavailable)?.unwrap_or_else(|_| Err(too_many_connects()))?;
    let limits = profile.limits.clone();
    let number = new_number(state, &instance, &credentials, profile);
    let secrets = state.secrets.get();
    let app_secret = credentials.app_secret.as_ref().map(|secret| (secret, &secrets.callback_cipher));
    let connected = until_applied(|| async {
        let instance = lookup::instance(state, caller, request).await?;
        state.accounts.connect(&instance, (&number, &limits), app_secret).await.map_err(ApiError::internal)
    });
    match connected.await?.ok_or_else(|| ApiError::internal(TableError::Conflict))? {
        Connect::Connected => {}
        Connect::NumberTaken => {
            let message = "`phoneNumberId` is connected to another instance: disconnect it there first.";
            return Err(ApiError::field(ErrorCode::AlreadyConnected, "phoneNumberId", message));
        }
        Connect::AlreadyConnected => return Err(already_connected()),
    }
    tracing::info!(instance_id = %instance.id, "instance.connected");
    status::respond_after_change(state, &instance).await
}

impl Credentials {
    fn parse(body: ConnectInstanceRequest) -> Result<Self, ApiError> {
        match required(body.method, "method", "`official`")?.as_str() {
            "official" => {}
            "qrcode" => {
                let message = "`method` cannot be `qrcode`, which needs a permanent phone session that this service does \
                               not have: use `official`.";
                return Err(ApiError::invalid("method", message));
            }
            _ => return Err(ApiError::invalid("method", "`method` must be `official`.")),
        }
        let token = required(body.access_token, "accessToken", "a token of the WhatsApp business account")?;
        if token.is_empty() || token.len() > MAX_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ApiError::invalid("accessToken", "`accessToken` must be a token as Meta shows it."));
        }
        let (business_id, number_id) =
            (meta_id(body.business_id, "businessId")?, meta_id(body.phone_number_id, "phoneNumberId")?);
        let app_secret = body.app_secret.map(app_secret).transpose()?;
        Ok(Self { business_id, number_id, access_token: token.into(), app_secret })
    }
}

/// One of Meta's ids: digits, since it becomes a part of a URL.
fn meta_id(text: Option<String>, field: &str) -> Result<String, ApiError> {
    let text = required(text, field, "the id that Meta shows, digits only")?;
    if !is_graph_id(&text) {
        return Err(ApiError::invalid(
            field,
            format!("`{field}` must be the id that Meta shows: digits only, and no 0 before them."),
        ));
    }
    Ok(text)
}

/// The secret of a Meta app, or two of them during a rotation.
fn app_secret(text: String) -> Result<SecretString, ApiError> {
    let secret = SecretString::from(text);
    if secret.expose_secret().len() > MAX_APP_SECRET || AppSecret::parse(&secret).is_err() {
        let message = "`appSecret` must be the secret of a Meta app, with 16 to 256 characters; a comma separates two.";
        return Err(ApiError::invalid("appSecret", message));
    }
    Ok(secret)
}

/// Checks the number with WhatsApp and subscribes to its callbacks.
async fn check_number(state: &AppState, credentials: &Credentials) -> Result<NumberProfile, ApiError> {
    let (whatsapp, token) = (&state.whatsapp, &credentials.access_token);
    let profile = whatsapp.number_profile(&credentials.number_id, token).await;
    let profile = profile.map_err(|error| refused(error, "phoneNumberId"))?;
    if let Some(status) = &profile.unusable_status {
        let message = format!("`phoneNumberId` cannot send: its status at WhatsApp is {status}.");
        return Err(ApiError::invalid("phoneNumberId", message));
    }
    let subscribed = whatsapp.subscribe(&credentials.business_id, token).await;
    if !subscribed.map_err(|error| refused(error, "businessId"))? {
        let message = "`businessId` cannot be connected: WhatsApp declined the subscription to its callbacks.";
        return Err(ApiError::invalid("businessId", message));
    }
    Ok(profile)
}

/// The error of a call to WhatsApp about `field`. A refusal names the field that is to be corrected.
fn refused(error: ManagementError, field: &str) -> ApiError {
    let code = match error {
        ManagementError::Refused(error) => error.code,
        ManagementError::Unavailable(cause) => return ApiError::unavailable(cause, RETRY_AFTER),
    };
    let meaning = ErrorMeaning::find(code);
    let refusal = match (meaning.scope, meaning.reaction) {
        (ErrorScope::Token, _) => {
            let message = "`accessToken` was refused by WhatsApp: it is invalid or has expired. Generate a new one.";
            ApiError::invalid("accessToken", message)
        }
        (ErrorScope::Permission, _) => {
            let message = "`accessToken` lacks permissions: it needs whatsapp_business_management and \
                           whatsapp_business_messaging.";
            ApiError::invalid("accessToken", message)
        }
        (_, Reaction::Retry(_) | Reaction::RetryAndPause(_)) => {
            return ApiError::unavailable(format!("WhatsApp: error {code}"), RETRY_AFTER);
        }
        _ => {
            let message =
                format!("`{field}` does not exist at WhatsApp, or `accessToken` has no access to it (error {code}).");
            ApiError::invalid(field, message)
        }
    };
    ApiError { provider_code: Some(code), ..refusal }
}

fn new_number(state: &AppState, instance: &Instance, credentials: &Credentials, profile: NumberProfile) -> Number {
    let aad = Instance::token_aad(&instance.account_id, &instance.id);
    Number {
        id: credentials.number_id.clone(),
        business_id: credentials.business_id.clone(),
        access_token: state.secrets.get().cipher.encrypt(&credentials.access_token, &aad),
        rate: profile.rate,
        phone: profile.phone,
        profile_name: profile.name,
    }
}

fn too_many_connects() -> ApiError {
    let message =
        "This account is connecting as many instances as it may at a time. Try again after `retryAfter` seconds.";
    ApiError::new(ErrorCode::RateLimitExceeded, message).retry_after(Duration::from_secs(1))
}

fn already_connected() -> ApiError {
    ApiError::new(ErrorCode::AlreadyConnected, "This instance is already connected: disconnect it first.")
}
