//! Erasure in every order of events, within bounds: it keeps its promises with all mechanisms, and without any one of them the
//! checker finds how a promise breaks.

mod common;

use common::{Removal, cover_every_part, holds, holds_and_reaches_all};
use models::erasure::Erasing;
use models::erasure::mechanism::Mechanism::*;
use models::erasure::property::*;

/// A message of the customer's, which may be sent, refused, cancelled, and reported as failed.
const OUTBOUND: Erasing = Erasing { inbound: false, webhook: true };
/// An inbound message, whose callback WhatsApp repeats.
const INBOUND: Erasing = Erasing { inbound: true, webhook: true };
/// An inbound message, and a webhook that is created at any time.
const NEW_WEBHOOK: Erasing = Erasing { inbound: true, webhook: false };

const REMOVALS: [Removal<Erasing>; 8] = [
    (&[Tombstone], OUTBOUND, EXACT_MONEY),
    (&[Tombstone], INBOUND, STAYS_ERASED),
    (&[OnlyFinal], OUTBOUND, RECORDED),
    (&[AttemptReads], INBOUND, NOT_POSTED),
    (&[MarksWebhooks], INBOUND, NOT_POSTED),
    (&[NewWebhookLooks], NEW_WEBHOOK, NOT_POSTED),
    (&[MarkCoversErasure], INBOUND, NOT_POSTED),
    (&[RedactedAgain], INBOUND, NOTHING_LEFT),
];

#[test]
fn an_erasure_keeps_money_exact_and_leaves_nothing() {
    for bounds in [OUTBOUND, INBOUND, NEW_WEBHOOK] {
        holds_and_reaches_all(bounds);
    }
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}

#[test]
fn the_explorations_cover_every_function_that_the_model_names() {
    cover_every_part(&[OUTBOUND, INBOUND].map(holds));
}
