//! The functions of the code that the model's steps represent.

use crate::code::{Code, in_code};

in_code! {
    /// A part of the code that the model contains.
    #[expect(missing_docs, reason = "each stands beside its function")]
    pub enum Part {
        Accept => Code::function("functions/send", "Sender::accept"),
        Enqueue => Code::function("shared", "DeliveryQueues::enqueue"),
        ResolveReservation => Code::function("functions/settle", "reservations::resolve"),
        Feed => Code::function("functions/settle", "feeder::feed_shard"),
        FailQueued => Code::function("shared", "Transitions::fail_queued"),
        Attempt => Code::function("functions/deliver", "Deliverer::attempt"),
        Claim => Code::function("shared", "Transitions::claim"),
        Prepare => Code::function("functions/deliver", "prepare"),
        EarlierInTable => Code::function("shared", "earlier_elsewhere"),
        WaitInTable => Code::function("shared", "Transitions::wait_in_table"),
        Post => Code::function("shared", "post_message"),
        Pause => Code::function("shared", "AccountsTable::pause"),
        LeaveBulkLane => Code::function("shared", "leave_bulk_lane"),
    }
}
