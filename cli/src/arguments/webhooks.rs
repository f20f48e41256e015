//! `webhooks`.

use clap::{Args, Subcommand};
use url::Url;

use super::reading::{AccountToRead, Cursor, Offset};

#[derive(Debug, Subcommand)]
pub enum Webhooks {
    /// List webhooks
    List {
        #[command(flatten)]
        page: Offset,
        #[command(flatten)]
        of: AccountToRead,
    },
    /// Show a webhook, and why its endpoint fails
    Get {
        /// Id of the webhook
        id: String,
        #[command(flatten)]
        of: AccountToRead,
    },
    /// List attempts at a webhook, newest first: each failed one, and with `logSuccess` all
    Logs {
        /// Id of the webhook
        id: String,
        #[command(flatten)]
        page: Cursor,
        #[command(flatten)]
        of: AccountToRead,
    },
    /// Deliver the events of a message again to a webhook
    Replay {
        /// Id of the webhook
        id: String,
        /// Id of the message
        #[arg(long, value_name = "ID")]
        message: String,
    },
    /// Show events as they happen, until Ctrl-C. What happens without a connection is not shown
    Tail(Tail),
}

#[derive(Debug, Args)]
pub struct Tail {
    /// Instance whose events to show; without it those of the whole account
    #[arg(long, value_name = "ID")]
    pub instance: Option<String>,
    /// Events to show, separated by commas; without it those of messages
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub events: Vec<String>,
    /// Address of this machine to which each event is posted as well, unsigned and once
    #[arg(long, value_name = "URL")]
    pub forward_to: Option<Url>,
}
