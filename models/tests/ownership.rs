//! The ownership of numbers in every order of events, within bounds: it keeps its promises with all mechanisms, and without
//! any one of them the checker finds how a promise breaks.

mod common;

use common::{Removal, cover_every_part, holds, holds_and_reaches_all};
use models::ownership::Ownership;
use models::ownership::Request::{Connect, Delete, Disconnect, TokenDies};
use models::ownership::mechanism::Mechanism::*;
use models::ownership::property::*;

/// The first instance loses its token, moves to another number, and is disconnected twice and deleted; the second one wants
/// its first number.
const MOVE: Ownership = Ownership {
    requests: &[TokenDies(0), Connect(0, 1), Disconnect(0), Connect(1, 0), Disconnect(0), Delete(0)],
    inbound: 2,
    inherited: false,
};
/// The record of the first instance names the second one's number.
const INHERITED: Ownership = Ownership {
    requests: &[Disconnect(0), Connect(0, 0), Delete(0), Disconnect(1), Connect(1, 0)],
    inbound: 2,
    inherited: true,
};

const REMOVALS: [Removal<Ownership>; 6] = [
    (&[OneOwner], MOVE, NOT_TAKEN),
    (&[FreeOwn], INHERITED, NOT_TAKEN),
    (&[Unchanged], MOVE, BOUND),
    (&[DeadToken], MOVE, CAN_BE_FREED),
    (&[OwnerPerMessage], MOVE, RIGHT_OWNER),
    (&[BetweenOwners], MOVE, NOT_LOST),
];

#[test]
fn a_number_moves_without_being_taken_and_without_losing_messages() {
    holds_and_reaches_all(MOVE);
}

#[test]
fn a_record_that_names_anothers_number_takes_nothing_from_it() {
    holds(INHERITED);
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}

#[test]
fn the_exploration_covers_every_function_that_the_model_names() {
    cover_every_part(&[holds(MOVE)]);
}
