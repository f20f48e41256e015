//! The AWS account and region that everything on this machine belongs to.

/// The account's id.
pub const ACCOUNT_ID: &str = "000000000000";
/// The region.
pub const REGION: &str = "us-east-1";
/// The access key and its secret, with which the functions sign.
pub const CREDENTIALS: (&str, &str) = ("local", "local");
