//! Every write that changes a message's state, one named function each, with its condition, log line and metric.
//!
//! | function | from | to | called by |
//! |---|---|---|---|
//! | [`claim`](Transitions::claim) | `queued` | `sending` | deliver |
//! | [`release`](Transitions::release), [`release_unposted`](Transitions::release_unposted) | `sending` | `queued` | deliver |
//! | [`mark_sent`](Transitions::mark_sent) | below `sent` | `sent` | deliver |
//! | [`mark_held`](Transitions::mark_held) | `sending` | `held` | deliver |
//! | [`mark_unknown`](Transitions::mark_unknown) | `sending` | `unknown` | deliver, settle |
//! | [`fail`](Transitions::fail) | `sending` | `failed` | deliver |
//! | [`fail_queued`](Transitions::fail_queued), [`cancel`](Transitions::cancel), [`expire`](Transitions::expire) | `queued` | `failed` | deliver, settle, manage |
//! | [`wait_in_table`](Transitions::wait_in_table) | `queued` | `queued` | deliver |
//! | [`enter_bulk_lane`](Transitions::enter_bulk_lane) | `queued` | `queued` | settle |
//! | [`give_up`](Transitions::give_up) | `unknown`, `held` | `unconfirmed` | settle |
//! | [`advance`](Transitions::advance) | a lower rank | `sent`, `delivered`, `read` | receive |
//! | [`fail_reported`](Transitions::fail_reported) | attempted | `failed` | receive |
//! | [`confirm_failure`](Transitions::confirm_failure) | `unconfirmed` | `failed` | receive |
//! | `recover` | `failed`, `unconfirmed` | what WhatsApp reports | within `mark_sent` and `advance` |
//!
//! A failure refunds the message's credit and a recovery charges it again, each in one transaction with the record, so
//! that credits stay exact through any crash (promise 3); failures of one account share their transactions. `refunded` on the record says which of
//! the two came last (`refund`).

mod attempt;
mod callback;
mod claim;
mod failure_group_commit;
mod queued;
mod refund;
mod writes;

pub use callback::{Advance, StatusFields, StatusReport};
pub use claim::{Claim, ClaimConflict};
pub use failure_group_commit::{FailureWrite, MAX_FAILURES_TOGETHER};
pub use writes::Transitions;
