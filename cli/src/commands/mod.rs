//! The calls that the commands make.

use crate::arguments::Command;
use crate::prepared::{CommandError, Prepared};
use crate::settings::Settings;

mod instances;
mod messages;
mod operator;
mod webhooks;

/// The call of a command.
pub fn prepare(command: &Command, settings: &Settings) -> Result<Prepared, CommandError> {
    match command {
        Command::Send(send) => messages::send(send, settings),
        Command::Messages(messages) => messages::prepare(messages, settings),
        Command::Webhooks(webhooks) => webhooks::prepare(webhooks),
        Command::Instances(instances) => instances::prepare(instances, settings),
        Command::Account(of) => Ok(Prepared::read(&["account"], of)),
        Command::Accounts(accounts) => Ok(operator::accounts(accounts)),
        Command::Keys(keys) => Ok(operator::keys(keys)),
    }
}
