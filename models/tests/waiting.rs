//! A conversation whose messages wait in the table, in every order of events, within bounds: it keeps its order, and every
//! message ends, with all mechanisms, and not without any one of them.

mod common;

use common::{Removal, cover_every_part, holds, holds_and_reaches_all};
use models::waiting::Waiting;
use models::waiting::mechanism::Mechanism::*;
use models::waiting::property::*;

/// Two messages to one recipient, with crashes, failures, and second feeders.
const TWO: Waiting = Waiting { messages: 2, has_faults: true };
/// Three messages, without them.
const THREE: Waiting = Waiting { messages: 3, has_faults: false };

const REMOVALS: [Removal<Waiting>; 5] = [
    (&[BulkWaitsBehind], TWO, IN_ORDER),
    (&[ExpressWaitsBehind], TWO, IN_ORDER),
    (&[SeenFirst], TWO, IN_ORDER),
    (&[TableFirst], TWO, ENDS),
    (&[FedUntilClaimed], TWO, ENDS),
];

#[test]
fn messages_that_wait_in_the_table_keep_their_order_and_all_leave() {
    cover_every_part(&[holds_and_reaches_all(TWO), holds(THREE)]);
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}
