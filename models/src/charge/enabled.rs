//! What can happen in a state.

use super::mechanism::Mechanism;
use super::model::{Action, Call, Model, is_queued};
use super::state::{Settler, State, Status, Step};

impl Model {
    pub(super) fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        let requests = 0..u8::try_from(self.bounds.messages.len()).unwrap_or_default();
        for request in requests.clone() {
            self.of_request(state, request, actions);
        }
        for message in 0..2u8 {
            actions.extend(self.deliveries(state, message));
            actions.extend(self.move_back(state, message));
            if state.records[message as usize].is_some_and(|record| is_queued(record.status)) {
                actions.push(Action::Cancel(message));
            }
        }
        if state.settler != Settler::Idle {
            actions.push(Action::SettleNext);
            if state.faults < self.bounds.faults {
                actions.push(Action::SettleCrash);
            }
        } else {
            actions.extend(requests.filter(|nonce| self.is_to_settle(state, *nonce)).map(Action::Settle));
        }
    }

    fn of_request(&self, state: &State, request: u8, actions: &mut Vec<Action>) {
        let own = state.requests[request as usize];
        match own.step {
            // Requests are alike, so they are sent in their order.
            Step::NotSent if request == 0 || state.requests[request as usize - 1].step != Step::NotSent => {
                actions.push(Action::Send(request));
            }
            Step::NotSent | Step::Responded(_) | Step::Dead => {}
            Step::Find | Step::Replay { .. } => actions.push(Action::Step(request, Call::Answered)),
            Step::Accept { inserted, enqueued } => {
                if inserted.is_none() {
                    actions.extend(self.calls(state).map(|call| Action::Insert(request, call)));
                }
                if enqueued.is_none() {
                    actions.extend(self.calls(state).map(|call| Action::Enqueue(request, call)));
                }
            }
            _ => actions.extend(self.calls(state).map(|call| Action::Step(request, call))),
        }
        let is_running = !matches!(own.step, Step::NotSent | Step::Responded(_) | Step::Dead);
        if is_running && state.faults < self.bounds.faults {
            actions.push(Action::Crash(request));
        }
        if own.step != Step::NotSent && !own.old {
            actions.push(Action::TimeOut(request));
        }
        if own.completed {
            actions.push(Action::NextCharge(request));
        }
    }

    /// How a call can end.
    fn calls(&self, state: &State) -> impl Iterator<Item = Call> + use<> {
        let may_fail = state.faults < self.bounds.faults;
        let calls = [Call::Answered, Call::LostApplied, Call::Lost, Call::Repeated];
        calls.into_iter().filter(move |call| may_fail || *call == Call::Answered)
    }

    /// A minute later, the requests that had the message then have ended.
    pub(super) fn move_back(&self, state: &State, message: u8) -> Option<Action> {
        let mut own =
            (0..).zip(&state.requests).filter(|(number, _)| self.bounds.messages.get(*number) == Some(&message));
        let have_ended =
            own.all(|(_, request)| request.old || request.step == Step::NotSent || request.step == Step::Find);
        (have_ended && state.moved_back & 1 << message != 0).then_some(Action::MovedBack(message))
    }

    /// What `deliver` can do with the entries in the queue.
    pub(super) fn deliveries(&self, state: &State, message: u8) -> Vec<Action> {
        let entries = (0..8).filter(|entry| state.queue[message as usize] & 1 << entry != 0);
        let outcomes = [Status::Sent, Status::Tried, Status::Failed];
        entries.flat_map(|entry| outcomes.map(|status| Action::Deliver(message, entry, status))).collect()
    }

    /// Whether `settle` handles a reservation now.
    pub(super) fn is_to_settle(&self, state: &State, nonce: u8) -> bool {
        let by_nonce = self.active.has(Mechanism::ByNonce);
        let reservation = 1 << if by_nonce { nonce } else { self.bounds.messages[nonce as usize] };
        let ended = state.requests[nonce as usize].old || !self.active.has(Mechanism::RequestEnded);
        ended && state.reserved & reservation != 0 && self.active.has(Mechanism::SettleReservations)
    }
}
