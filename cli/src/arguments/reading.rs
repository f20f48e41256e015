//! What commands that read have in common: the page of a list, and whose data it is.

use clap::Args;

#[derive(Debug, Args)]
pub struct Offset {
    /// Most rows of the page
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Rows before the page
    #[arg(long, value_name = "N")]
    pub offset: Option<u32>,
}

#[derive(Debug, Args)]
pub struct Cursor {
    /// Most rows of the page
    #[arg(long, value_name = "N")]
    pub limit: Option<u32>,
    /// Where the page before ended
    #[arg(long, value_name = "CURSOR")]
    pub cursor: Option<String>,
}

#[derive(Debug, Args)]
pub struct Statistics {
    /// Instance to count; without it all of the account
    #[arg(long, value_name = "ID")]
    pub instance: Option<String>,
    /// Begin, such as 2026-02-03T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<String>,
    /// End
    #[arg(long, value_name = "TIME")]
    pub to: Option<String>,
    #[command(flatten)]
    pub of: AccountToRead,
}

// No doc comment: clap would show it as that of the command.
#[derive(Debug, Args)]
pub struct AccountToRead {
    /// Account to read with the admin key, such as a customer's; without it that of the API key
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}
