//! The subcommands and their options.

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;

pub use instances::Instances;
pub use messages::{ListMessages, Messages, Send};
pub use operator::{Accounts, Callbacks, Keys, Terms};
pub use reading::{AccountToRead, Cursor, Statistics};
pub use webhooks::{Tail, Webhooks};

mod instances;
mod messages;
mod operator;
mod reading;
mod webhooks;

/// Sends and finds WhatsApp messages, and operates a deployment of Pombo.
#[derive(Debug, Parser)]
#[command(name = "pombo", version, propagate_version = true)]
pub struct CommandLine {
    #[command(flatten)]
    pub connection: Connection,
    /// Show the API's answer as JSON
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

// Where the API is and who asks. No doc comment: clap would show it as that of the program.
#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
pub struct Connection {
    /// Address of the API; else POMBO_URL
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// API key; else POMBO_API_KEY, which other users of this machine cannot see
    #[arg(long, global = true, value_name = "KEY")]
    pub key: Option<SecretString>,
    /// The deployment's admin key, for the operator's commands and `--account`; else POMBO_ADMIN_KEY
    #[arg(long, global = true, value_name = "KEY")]
    pub admin_key: Option<SecretString>,
    /// Profile of ~/.config/pombo/config.toml, instead of POMBO_URL, POMBO_API_KEY, POMBO_ADMIN_KEY and POMBO_INSTANCE; else
    /// POMBO_PROFILE or `default`, which these win over
    #[arg(long, global = true, value_name = "NAME")]
    pub profile: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Send a message
    Send(Send),
    /// Find messages
    #[command(subcommand)]
    Messages(Messages),
    /// Show webhooks, and watch events
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// Manage the numbers that messages are sent from
    #[command(subcommand)]
    Instances(Instances),
    /// Show the plan, the credits and the limits of the key's account
    Account(AccountToRead),
    /// Count messages by status, failures and prices; by default of the last days
    Statistics(Statistics),
    /// Manage customers' accounts (operator)
    #[command(subcommand)]
    Accounts(Accounts),
    /// Manage an account's API keys (operator)
    #[command(subcommand)]
    Keys(Keys),
    /// Read what WhatsApp sent and could not be read (operator)
    #[command(subcommand)]
    Callbacks(Callbacks),
    /// List events and work that were given up, newest first (operator)
    DeadLetters(Cursor),
}
