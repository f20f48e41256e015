//! The order of a conversation over two queues in every order of events, within bounds: it is kept, and every message ends,
//! with all mechanisms, and not without any one of them.

mod common;

use common::{Removal, cover_every_part, holds_and_reaches_all};
use models::lanes::Lanes;
use models::lanes::mechanism::Mechanism::*;
use models::lanes::property::*;

/// Requests to one recipient.
const REQUESTS: Lanes = Lanes { requests: 3 };

const REMOVALS: [Removal<Lanes>; 6] = [
    (&[ExpressFirst], REQUESTS, IN_ORDER),
    (&[OtherQueueOnly], REQUESTS, ENDS),
    (&[LooksPastSent], REQUESTS, IN_ORDER),
    (&[MarkedInstance], REQUESTS, IN_ORDER),
    (&[LeaveWhenDrained], REQUESTS, IN_ORDER),
    (&[LeaveWhenRecorded], REQUESTS, IN_ORDER),
];

#[test]
fn parallel_requests_keep_their_order_and_all_leave() {
    cover_every_part(&[holds_and_reaches_all(REQUESTS)]);
}

#[test]
fn each_mechanism_is_needed() {
    common::each_mechanism_is_needed(&REMOVALS);
}
