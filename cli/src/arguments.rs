//! The subcommands and their options.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;
use url::Url;

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
    /// The deployment's admin key, for `accounts` and `keys`; else POMBO_ADMIN_KEY
    #[arg(long, global = true, value_name = "KEY")]
    pub admin_key: Option<SecretString>,
    /// Profile of ~/.config/pombo/config.toml; else POMBO_PROFILE, else `default`
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
    /// Watch events
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// Manage the numbers that messages are sent from
    #[command(subcommand)]
    Instances(Instances),
    /// Show the plan, the credits and the limits of the key's account
    Account,
    /// Manage customers' accounts (operator)
    #[command(subcommand)]
    Accounts(Accounts),
    /// Manage an account's API keys (operator)
    #[command(subcommand)]
    Keys(Keys),
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("content").required(true))]
pub struct Send {
    /// Phone number in international format, digits only, or a WhatsApp user id
    pub to: String,
    /// Text
    #[arg(group = "content")]
    pub text: Option<String>,
    /// Instance to send from; else POMBO_INSTANCE or the profile's
    #[arg(long, value_name = "ID")]
    pub instance: Option<String>,
    /// Approved template to send
    #[arg(long, group = "content", requires = "language", value_name = "NAME")]
    pub template: Option<String>,
    /// Language of the template, such as pt_BR
    #[arg(long, requires = "template", value_name = "CODE")]
    pub language: Option<String>,
    /// A parameter of the template's text; once for each, in order
    #[arg(long = "parameter", requires = "template", value_name = "TEXT")]
    pub parameters: Vec<String>,
    /// Address of a file to send
    #[arg(long, group = "content", requires = "media_type", value_name = "URL")]
    pub media_url: Option<String>,
    /// Uploaded file to send
    #[arg(long, group = "content", requires = "media_type", value_name = "ID")]
    pub media_id: Option<String>,
    /// image, video, audio, document, sticker or voice
    #[arg(long, value_name = "TYPE")]
    pub media_type: Option<String>,
    /// Text below the file
    #[arg(long, requires = "media_type", value_name = "TEXT")]
    pub caption: Option<String>,
    /// Name of a document
    #[arg(long, requires = "media_type", value_name = "NAME")]
    pub filename: Option<String>,
    /// JSON file with the content and any other fields of the API's `send`; `-` is standard input
    #[arg(long, group = "content", value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// Message that this one replies to
    #[arg(long, value_name = "ID")]
    pub reply_to: Option<String>,
    /// Number of your own, such as an order's
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// Seconds after which an unsent message fails
    #[arg(long, value_name = "SECONDS")]
    pub expires_in: Option<u32>,
    /// The same key and message, sent twice, make one message; without it each run of the command makes one
    #[arg(long, value_name = "TEXT")]
    pub idempotency_key: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Messages {
    /// List messages, newest first
    List(ListMessages),
    /// Show a message and why it failed
    Get {
        /// Id of the message
        id: String,
    },
    /// Cancel a message that is still queued
    Cancel {
        /// Id of the message
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct ListMessages {
    /// Instance; else POMBO_INSTANCE or the profile's. Not needed with --reference
    #[arg(long, value_name = "ID")]
    pub instance: Option<String>,
    /// Phone number of the conversation
    #[arg(long, value_name = "DIGITS")]
    pub phone: Option<String>,
    /// Reference that they were sent with
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// queued, sent, delivered, read or failed
    #[arg(long)]
    pub status: Option<String>,
    /// inbound or outbound
    #[arg(long)]
    pub direction: Option<String>,
    /// Such as text, image or template
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<String>,
    /// Earliest time, such as 2026-02-03T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// Latest time
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    /// Most rows, 1 to 100
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Webhooks {
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

#[derive(Debug, Subcommand)]
pub enum Instances {
    /// List instances
    List(Offset),
    /// Show an instance
    Get {
        /// Id of the instance
        id: String,
    },
    /// Create an instance, which `connect` gives its number
    Create {
        /// Its name
        name: String,
    },
    /// Connect an instance to a number at Meta. WHATSAPP_ACCESS_TOKEN has its access token, and WHATSAPP_APP_SECRET the secret of
    /// its Meta app if that is not the deployment's
    Connect {
        /// Id of the instance
        id: String,
        /// WhatsApp's id of the business account
        #[arg(long, value_name = "ID")]
        business_id: String,
        /// WhatsApp's id of the number
        #[arg(long, value_name = "ID")]
        phone_number_id: String,
    },
    /// Disconnect an instance from its number
    Disconnect {
        /// Id of the instance
        id: String,
        /// Why, for its status and its event
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
    },
    /// Show whether an instance is connected, and why not
    Status {
        /// Id of the instance
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct Offset {
    /// Most rows of the page
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Rows before the page
    #[arg(long, value_name = "N")]
    pub offset: Option<u32>,
}

#[derive(Debug, Subcommand)]
pub enum Accounts {
    /// List accounts
    List {
        /// Most rows of the page
        #[arg(long, value_name = "N")]
        limit: Option<u32>,
        /// Where the page before ended
        #[arg(long, value_name = "CURSOR")]
        cursor: Option<String>,
    },
    /// Show an account
    Get {
        /// Id of the account
        id: String,
    },
    /// Create an account
    Create {
        /// Its name
        name: String,
        #[command(flatten)]
        terms: Terms,
        /// Messages that it may send
        #[arg(long, value_name = "N")]
        credits: Option<i64>,
    },
    /// Change an account
    Update {
        /// Id of the account
        id: String,
        /// Its new name
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        terms: Terms,
    },
    /// Close an account and delete all of its data. It cannot be undone
    Close {
        /// Id of the account
        id: String,
        /// Its name, as a confirmation
        name: String,
    },
    /// Grant credits to an account, or take them back
    Credits {
        /// Id of the account
        id: String,
        /// How many; a negative number takes back
        #[arg(allow_negative_numbers = true)]
        amount: i64,
    },
}

#[derive(Debug, Args)]
pub struct Terms {
    /// free, starter, pro or enterprise
    #[arg(long)]
    pub plan: Option<String>,
    /// Requests of each key, with the plan enterprise
    #[arg(long, value_name = "N")]
    pub requests_per_minute: Option<u32>,
    /// Whether failures that only the customer's own Meta app has signed are refunded: true or false
    #[arg(long, value_name = "BOOL")]
    pub trust_own_app: Option<bool>,
}

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// List an account's keys, without the keys themselves
    List {
        /// Id of the account
        account: String,
        #[command(flatten)]
        page: Offset,
    },
    /// Create a key. It is shown only now
    Create {
        /// Id of the account
        account: String,
        /// Its name
        name: String,
        /// Scope, such as messages:write; once for each. All by default
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        /// When it ends, such as 2027-01-01T00:00:00Z
        #[arg(long, value_name = "TIME")]
        expires_at: Option<String>,
    },
    /// Revoke a key. It may work for 60 seconds more
    Revoke {
        /// Id of the account
        account: String,
        /// Id of the key
        key_id: String,
    },
}
