//! `webhooks`, except `tail`.

use reqwest::Method;

use crate::arguments::Webhooks;
use crate::output::Columns;
use crate::prepared::{CommandError, Fields, Prepared};

const COLUMNS: Columns = &["id", "name", "status", "failingSince", "instanceId", "url"];

const LOGS: Columns =
    &["timestamp", "event", "messageId", "status", "statusCode", "retryCount", "nextRetryAt", "error"];

/// The call of a command.
pub fn prepare(command: &Webhooks) -> Result<Prepared, CommandError> {
    match command {
        Webhooks::List { page, of } => Ok(Prepared::read(&["webhooks"], of)
            .columns(COLUMNS)
            .parameter("limit", page.limit)
            .parameter("offset", page.offset)),
        Webhooks::Get { id, of } => Ok(Prepared::read(&["webhooks", id], of)),
        Webhooks::Logs { id, page, of } => Ok(Prepared::read(&["webhooks", id, "logs"], of).columns(LOGS).page(page)),
        Webhooks::Replay { id, message } => Ok(Prepared::customer(Method::POST, &["webhooks", id, "replay"])
            .body(Fields::default().with("messageId", Some(message.as_str())))),
        Webhooks::Tail(_) => Err(CommandError::NotOneCall),
    }
}
