//! Calls that ask WhatsApp at once, while the client waits: with which number and token, and what their errors are.

use secrecy::SecretString;
use shared::http::{ApiError, ErrorCode};
use shared::instance::{Instance, Number};
use shared::whatsapp::{GraphError, ManagementError, Reaction};

use crate::app_state::AppState;

/// When a client should retry after WhatsApp did not answer, in seconds.
pub const RETRY_AFTER: u32 = 5;

/// What an instance calls WhatsApp with.
pub struct Connection<'a> {
    /// Its number.
    pub number: &'a Number,
    /// The number's access token, decrypted.
    pub token: SecretString,
}

impl<'a> Connection<'a> {
    /// That of a connected instance whose number answers.
    pub async fn new(state: &AppState, instance: &'a Instance) -> Result<Self, ApiError> {
        let number = instance.connected_number().ok_or(ErrorCode::InstanceDisconnected)?;
        // `deliver` has found that WhatsApp does not answer for this number: no process of this function waits for it.
        if instance.unanswered.is_some() {
            return Err(ApiError::unavailable("WhatsApp does not answer for the number", RETRY_AFTER));
        }
        // Nothing was asked yet: another try may know the key.
        let token = state.secrets.decrypt(|secrets| instance.decrypt_token(number, &secrets.cipher)).await;
        let token = token.map_err(|error| ApiError::unavailable(error, RETRY_AFTER))?;
        Ok(Self { number, token })
    }
}

/// The error of a call: WhatsApp's refusal is for the customer to mend, and one that passes is ours to say.
pub fn provider_error(error: ManagementError) -> ApiError {
    let error: GraphError = match error {
        ManagementError::Refused(error) => error,
        ManagementError::Unavailable(cause) => return ApiError::unavailable(cause, RETRY_AFTER),
    };
    let failure = error.failure();
    match error.meaning().reaction {
        Reaction::Retry(_) | Reaction::RetryAndPause(_) => {
            ApiError::unavailable(format!("WhatsApp: error {}", error.code), RETRY_AFTER)
        }
        _ => ApiError {
            provider_code: failure.provider_code,
            ..ApiError::new(ErrorCode::ProviderError, format!("WhatsApp refused the request: {}", failure.message))
        },
    }
}
