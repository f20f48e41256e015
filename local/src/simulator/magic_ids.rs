//! The ids and tokens that the simulator treats specially (docs/simulator.md).

/// The id of the business account that callbacks and limits name.
pub const BUSINESS_ID: &str = "1022";
/// The prefix of access tokens that have expired.
pub const EXPIRED_TOKEN_PREFIX: &str = "EAAG-expired";
/// An id that WhatsApp does not know, of a number or of a business account.
pub const UNKNOWN_ID: &str = "4040000000000";
/// The id of a number that is banned.
pub const BANNED_NUMBER: &str = "4030000000000";
/// The id of a number whose throughput Meta has upgraded.
pub const HIGH_THROUGHPUT_NUMBER: &str = "1000000000000";
/// The id of a number that is in use in WhatsApp's app as well.
pub const APP_SHARED_NUMBER: &str = "1000000000020";
