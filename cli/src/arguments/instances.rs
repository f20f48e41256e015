//! `instances`.

use clap::Subcommand;

use super::reading::{AccountToRead, Offset};

#[derive(Debug, Subcommand)]
pub enum Instances {
    /// List instances
    List {
        #[command(flatten)]
        page: Offset,
        #[command(flatten)]
        of: AccountToRead,
    },
    /// Show an instance
    Get {
        /// Id of the instance
        id: String,
        #[command(flatten)]
        of: AccountToRead,
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
        /// Id of the instance; else POMBO_INSTANCE or the profile's
        id: Option<String>,
        #[command(flatten)]
        of: AccountToRead,
    },
}
