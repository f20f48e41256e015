//! The calls that the commands make.

use reqwest::Method;

use crate::arguments::{Command, Webhooks};
use crate::prepared::{CommandError, Prepared};
use crate::settings::Settings;

mod instances;
mod messages;
mod operator;

/// The call of a command.
pub fn prepare(command: &Command, settings: &Settings) -> Result<Prepared, CommandError> {
    match command {
        Command::Send(send) => messages::send(send, settings),
        Command::Messages(messages) => messages::prepare(messages, settings),
        Command::Webhooks(Webhooks::Tail(_)) => Err(CommandError::NotOneCall),
        Command::Instances(instances) => instances::prepare(instances),
        Command::Account => Ok(Prepared::customer(Method::GET, &["account"])),
        Command::Accounts(accounts) => Ok(operator::accounts(accounts)),
        Command::Keys(keys) => Ok(operator::keys(keys)),
    }
}
