//! A batch's charge in every order of events, within bounds: it keeps its promises with all mechanisms, and without any one of
//! them the checker finds how a promise breaks.

mod common;

use common::{Removal, cover_every_part, holds, holds_and_reaches_all};
use models::batch::Batching;
use models::batch::mechanism::Mechanism::*;
use models::batch::property::*;

/// A request and its repetition under one key.
const ONE_KEY: Batching = Batching { batches: &[0, 0], granted: 3, faults: 2, settlers: 1, has_changes: true };
/// The same, and two invocations of `settle` at a time.
const TWO_SETTLERS: Batching = Batching { batches: &[0, 0], granted: 4, faults: 1, settlers: 2, has_changes: false };
/// Three requests under one key.
const THREE: Batching = Batching { batches: &[0, 0, 0], granted: 4, faults: 1, settlers: 1, has_changes: false };
/// Two batches of two messages, and credits for one and a half.
const TWO_BATCHES: Batching = Batching { batches: &[0, 1], granted: 3, faults: 2, settlers: 1, has_changes: false };

const REMOVALS: [Removal<Batching>; 30] = [
    (&[Credits], TWO_BATCHES, NOT_OVERSOLD),
    (&[AllAtOnce], TWO_BATCHES, NOT_OVERSOLD),
    (&[ChargedOnce], ONE_KEY, EXACT_MONEY),
    (&[OwnCharge], ONE_KEY, CHARGE_CONTINUES),
    (&[CountReserved], ONE_KEY, EXACT_MONEY),
    (&[BeginIfAbsent], ONE_KEY, TRUE_ANSWER),
    (&[OwnBatch], ONE_KEY, BESIDE_ANOTHER),
    (&[TakenOverAsRead], THREE, TRUE_ANSWER),
    (&[TakenOverWhileRecording], THREE, TRUE_ANSWER),
    (&[InProgress], ONE_KEY, TRUE_ANSWER),
    (&[RecordedIsKept], ONE_KEY, TRUE_ANSWER),
    (&[NotRefusedIfRecorded], ONE_KEY, REFUSED_WHOLLY),
    (&[InsertIfAbsent], ONE_KEY, EXACT_MONEY),
    (&[OwnInsert], ONE_KEY, EXACT_MONEY),
    (&[WithdrawUntouched], ONE_KEY, EXACT_MONEY),
    (&[AcceptedAsRead], ONE_KEY, TRUE_ANSWER),
    (&[AcceptedOnce], TWO_SETTLERS, COMPLETED),
    (&[OpenedWithAcceptance], ONE_KEY, ENDS),
    (&[Tombstone], ONE_KEY, TRUE_ANSWER),
    (&[TombstoneNonce], ONE_KEY, NOT_OVERSOLD),
    (&[RefundedOnce], TWO_SETTLERS, EXACT_MONEY),
    (&[SettleReservations], ONE_KEY, NO_RESERVATION),
    (&[RequestEnded], ONE_KEY, NOT_OVERSOLD),
    (&[RefundsTheRest], ONE_KEY, NOT_OVERSOLD),
    (&[ByNonce], ONE_KEY, EXACT_MONEY),
    (&[AcceptsBrokenOff], ONE_KEY, ENDS),
    (&[AcceptsItsOwn], ONE_KEY, TRUE_ANSWER),
    (&[AcceptThenEnd], ONE_KEY, ENDS),
    (&[NothingLeft], ONE_KEY, COMPLETED),
    (&[CompletedOnce], TWO_SETTLERS, COMPLETED),
];

#[test]
fn two_requests_with_one_key_make_one_batch_and_charge_what_is_sent() {
    cover_every_part(&[holds_and_reaches_all(ONE_KEY)]);
}

#[test]
fn invocations_of_settle_side_by_side_settle_a_batch_once() {
    holds(TWO_SETTLERS);
}

#[test]
fn three_requests_with_one_key_make_one_batch() {
    holds(THREE);
}

#[test]
fn credits_that_do_not_suffice_for_a_batch_pay_none_of_it() {
    holds(TWO_BATCHES);
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}
