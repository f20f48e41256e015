//! Plans, and the requests that each includes.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The contract's plans.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Plan {
    /// 500 requests a minute and key.
    Free,
    /// 2,000 requests a minute and key.
    Starter,
    /// 10,000 requests a minute and key.
    Pro,
    /// The account's own figure.
    Enterprise,
}

impl Plan {
    /// Requests a minute and key, unless the account has its own figure.
    pub const fn requests_per_minute(self) -> u32 {
        match self {
            Self::Free => 500,
            Self::Starter => 2_000,
            Self::Pro | Self::Enterprise => 10_000,
        }
    }
}
