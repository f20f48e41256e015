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

// No doc comment: clap would show it as that of the command.
#[derive(Debug, Args)]
pub struct AccountToRead {
    /// Account to read with the admin key, such as a customer's; without it that of the API key
    #[arg(long, value_name = "ID")]
    pub account: Option<String>,
}
