//! The calls that the commands make.

use crate::arguments::{Command, Statistics};
use crate::output::Columns;
use crate::prepared::{CommandError, Prepared, Shown};
use crate::settings::Settings;

mod instances;
mod messages;
mod operator;
mod webhooks;

/// The lists of statistics that are shown.
const COUNTS: &[(&str, Columns)] = &[
    ("/total/messages", &["direction", "type", "status", "count"]),
    ("/total/failures", &["code", "providerCode", "count"]),
];

/// The call of a command.
pub fn prepare(command: &Command, settings: &Settings) -> Result<Prepared, CommandError> {
    match command {
        Command::Send(send) => messages::send(send, settings),
        Command::Messages(messages) => messages::prepare(messages, settings),
        Command::Webhooks(webhooks) => webhooks::prepare(webhooks),
        Command::Instances(instances) => instances::prepare(instances, settings),
        Command::Account(of) => Ok(Prepared::read(&["account"], of)),
        Command::Statistics(counted) => Ok(statistics(counted)),
        Command::Accounts(accounts) => Ok(operator::accounts(accounts)),
        Command::Keys(keys) => Ok(operator::keys(keys)),
        Command::Callbacks(callbacks) => Ok(operator::callbacks(callbacks)),
        Command::DeadLetters(page) => Ok(operator::dead_letters(page)),
    }
}

fn statistics(counted: &Statistics) -> Prepared {
    let call = Prepared::read(&["statistics"], &counted.of)
        .parameter("instanceId", counted.instance.as_ref())
        .parameter("from", counted.from.as_ref())
        .parameter("to", counted.to.as_ref());
    Prepared { shown: Shown::Tables(COUNTS), ..call }
}
