//! `GET /v1/media/{mediaId}`.

use shared::clock;

use super::media_response::MediaResponse;
use crate::prelude::*;

pub const GET: Endpoint = Endpoint {
    route: Route::new("GET", "/v1/media/{mediaId}", customer!(MessagesRead, get)),
    id: "getMedia",
    summary: "Get a file",
    describe: |operation| {
        operation
            .description(
                "`status` is `waiting` until the bytes have arrived, then `uploading` until WhatsApp has them, then `ready`, or \
                 `failed` with the reason in `error`.",
            )
            .answers_data::<MediaResponse<'_>>(200, MediaResponse::example())
            .errors(&[ErrorCode::MediaNotFound])
    },
};

async fn get(state: &AppState, caller: &Caller, request: ApiRequest<'_>) -> ApiResult {
    let id = request.id("mediaId", ErrorCode::MediaNotFound)?;
    let found = state.accounts.media(caller.account(), &id).await.map_err(unavailable)?;
    let now = clock::now();
    let media = found.filter(|media| media.is_kept(now)).ok_or(ErrorCode::MediaNotFound)?;
    ApiResponse::ok(&MediaResponse::new(&media, now))
}
