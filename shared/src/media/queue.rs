//! The queue of files that are to be moved. It is fair by account, as that of webhooks is (docs/adr/0028).

use std::time::Duration;

use aws_sdk_sqs::Client;
use serde::{Deserialize, Serialize};

use crate::aws::sqs::{delay_seconds, message_body};
use crate::aws::{EnvironmentError, QueueError, environment};
use crate::clock::Timestamp;
use crate::ids::{AccountId, MediaId, MessageId};

/// A message in the queue. The bucket's own notifications come through it as well.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum MediaJob {
    /// A file that is to be uploaded to WhatsApp, if its bytes are here, or to be given up.
    Upload {
        /// Its account.
        account_id: AccountId,
        /// The file.
        media_id: MediaId,
    },
    /// The file of a received message, which is to be fetched from WhatsApp.
    Fetch {
        /// Its account.
        account_id: AccountId,
        /// The message.
        message_id: MessageId,
        /// When it was asked for; none in a job of an earlier version.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        requested_at: Option<Timestamp>,
    },
}

impl MediaJob {
    const fn account(&self) -> &AccountId {
        match self {
            Self::Upload { account_id, .. } | Self::Fetch { account_id, .. } => account_id,
        }
    }
}

/// The queue.
#[derive(Clone, Debug)]
pub struct MediaQueue {
    client: Client,
    url: String,
}

impl MediaQueue {
    /// The queue that `MEDIA_QUEUE_URL` names.
    pub fn from_environment(client: Client) -> Result<Self, EnvironmentError> {
        Ok(Self { client, url: environment::text("MEDIA_QUEUE_URL")? })
    }

    /// Enqueues a job, to be received after a delay of at most 15 minutes. Its message group is its account: of an account with
    /// many files in progress, SQS delivers the next ones after everybody else's.
    pub async fn enqueue(&self, job: &MediaJob, delay: Duration) -> Result<(), QueueError> {
        let request = self.client.send_message().queue_url(&self.url).message_body(message_body(job));
        let request = request.message_group_id(job.account().as_str()).delay_seconds(delay_seconds(delay));
        request.send().await.map(drop).map_err(QueueError::new)
    }
}
