//! The protocol of charging in every order of events, within bounds: it keeps its promises with all mechanisms, and without
//! any one of them the checker finds how a promise breaks.

mod common;

use common::{Removal, cover_every_part, holds, holds_and_reaches_all};
use models::charge::Charging;
use models::charge::mechanism::Mechanism::*;
use models::charge::property::*;

/// A request and its repetition under one key.
const ONE_KEY: Charging = Charging { messages: &[0, 0], granted: 2, faults: 4 };
/// Three requests under one key.
const THREE: Charging = Charging { messages: &[0, 0, 0], granted: 2, faults: 1 };
/// Two messages, and a credit for one.
const TWO_MESSAGES: Charging = Charging { messages: &[0, 1], granted: 1, faults: 3 };

const REMOVALS: [Removal<Charging>; 20] = [
    (&[Credit], TWO_MESSAGES, NOT_OVERSOLD),
    (&[ChargedOnce], ONE_KEY, EXACT_MONEY),
    (&[OwnCharge], ONE_KEY, CHARGE_CONTINUES),
    (&[ByNonce], ONE_KEY, EXACT_MONEY),
    (&[InsertIfAbsent], ONE_KEY, ONCE),
    (&[OwnInsert], ONE_KEY, ENDS),
    (&[WithdrawUntouched], ONE_KEY, REFUSED),
    (&[WithdrawOwn], ONE_KEY, DURABLE),
    (&[GoneIfReplaced], ONE_KEY, EXACT_MONEY),
    (&[RefusedIfWithdrawn], ONE_KEY, REFUSED),
    (&[AbsentGrace], ONE_KEY, DURABLE),
    (&[ClaimedForItsRequest], ONE_KEY, OWN_ENTRY),
    (&[MovedBehindAnother], ONE_KEY, DURABLE),
    (&[RefundedOnce], ONE_KEY, NOT_OVERSOLD),
    (&[InProgress], ONE_KEY, DURABLE),
    (&[AgeBeforeRead], ONE_KEY, DURABLE),
    (&[EnqueuedByNonce], ONE_KEY, DURABLE),
    (&[SettleReservations], ONE_KEY, NO_RESERVATION),
    (&[RequestEnded], ONE_KEY, NOT_OVERSOLD),
    (&[EnqueueThenRelease], ONE_KEY, ENDS),
];

#[test]
fn two_requests_with_one_key_make_one_message_and_one_charge() {
    holds_and_reaches_all(ONE_KEY);
}

#[test]
fn three_requests_with_one_key_make_one_message_and_one_charge() {
    holds(THREE);
}

#[test]
fn one_credit_is_not_sold_twice() {
    holds(TWO_MESSAGES);
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}

#[test]
fn the_exploration_covers_every_function_that_the_model_names() {
    cover_every_part(&[holds(ONE_KEY)]);
}
