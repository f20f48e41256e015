//! `send` and `messages`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::reading::{AccountToRead, Cursor};

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
        #[command(flatten)]
        of: AccountToRead,
    },
    /// Show what happened to a message: when it was accepted, sent, delivered, read or failed, and the attempts at webhooks
    Timeline {
        /// Id of the message
        id: String,
        #[command(flatten)]
        of: AccountToRead,
    },
    /// Cancel a message that is still queued
    Cancel {
        /// Id of the message
        id: String,
    },
}

#[derive(Debug, Args)]
pub struct ListMessages {
    #[command(flatten)]
    pub of: AccountToRead,
    /// Instance; else POMBO_INSTANCE or the profile's. Not needed with --reference, nor with --status failed
    #[arg(long, value_name = "ID")]
    pub instance: Option<String>,
    /// Phone number of the conversation
    #[arg(long, value_name = "DIGITS")]
    pub phone: Option<String>,
    /// Reference that they were sent with
    #[arg(long, value_name = "TEXT")]
    pub reference: Option<String>,
    /// scheduled, queued, sent, delivered, read or failed
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
    #[command(flatten)]
    pub page: Cursor,
}
