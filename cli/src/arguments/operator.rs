//! `accounts`, `keys` and `callbacks`: the operator's.

use clap::{Args, Subcommand};

use super::reading::{Cursor, Offset};

#[derive(Debug, Subcommand)]
pub enum Accounts {
    /// List accounts
    List(Cursor),
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
    /// Erase all messages with a person, cancelling what is queued. Repeat it until `remaining` is 0. It cannot be undone
    Erase {
        /// Id of the account
        id: String,
        /// The person's phone number or WhatsApp's user id
        person: String,
    },
    /// Grant credits to an account, or take them back
    Credits {
        /// Id of the account
        id: String,
        /// How many; a negative number takes back
        #[arg(allow_negative_numbers = true)]
        amount: i64,
        /// The same key, sent twice, grants once; without it each run of the command does
        #[arg(long, value_name = "TEXT")]
        idempotency_key: Option<String>,
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
pub enum Callbacks {
    /// List what WhatsApp sent and could not be read, newest first
    List(Cursor),
    /// Read a callback again, after an upgrade
    Replay {
        /// Id of the callback
        id: String,
    },
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
        /// The same key, sent twice, creates one key in a day; without it each run of the command does
        #[arg(long, value_name = "TEXT")]
        idempotency_key: Option<String>,
    },
    /// Revoke a key. It may work for 60 seconds more
    Revoke {
        /// Id of the account
        account: String,
        /// Id of the key
        key_id: String,
    },
}
