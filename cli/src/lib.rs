//! The command line of Pombo. It is a client of the API like any other: what it shows is what the API answers.
//!
//! A command (`commands`) is one call (`api`), made with the address and the key that the flags, the environment or a
//! profile name (`settings`, `profiles`), and its answer is shown (`output`) as a table or, with `--json`, as it is. Only `webhooks tail` (`tail`)
//! makes several.

use std::io::{ErrorKind, Write, stdout};
use std::process::ExitCode;

use clap::Parser;

use crate::api::Api;
use crate::arguments::{Command, CommandLine, Webhooks};
use crate::prepared::CommandError;
use crate::settings::{Settings, SettingsError};

mod api;
mod arguments;
mod commands;
mod output;
mod prepared;
mod profiles;
mod settings;
mod tail;
mod timeline;

/// Runs the command that the arguments name. Exit code 0: done; 1: it failed; 2: the arguments or the settings are wrong, and nothing
/// was called. Standard error says why.
pub fn main() -> ExitCode {
    let arguments = CommandLine::parse();
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error),
    };
    match runtime.block_on(run(&arguments)) {
        Ok(shown) => show(&shown),
        Err(error) => failed(error.as_ref()),
    }
}

async fn run(arguments: &CommandLine) -> Result<String, Box<dyn std::error::Error>> {
    let settings = Settings::find(&arguments.connection)?;
    if let Command::Webhooks(Webhooks::Tail(tail)) = &arguments.command {
        return tail::run(tail, &settings, arguments.json).await.map(|()| String::new());
    }
    let command = commands::prepare(&arguments.command, &settings)?;
    let key = settings.key(command.key)?;
    let answer = Api::new(settings.url()?, key).call(&command.call).await;
    let answer = answer.map_err(|error| match &command.call.idempotency_key {
        Some(key) if error.is_unknown() => {
            format!("{error}; it may be done: `--idempotency-key {key}` repeats it, and nothing is done twice").into()
        }
        _ => Box::<dyn std::error::Error>::from(error),
    })?;
    Ok(if arguments.json { output::json(&answer) } else { command.shown.text(&answer) })
}

/// Writes an answer. A reader that has enough of it is no fault.
fn show(text: &str) -> ExitCode {
    match stdout().write_all(text.as_bytes()).and_then(|()| stdout().flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            eprintln!("pombo: the call succeeded, and its answer cannot be written: {error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    eprintln!("pombo: {}", output::plain(&error.to_string()));
    if error.is::<SettingsError>() || error.is::<CommandError>() { ExitCode::from(2) } else { ExitCode::FAILURE }
}
