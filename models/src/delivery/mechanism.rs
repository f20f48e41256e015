//! The mechanisms that keep a message from being lost, sent twice or published wrongly: each can be removed from the model.

use crate::code::{Code, in_code};

const DELIVER: &str = "functions/deliver";
const SETTLE: &str = "functions/settle";
const SHARED: &str = "shared";

in_code! {
    /// A mechanism of the protocol.
    pub enum Mechanism {
        /// Only a queued message is claimed.
        ClaimWhileQueued => Code::Mutation("claim-only-while-queued"),
        /// A process recognises its own claim, whose response was lost.
        OwnClaim => Code::tokens(SHARED, "Transitions::claim", "message.claim.as_ref() == Some(&claim)"),
        /// A lease that ended without a result makes the message unknown; it is not claimed again.
        ExpiredLeaseIsUnknown => Code::Mutation("expired-lease-means-unknown"),
        /// An attempt without an answer is of unknown outcome; it does not count as not sent.
        NoAnswerIsUnknown => Code::Mutation("no-answer-means-unknown"),
        /// A result applies to its own attempt only.
        ResultOfAttempt => Code::tokens(SHARED, "end_of_attempt", "message.attempt"),
        /// A message is released only while it is `sending`.
        ReleaseWhileSending => Code::tokens(SHARED, "Transitions::release", r#"when_equal("status", State::Sending)"#),
        /// A late answer recovers a message that was given up.
        LateAnswerRecovers => Code::tokens(
            SHARED,
            "mark_sent",
            "existing.status == State::Unconfirmed && self.recover",
        ),
        /// A late answer adds `sentAt` where a callback has advanced the message further.
        LateSentTime => Code::function(SHARED, "add_sent_time"),
        /// A redelivery that finds an unknown outcome hands it to `settle` before it is deleted from the queue.
        HandedToSettle => Code::tokens(
            DELIVER,
            "resolve",
            "ClaimConflict::Unknown(message) => self.hand_to_settle(&message)",
        ),
        /// `settle` fails what stays unknown.
        SettleUnknown => Code::tokens(SETTLE, "unknown_outcomes::give_up_or_wait", "give_up(&message)"),
        /// It fails only the state that it read.
        SettleAsRead => Code::tokens(SHARED, "Transitions::give_up", r#"when_equal("status", message.status)"#),
        /// `settle` handles the dead letters of `deliver` by their records.
        DeadLetters => Code::tokens(SETTLE, "dead_letters::requeue_or_mark_unknown", "unknown_outcomes.enqueue_in_turn"),
        /// A dead letter fails only while its message is `queued`.
        DeadLetterWhileQueued => Code::tokens(
            SHARED,
            "queued::Transitions::write_failure",
            r#"when_equal("rank", State::Queued.rank())"#,
        ),
        /// A callback stores only a state of a higher rank.
        Rank => Code::Mutation("status-rank-condition"),
        /// Each time is set once.
        TimeOnce => Code::tokens(SHARED, "callback::reported", "when_absent(report.event.time_attribute())"),
        /// A callback that arrives after a later one adds its time.
        MissingTime => Code::function(SHARED, "lacks_time"),
        /// A `failed` update applies to its own attempt only.
        FailedOfAttempt => Code::Mutation("callback-attempt-check"),
        /// And only to the state that was read.
        FailedAsRead => Code::tokens(SHARED, "fail_reported", r#"when_equal("status", message.status)"#),
        /// Record and credit are written in one transaction.
        OneTransaction => Code::Mutation("refund-in-one-transaction"),
        /// A recovered message, which was refunded, is charged again.
        ChargedAgain => Code::tokens(SHARED, "Transitions::recover", "self.ledger.recharge"),
        /// And only once.
        ChargedAgainOnce => Code::tokens(SHARED, "Transitions::recover", "when_present(REFUNDED)"),
        /// The messages behind one that waits wait too.
        ConversationOrder => Code::Mutation("conversation-stops-at-waiting-head"),
        /// Where `mark_unknown` is refused, because the record has changed, the message is read again.
        UnknownOrRetried => Code::Mutation("unknown-retry-after-conflict"),
        /// Where `fail` is refused, because the record has changed, the message is read again.
        FailedOrRetried => Code::Mutation("failure-retry-after-conflict"),
        /// What ends an attempt applies to its own claim only: an attempt's number can be used again.
        ResultOfClaim => Code::Mutation("result-bound-to-claim"),
        /// A `failed` update during the POST fails the message at once.
        FailedWhileSending => Code::Mutation("failed-callback-while-sending"),
        /// A `failed` update makes `unconfirmed` final.
        FailedAfterUnconfirmed => Code::Mutation("failed-callback-after-giving-up"),
        /// A recovery that another one has overtaken is retried.
        RecoveredOrRetried => Code::Mutation("correction-retry-after-conflict"),
        /// A dead letter of a held message is handed to `settle`.
        HeldDeadLetter => Code::Mutation("dead-letter-of-held-message"),
    }
}
