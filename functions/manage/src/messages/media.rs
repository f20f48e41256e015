//! `GET /v1/messages/{messageId}/media`: the file of a received message.
//!
//! The first request has it fetched, which takes longer than API Gateway waits; then the answer leads to the bucket.

use shared::clock;
use shared::media::inbound::InboundStatus;
use shared::media::{MediaJob, PRESIGNED_URL_LIFETIME};
use shared::message::{Content, Message, ReceivedFile};

use crate::lookup;
use crate::prelude::*;

shared::words! {
    /// The status of a file that is being fetched.
    FetchingStatus = ["fetching"];
}

/// When a client should ask again while the file is fetched, in seconds.
const RETRY_AFTER: u32 = 2;

/// The message of the error when the account keeps as many bytes as it may.
const OVER_BOUND: &str = "This account keeps as many bytes of received files as it may. Files are deleted with their messages: \
                          ask again later, or have the operator raise `MaxReceivedMegabytes`.";

/// Where the file can be got.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MediaUrlResponse {
    /// A signed URL of the file, for `GET`.
    #[schema(format = "uri")]
    url: String,
    /// Until when the URL is valid: 15 minutes.
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A file that is being fetched.
#[derive(Serialize, ToSchema)]
struct FetchingResponse {
    /// Always `fetching`: ask again after `Retry-After` seconds.
    #[schema(value_type = FetchingStatus)]
    status: &'static str,
}

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/messages/{messageId}/media", customer!(MessagesRead, get)).with_query(&["redirect"]),
    id: "getMessageMedia",
    summary: "Get the file of a received message",
    describe: |operation| {
        let url = json!({ "url": "https://bucket.s3.amazonaws.com/inbound/acc_1/msg_xyz789?X-Amz-Signature=1", "expiresAt": "2026-02-03T12:15:00.000Z" });
        operation
            .description(
                "The first request has the file fetched from WhatsApp: 202 with `Retry-After` meanwhile. Then 302 to a signed URL \
                 that is valid for 15 minutes. The file is kept as long as the message. WhatsApp keeps it for 7 days: one that was \
                 not asked for by then is gone.",
            )
            .query("redirect", false, json!({ "type": "boolean" }), "false: the URL in the body, and no redirect")
            .answers_data::<MediaUrlResponse>(200, url)
            .answers_data::<FetchingResponse>(202, json!({ "status": "fetching" }))
            .answers_redirect()
            .errors(&[ErrorCode::InvalidRequest, ErrorCode::MessageNotFound, ErrorCode::MediaNotFound, ErrorCode::LimitReached, ErrorCode::MediaExpired])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let redirect: Option<bool> = request.parse_query("redirect", "must be true or false.")?;
    let message = lookup::message(state, caller, request).await?;
    let file = received_file(state, &message).await?.ok_or_else(|| {
        ApiError::new(
            ErrorCode::MediaNotFound,
            "This message has no file that WhatsApp keeps: it was sent, or is of another type.",
        )
    })?;
    let (account, id, now) = (&message.account_id, &message.id, clock::now());
    let known = state.accounts.inbound_file(account, id).await.map_err(unavailable)?;
    let is_over_bound = known.as_ref().is_some_and(|known| known.is_over_bound);
    match known.map(|known| known.status) {
        Some(InboundStatus::Gone) => Err(ErrorCode::MediaExpired.into()),
        Some(InboundStatus::Stored) => {
            let url = state.bucket.download_url(account, id, &name(&message, &file), PRESIGNED_URL_LIFETIME).await;
            let url = url.map_err(ApiError::internal)?;
            if redirect.unwrap_or(true) {
                return Ok(ApiResponse::redirect(url));
            }
            ApiResponse::ok(&MediaUrlResponse { url, expires_at: now.plus(PRESIGNED_URL_LIFETIME).to_string() })
        }
        Some(InboundStatus::Fetching) | None => {
            let place = (account, id);
            let is_new = state.accounts.request_inbound_file(place, message.expires_at, now).await;
            if is_new.map_err(unavailable)? {
                let (account_id, message_id) = (account.clone(), id.clone());
                let job = MediaJob::Fetch { account_id, message_id, requested_at: Some(now) };
                let enqueued = state.media_queue.enqueue(&job, std::time::Duration::ZERO).await;
                enqueued.map_err(|error| ApiError::unavailable(error, RETRY_AFTER))?;
            } else if is_over_bound {
                return Err(ApiError::new(ErrorCode::LimitReached, OVER_BOUND));
            }
            Ok(ApiResponse::accepted(&FetchingResponse { status: "fetching" })?.retry_after(RETRY_AFTER))
        }
    }
}

async fn received_file(state: &AppState, message: &Message) -> Result<Option<ReceivedFile>, ApiError> {
    let Content::Received { kind, .. } = &message.content else { return Ok(None) };
    let details = state.messages.details(message).await.map_err(unavailable)?;
    Ok(details.and_then(|details| ReceivedFile::read(kind, details.json())))
}

/// The name under which the file is saved: its own, or the message's id with an ending for its type.
fn name(message: &Message, file: &ReceivedFile) -> String {
    let own = file
        .filename
        .as_deref()
        .map(|name| name.chars().filter(|char| !char.is_control()).take(255).collect::<String>());
    own.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| {
        let subtype = file.mime_type.as_deref().and_then(|kind| kind.split(';').next()?.split_once('/'));
        let ending = match subtype {
            Some((_, "jpeg")) => "jpg",
            Some((_, "mpeg")) => "mp3",
            Some((_, "plain")) => "txt",
            Some((_, subtype)) if subtype.bytes().all(|byte| byte.is_ascii_alphanumeric()) => subtype,
            _ => "bin",
        };
        format!("{}.{ending}", message.id)
    })
}
