//! What can happen in a state.

use super::mechanism::Mechanism;
use super::model::{Action, Model};
use super::state::{Lane, State, Status, Step};

impl Model {
    pub(super) fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        for request in 0..self.bounds.requests {
            self.of_request(state, request, actions);
        }
        for lane in [Lane::Express, Lane::Bulk] {
            of_deliver(state, lane, actions);
        }
        if self.may_leave_bulk_lane(state) {
            actions.push(Action::LeaveBulkLane);
        }
    }

    fn of_request(&self, state: &State, number: u8, actions: &mut Vec<Action>) {
        let request = state.requests[number as usize];
        match request.step {
            Step::NotSent if number == 0 || state.requests[number as usize - 1].step != Step::NotSent => {
                actions.push(Action::Begin(number));
            }
            Step::NotSent => {}
            Step::Begun => {
                let is_bound = state.is_marked && self.active.has(Mechanism::MarkedInstance);
                actions.extend((!is_bound).then_some(Action::Charge(number, Lane::Express)));
                actions.push(Action::Charge(number, Lane::Bulk));
            }
            Step::Charged => actions.extend([Action::Insert(number), Action::Crash(number)]),
            Step::Recorded => actions.extend([Action::Enqueue(number), Action::Crash(number)]),
            Step::Answered | Step::Crashed => {
                if request.status == Status::Queued && !request.refused && !request.enqueued_again {
                    actions.push(Action::Settle(number));
                    actions.extend((request.step == Step::Crashed).then_some(Action::Repeat(number)));
                }
            }
        }
        if request.status == Status::Queued {
            actions.push(Action::Fail(number));
        }
    }

    /// No message of the bulk lane is open, and the requests that booked a slot in it have ended.
    fn may_leave_bulk_lane(&self, state: &State) -> bool {
        let of_bulk = || state.requests.iter().filter(|request| request.lane == Lane::Bulk);
        let is_drained = !of_bulk().any(|request| request.status.is_open());
        let is_recorded = !of_bulk().any(|request| request.step == Step::Charged);
        let holds = |mechanism, it| it || !self.active.has(mechanism);
        state.is_marked
            && holds(Mechanism::LeaveWhenDrained, is_drained)
            && holds(Mechanism::LeaveWhenRecorded, is_recorded)
    }
}

fn of_deliver(state: &State, lane: Lane, actions: &mut Vec<Action>) {
    match state.workers[lane as usize] {
        None if state.queues[lane as usize].is_empty() => {}
        None => actions.push(Action::Receive(lane)),
        Some(worker) if !worker.is_ready => actions.push(Action::Prepare(lane)),
        Some(worker) => {
            actions.push(Action::Post(lane, true));
            let is_first = !state.requests[worker.message as usize].refused;
            actions.extend(is_first.then_some(Action::Post(lane, false)));
        }
    }
}
