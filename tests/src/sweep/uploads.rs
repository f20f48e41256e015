//! The upload of the scenario's file.

use std::time::Duration;

use serde_json::{Value, json};
use shared::ids::{AccountId, MediaId};
use shared::media::MediaStatus;

use super::scenario::{Player, REPEATS, UNTIL_ENDED};
use crate::uploads::PNG;

/// Longer than S3's notification takes to be handled, unless something of it fails.
const ARRIVES: Duration = Duration::from_secs(2);
impl Player<'_> {
    /// Uploads a file as a patient customer does, and returns its id when its bytes are known to be here.
    pub(super) async fn upload_file(&self) -> Option<String> {
        let from = &self.fixture.tenants[0];
        let file = json!({ "instanceId": from.instances[0], "filename": "PRIVATE-NAME.png", "mimeType": "image/png", "size": PNG.len() });
        let mut media = Value::Null;
        for _ in 0..REPEATS {
            if let Some((201, answer)) = self.call(&from.keys[0], "POST /v1/media", None, &file).await {
                media = answer["data"].clone();
                break;
            }
        }
        let (id, url) = (media["id"].as_str()?, media["uploadUrl"].as_str()?);
        for _ in 0..REPEATS {
            let put = self.http.put(url).header("content-type", "image/png").body(PNG).send();
            if put.await.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
        }
        let media_id: MediaId = id.parse().ok()?;
        for _ in 0..REPEATS {
            let has_arrived = self.has_arrived(&from.account, &media_id);
            if tokio::time::timeout(ARRIVES, has_arrived).await.is_ok() {
                break;
            }
            self.fixture.stack.pass(UNTIL_ENDED);
        }
        Some(id.to_owned())
    }

    /// Ends when the bytes of a file are known to be here.
    async fn has_arrived(&self, account: &AccountId, media: &MediaId) {
        let mut ticks = tokio::time::interval(Duration::from_millis(10));
        loop {
            ticks.tick().await;
            let found = self.fixture.stack.accounts.media(account, media).await;
            if found.ok().flatten().is_some_and(|media| media.status != MediaStatus::Waiting) {
                return;
            }
        }
    }
}
