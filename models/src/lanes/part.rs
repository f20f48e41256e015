//! The functions of the code that the model's steps represent.

use crate::code::{Code, in_code};

in_code! {
    /// A part of the code that the model contains.
    #[expect(missing_docs, reason = "each stands beside its function")]
    pub enum Part {
        Begin => Code::function("functions/send", "Sender::accept"),
        Charge => Code::function("shared", "choose_lane"),
        Insert => Code::function("shared", "MessageRepository::insert"),
        Enqueue => Code::function("shared", "DeliveryQueues::enqueue"),
        Repeat => Code::function("functions/send", "Sender::replay"),
        ResolveReservation => Code::function("functions/settle", "reservations::resolve"),
        FailQueued => Code::function("shared", "Transitions::fail_queued"),
        Claim => Code::function("shared", "Transitions::claim"),
        Prepare => Code::function("functions/deliver", "prepare"),
        EarlierInExpress => Code::function("shared", "earlier_elsewhere"),
        Post => Code::function("shared", "post_message"),
        LeaveBulkLane => Code::function("shared", "leave_bulk_lane"),
    }
}
