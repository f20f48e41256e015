//! The functions of the code that the model's steps represent.

use crate::code::{Code, in_code};

const DELIVER: &str = "functions/deliver";
const RECEIVE: &str = "functions/receive";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";

in_code! {
    /// A part of the code that the model contains.
    #[expect(missing_docs, reason = "each stands beside its function")]
    pub enum Part {
        Batch => Code::function(DELIVER, "deliver_in_order"),
        Claim => Code::function(SHARED, "Transitions::claim"),
        ClaimConflict => Code::function(SHARED, "ClaimConflict::from_record"),
        Resolve => Code::function(DELIVER, "resolve"),
        FailQueued => Code::function(SHARED, "Transitions::fail_queued"),
        Prepare => Code::function(DELIVER, "prepare"),
        QuotedNeverSent => Code::function(DELIVER, "quoted_never_sent"),
        Post => Code::function(SHARED, "post_message"),
        Record => Code::function(DELIVER, "Deliverer::record"),
        MarkSent => Code::function(SHARED, "Transitions::mark_sent"),
        Recover => Code::function(SHARED, "Transitions::recover"),
        AddSentTime => Code::function(SHARED, "Transitions::add_sent_time"),
        MarkHeld => Code::function(SHARED, "Transitions::mark_held"),
        MarkUnknown => Code::function(SHARED, "Transitions::mark_unknown"),
        Release => Code::function(SHARED, "Transitions::release"),
        ReleaseUnposted => Code::function(SHARED, "Transitions::release_unposted"),
        Fail => Code::function(SHARED, "Transitions::fail"),
        FailAndRefund => Code::function(SHARED, "Transitions::fail_and_refund"),
        HandToSettle => Code::function(DELIVER, "hand_to_settle"),
        Cancel => Code::function(SHARED, "Transitions::cancel"),
        StoreStatus => Code::function(RECEIVE, "store_status"),
        SentCallback => Code::function(RECEIVE, "Receiver::sent"),
        Advance => Code::function(SHARED, "Transitions::try_to_advance"),
        FailedCallback => Code::function(RECEIVE, "try_to_fail"),
        FailReported => Code::function(SHARED, "Transitions::fail_reported"),
        ConfirmFailure => Code::function(SHARED, "Transitions::confirm_failure"),
        UnknownOutcome => Code::function(SETTLE, "unknown_outcomes::give_up_or_wait"),
        GiveUp => Code::function(SHARED, "Transitions::give_up"),
        DeadLetter => Code::function(SETTLE, "dead_letters::requeue_or_mark_unknown"),
        EnqueueAgain => Code::function(SHARED, "enqueue_again"),
    }
}
