//! Statistics: messages counted by the hour, from their records (docs/adr/0053). Owns the items `statistics#…`.
//!
//! Nothing is written for a message. Whoever looks has the hours counted that lack a recent count, and the next one finds
//! them; an hour that is over for three days is counted once more and then never again.

mod counts;
mod day;
pub mod get;
mod period;
mod response;
mod roll_up;
