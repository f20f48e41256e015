//! The file of a message that names one by its id.

use shared::clock::Timestamp;
use shared::http::{ApiError, ErrorCode};
use shared::ids::{AccountId, InstanceId, MediaId};
use shared::media::{Media, MediaStatus};
use shared::message::{Content, Failure, FailureCode, MediaType, UploadedFile};
use shared::whatsapp::UploadType;

use crate::content::unknown_media;
use crate::record_and_enqueue::unavailable;
use crate::send_request::SendRequest;
use crate::sender::Sender;

/// The field that errors name.
const FIELD: &str = "mediaId";
/// When a client whose bytes have arrived should try again, in seconds: S3 announces them within moments.
const ANNOUNCED_AFTER: u32 = 2;

impl Sender {
    /// Completes the content of a message that names a file by its id with what is known of the file, for half a read unit. Only
    /// before it is refused, the file is read again, consistently.
    pub async fn find_uploaded_file(
        &self,
        account: &AccountId,
        request: &mut SendRequest,
        now: Timestamp,
    ) -> Result<(), ApiError> {
        let Content::Upload { media, media_id, provider_id, filename, file, .. } = &mut request.content else {
            return Ok(());
        };
        let (id, instance) = (media_id.clone(), &request.instance_id);
        let seen = self.accounts.media_eventually(account, &id).await.map_err(unavailable)?;
        let leaves_at = request.send_at.map_or(now, |send_at| send_at.max(now));
        let check = |found| check(found, instance, *media, (now, leaves_at));
        let found = match check(seen) {
            Ok(found) => found,
            Err(_) => {
                let latest = self.accounts.media(account, &id).await.map_err(unavailable)?;
                check(latest)?
            }
        };
        if *media == MediaType::Document && filename.is_none() {
            *filename = found.filename;
        }
        let expires_at = Timestamp::from_secs(found.forget_at);
        *file = Some(UploadedFile { mime_type: found.mime_type, size: found.size, expires_at });
        *provider_id = found.provider_id;
        Ok(())
    }
}

/// The file, if this instance may send it as `media`, now or soon, and it is kept until the message leaves.
fn check(
    found: Option<Media>,
    instance: &InstanceId,
    media: MediaType,
    (now, leaves_at): (Timestamp, Timestamp),
) -> Result<Media, ApiError> {
    let found = found.filter(|found| found.instance_id == *instance && found.is_kept(now)).ok_or_else(unknown_media)?;
    if !UploadType::find(&found.mime_type).is_some_and(|known| known.can_be_sent_as(media)) {
        let (name, kind): (&str, &str) = (media.into(), &found.mime_type);
        let message =
            format!("`mediaType` must fit the file of `{FIELD}`, which is {kind}: it cannot be sent as {name}.");
        return Err(ApiError::field(ErrorCode::UnsupportedMediaType, "mediaType", message));
    }
    if !found.is_kept(leaves_at) {
        return Err(ApiError::invalid(
            FIELD,
            format!(
                "`{FIELD}` names a file that is kept until {} and not until `sendAt`: upload it again.",
                Timestamp::from_secs(found.forget_at)
            ),
        ));
    }
    match found.outcome(now) {
        (MediaStatus::Ready | MediaStatus::Uploading, _) => Ok(found),
        (MediaStatus::Waiting, _) => Err(not_ready(&found.id)),
        (MediaStatus::Failed, failure) => Err(failed(failure)),
    }
}

/// The file has failed: with the code that its message would have been refused with, had it named the file by its URL, or with
/// WhatsApp's own.
fn failed(failure: Option<Failure>) -> ApiError {
    let cannot_be_sent = format!("`{FIELD}` names a file that cannot be sent");
    let Some(Failure { code, message, provider_code }) = failure else {
        return ApiError::invalid(FIELD, format!("{cannot_be_sent}."));
    };
    let code = match (code, provider_code) {
        (FailureCode::UnsupportedMediaType, _) => ErrorCode::UnsupportedMediaType,
        (FailureCode::MediaTooLarge, _) => ErrorCode::MediaTooLarge,
        (_, Some(_)) => ErrorCode::ProviderError,
        (_, None) => ErrorCode::InvalidRequest,
    };
    ApiError { provider_code, ..ApiError::field(code, FIELD, format!("{cannot_be_sent}: {message}")) }
}

fn not_ready(id: &MediaId) -> ApiError {
    let message =
        format!("`{FIELD}` names a file whose bytes have not arrived: put them to the `uploadUrl` of {id} first.");
    ApiError { retry_after: Some(ANNOUNCED_AFTER), ..ApiError::field(ErrorCode::MediaNotReady, FIELD, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_file_is_refused_with_its_own_code() {
        for (code, provider_code, expected) in [
            (FailureCode::UnsupportedMediaType, None, ErrorCode::UnsupportedMediaType),
            (FailureCode::UnsupportedMediaType, Some(131_053), ErrorCode::UnsupportedMediaType),
            (FailureCode::MediaTooLarge, None, ErrorCode::MediaTooLarge),
            (FailureCode::ProviderError, Some(100), ErrorCode::ProviderError),
            (FailureCode::InstanceDisconnected, Some(190), ErrorCode::ProviderError),
            (FailureCode::Expired, None, ErrorCode::InvalidRequest),
        ] {
            let failure = Failure { provider_code, ..Failure::new(code, "Why.") };
            let error = failed(Some(failure));
            assert_eq!((error.code, error.provider_code, error.code.status().as_u16()), (expected, provider_code, 400));
            assert!(error.message.ends_with(": Why.") && error.field.as_deref() == Some(FIELD), "{}", error.message);
        }
        assert_eq!(failed(None).code, ErrorCode::InvalidRequest);
    }
}
