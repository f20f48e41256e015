//! `POST /v1/media`: names a file, and returns where its bytes are to be put.
//!
//! The job that gives the file up is enqueued before the URL is shown, so that no file waits for ever for bytes that never come.

use std::collections::BTreeMap;

use shared::aws::MAX_QUEUE_DELAY;
use shared::clock;
use shared::http::request_body::{bounded, required};
use shared::media::{
    Media, MediaBounds, MediaJob, MediaStatus, NewMedia, PRESIGNED_URL_LIFETIME, UploadUrl, UsageRefusal,
};
use shared::whatsapp::UploadType;
use shared::whatsapp::message_types::MAX_FILENAME;

use crate::lookup;
use crate::prelude::*;

/// A file that is to be uploaded.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CreateMediaRequest {
    /// The instance that will send it.
    #[schema(required = true, value_type = String)]
    instance_id: Option<String>,
    /// The name that WhatsApp shows for a document.
    #[schema(max_length = 255)]
    filename: Option<String>,
    /// Its type, such as `image/jpeg`.
    #[schema(required = true, value_type = String)]
    mime_type: Option<String>,
    /// Its exact size in bytes.
    #[schema(required = true, value_type = u64, minimum = 1)]
    size: Option<u64>,
}

/// Where the bytes are to be put.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CreateMediaResponse<'a> {
    /// The id of the file: the `mediaId` of messages.
    id: &'a str,
    /// A signed URL for one `PUT`.
    #[schema(format = "uri")]
    upload_url: &'a str,
    /// The headers that the `PUT` must have.
    upload_headers: BTreeMap<&'static str, String>,
    /// Until when the `PUT` may begin: 15 minutes.
    #[schema(format = DateTime)]
    expires_at: String,
    /// Always `waiting`: its bytes have not arrived.
    status: MediaStatus,
}

pub const CREATE: Endpoint = Endpoint {
    route: Route::new("POST", "/v1/media", customer!(MessagesWrite, create)),
    id: "createMedia",
    summary: "Upload a file",
    describe: |operation| {
        let body = json!({
            "instanceId": "inst_abc123", "filename": "Invoice.pdf", "mimeType": "application/pdf", "size": 81920,
        });
        let created = json!({
            "id": "media_abc123", "uploadUrl": "https://bucket.s3.amazonaws.com/outbound/acc_1/media_abc123?X-Amz-Signature=1",
            "uploadHeaders": { "Content-Type": "application/pdf", "Content-Length": "81920", "If-None-Match": "*" },
            "expiresAt": "2026-02-03T12:15:00.000Z", "status": "waiting",
        });
        operation
            .description(
                "Put the bytes to `uploadUrl` with `uploadHeaders`: the URL is for exactly this size and type, and for one `PUT`: 412 \
                 says that they are there already. Then the file goes to WhatsApp by itself, and `mediaId` sends it, as often as you like for 29 days.",
            )
            .body::<CreateMediaRequest>(true, &[("document", body)])
            .answers_data::<CreateMediaResponse<'_>>(201, created)
            .errors(&[
                ErrorCode::InvalidRequest,
                ErrorCode::InstanceNotFound,
                ErrorCode::UnsupportedMediaType,
                ErrorCode::MediaTooLarge,
                ErrorCode::LimitReached,
            ])
    },
};

async fn create(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let body: CreateMediaRequest = request.body()?;
    let instance = required(body.instance_id.as_deref(), "instanceId", "the instance that will send the file")?;
    let file = NewMedia {
        filename: body.filename.map(filename).transpose()?,
        mime_type: required(body.mime_type.as_deref(), "mimeType", "the type of the file")
            .and_then(known_type)?
            .mime_type,
        size: required(body.size, "size", "the file's exact size in bytes")?,
    };
    check_size(&file)?;
    let instance = lookup::instance_with_id(state, caller, instance).await?;
    let now = clock::now();
    let media = Media::new((caller.account(), &instance.id), file, now);
    let reserved = state.accounts.reserve_media(&media, state.media_bounds, now).await.map_err(unavailable)?;
    reserved.map_err(|refusal| limit_reached(refusal, state.media_bounds))?;
    let UploadUrl { url, headers } =
        state.bucket.upload_url(&media, PRESIGNED_URL_LIFETIME).await.map_err(ApiError::internal)?;
    // Before the record: one without its job would wait for ever, and a job without its record ends at once.
    let job = MediaJob::Upload { account_id: media.account_id.clone(), media_id: media.id.clone() };
    state.media_queue.enqueue(&job, MAX_QUEUE_DELAY).await.map_err(|error| ApiError::unavailable(error, 1))?;
    state.accounts.put_media(&media).await.map_err(unavailable)?;
    tracing::info!(media_id = %media.id, instance_id = %instance.id, size = media.size, "media.created");
    ApiResponse::created(&CreateMediaResponse {
        id: media.id.as_str(),
        upload_url: &url,
        upload_headers: headers.into_iter().collect(),
        expires_at: now.plus(PRESIGNED_URL_LIFETIME).to_string(),
        status: media.status,
    })
}

/// A name without what no name has: control characters, which would end a header or a line of a log.
fn filename(name: String) -> Result<String, ApiError> {
    let name = bounded(name, "filename", MAX_FILENAME)?;
    if name.chars().any(char::is_control) {
        return Err(ApiError::invalid(
            "filename",
            "`filename` must not contain control characters, such as line breaks.",
        ));
    }
    Ok(name)
}

fn known_type(mime_type: &str) -> Result<&'static UploadType, ApiError> {
    UploadType::find(mime_type).ok_or_else(|| {
        let message = format!("`mimeType` must be one that WhatsApp takes: {}.", UploadType::names());
        ApiError::field(ErrorCode::UnsupportedMediaType, "mimeType", message)
    })
}

fn check_size(file: &NewMedia) -> Result<(), ApiError> {
    let most = UploadType::find(file.mime_type).map_or(0, UploadType::max_bytes);
    if file.size == 0 {
        return Err(ApiError::invalid("size", "`size` must be at least 1: WhatsApp takes no empty file."));
    }
    if file.size > most {
        let message = format!("`size` is {}; WhatsApp accepts at most {most} for {}.", file.size, file.mime_type);
        return Err(ApiError::field(ErrorCode::MediaTooLarge, "size", message));
    }
    Ok(())
}

fn limit_reached(refusal: UsageRefusal, bounds: MediaBounds) -> ApiError {
    let message = match refusal {
        UsageRefusal::Bytes => format!(
            "This account keeps {} megabytes of files, the most that it may: wait until some of them are 29 days old.",
            bounds.bytes / (1024 * 1024)
        ),
        UsageRefusal::OpenUploads => format!(
            "This account has {} uploads whose bytes have not arrived: put them first, or wait until they expire.",
            bounds.open_uploads
        ),
    };
    ApiError::new(ErrorCode::LimitReached, message)
}
