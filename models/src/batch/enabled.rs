//! What can happen in a state.

use super::mechanism::Mechanism;
use super::model::{Action, Call, Model};
use super::state::{BATCHES, Settler, State, Status, Step};
use crate::response::Response;

impl Model {
    pub(super) fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        for request in self.requests() {
            self.of_request(state, request, actions);
        }
        for batch in 0..BATCHES as u8 {
            actions.extend(self.deliveries(state, batch));
            if self.bounds.has_changes {
                let of = &state.batches[batch as usize];
                actions.extend(bits(of.queued()).map(|row| Action::Cancel(batch, row)));
                actions.extend(bits(of.erasable()).map(|row| Action::Erase(batch, row)));
            }
        }
        if self.bounds.has_changes && !state.opted_out {
            actions.push(Action::OptOut);
        }
        self.of_settle(state, actions);
    }

    pub(super) fn requests(&self) -> std::ops::Range<u8> {
        0..u8::try_from(self.bounds.batches.len()).unwrap_or_default()
    }

    fn of_request(&self, state: &State, request: u8, actions: &mut Vec<Action>) {
        let own = state.requests[request as usize];
        let may_fail = state.faults < self.bounds.faults;
        match own.step {
            // Requests are alike, so they are sent in their order.
            Step::NotSent if request == 0 || state.requests[request as usize - 1].step != Step::NotSent => {
                actions.push(Action::Send(request));
            }
            Step::NotSent | Step::Responded(_) | Step::Dead => {}
            Step::Find | Step::FindRows | Step::FindAgain(_) => actions.push(Action::Step(request, Call::Answered)),
            _ => {
                actions.push(Action::Step(request, Call::Answered));
                if may_fail {
                    let calls = [Call::LostApplied, Call::Lost, Call::Repeated];
                    actions.extend(calls.map(|call| Action::Step(request, call)));
                }
            }
        }
        let is_running = !matches!(own.step, Step::NotSent | Step::Responded(_) | Step::Dead);
        if is_running && may_fail {
            actions.push(Action::Crash(request));
        }
        // Later than a 202, a request's age matters to nobody but `settle`, to its reservation.
        let matters = own.step != Step::Responded(Response::Accepted) || state.reserved[request as usize] > 0;
        if own.step != Step::NotSent && !own.old && matters {
            actions.push(Action::TimeOut(request));
        }
        if own.completed {
            actions.push(Action::NextCharge(request));
        }
    }

    fn of_settle(&self, state: &State, actions: &mut Vec<Action>) {
        let settlers = (0..).zip(&state.settlers[..self.bounds.settlers]);
        let mut idle = settlers.clone().filter(|(_, settler)| **settler == Settler::Idle);
        for (settler, _) in settlers.filter(|(_, settler)| **settler != Settler::Idle) {
            actions.push(Action::SettleNext(settler));
            if state.faults < self.bounds.faults {
                actions.push(Action::SettleCrash(settler));
            }
        }
        // Invocations are alike, so the first idle one begins.
        if let Some((settler, _)) = idle.next() {
            actions.extend(self.beginnings(state, settler));
        }
    }

    /// What an invocation of `settle` can begin with.
    pub(super) fn beginnings(&self, state: &State, settler: u8) -> Vec<Action> {
        let reservations = self.requests().filter(|nonce| self.is_to_settle(state, *nonce));
        let open = (0..BATCHES as u8).filter(|batch| state.batches[*batch as usize].is_open);
        let settle = reservations.map(|nonce| Action::Settle(settler, nonce));
        settle.chain(open.map(|batch| Action::Look(settler, batch))).collect()
    }

    /// What `deliver` can do with the messages of a batch that `settle` enqueues.
    pub(super) fn deliveries(&self, state: &State, batch: u8) -> Vec<Action> {
        let rows = bits(state.batches[batch as usize].queued()).filter(|_| state.batches[batch as usize].is_open);
        rows.flat_map(|row| [Status::Sent, Status::Failed].map(|status| Action::Deliver(batch, row, status))).collect()
    }

    fn is_to_settle(&self, state: &State, nonce: u8) -> bool {
        let ended = state.requests[nonce as usize].old || !self.active.has(Mechanism::RequestEnded);
        ended && state.reserved[nonce as usize] > 0 && self.active.has(Mechanism::SettleReservations)
    }
}

/// The numbers of the bits that are set.
fn bits(rows: u8) -> impl Iterator<Item = u8> {
    (0..8).filter(move |row| rows & 1 << row != 0)
}
