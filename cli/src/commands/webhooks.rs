//! `webhooks`, except `tail`.

use crate::arguments::Webhooks;
use crate::output::Columns;
use crate::prepared::{CommandError, Prepared};

const COLUMNS: Columns = &["id", "name", "status", "failingSince", "instanceId", "url"];

/// The call of a command.
pub fn prepare(command: &Webhooks) -> Result<Prepared, CommandError> {
    match command {
        Webhooks::List { page, of } => Ok(Prepared::read(&["webhooks"], of)
            .columns(COLUMNS)
            .parameter("limit", page.limit)
            .parameter("offset", page.offset)),
        Webhooks::Get { id, of } => Ok(Prepared::read(&["webhooks", id], of)),
        Webhooks::Tail(_) => Err(CommandError::NotOneCall),
    }
}
