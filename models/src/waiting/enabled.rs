//! What can happen in a state.

use super::mechanism::Mechanism;
use super::model::{Action, Model, Place};
use super::state::{Lane, Pause, Stage, State, Status, Step};

impl Model {
    pub(super) fn enabled(&self, state: &State, actions: &mut Vec<Action>) {
        for number in 0..self.bounds.messages {
            self.of_message(state, number, actions);
        }
        for lane in [Lane::Express, Lane::Bulk] {
            of_deliver(state, lane, actions);
        }
        match state.pause {
            Pause::NotYet => actions.push(Action::Pause),
            Pause::Begun => actions.push(Action::SeePause),
            Pause::Seen => actions.push(Action::EndPause),
            Pause::Over => {}
        }
        actions.push(Action::LeaveBulkLane);
        if !self.bounds.has_faults {
            actions.retain(|action| !is_fault(*action));
        }
        let is_in_bulk = state.messages.iter().any(|message| message.lane == Lane::Bulk && message.status.is_open());
        if is_in_bulk || !state.is_marked {
            actions.retain(|action| *action != Action::LeaveBulkLane);
        }
    }

    fn of_message(&self, state: &State, number: u8, actions: &mut Vec<Action>) {
        let message = state.messages[number as usize];
        match message.step {
            Step::NotSent if number == 0 || state.messages[number as usize - 1].step != Step::NotSent => {
                actions.push(Action::Begin(number));
            }
            Step::Begun => Self::accepts(state, number, actions),
            Step::Crashed if message.status == Status::Queued => actions.push(Action::Settle(number)),
            _ => {}
        }
        if message.was_seen && message.fed < 1 + u8::from(self.bounds.has_faults) {
            actions.push(Action::Feed(number));
        }
        if message.waits && !self.active.has(Mechanism::FedUntilClaimed) {
            actions.push(Action::TakeOut(number));
        }
        if message.status == Status::Queued {
            actions.push(Action::Fail(number));
        }
    }

    /// In the bulk lane a slot may be near or far; in the express lane it is near.
    fn accepts(state: &State, number: u8, actions: &mut Vec<Action>) {
        for lane in [Lane::Express, Lane::Bulk] {
            if lane == Lane::Express && state.is_marked {
                continue;
            }
            for place in [Place::Queue, Place::Table, Place::Nowhere] {
                if place != Place::Table || lane == Lane::Bulk {
                    actions.push(Action::Accept(number, lane, place));
                }
            }
        }
    }
}

const fn is_fault(action: Action) -> bool {
    matches!(action, Action::Crash(_) | Action::Fail(_) | Action::Accept(.., Place::Nowhere))
}

fn of_deliver(state: &State, lane: Lane, actions: &mut Vec<Action>) {
    let Some(worker) = state.workers[lane as usize] else {
        if !state.queues[lane as usize].is_empty() {
            actions.push(Action::Receive(lane, false));
            actions.extend((state.pause == Pause::Begun).then_some(Action::Receive(lane, true)));
        }
        return;
    };
    match worker.stage {
        Stage::Received => actions.push(Action::Attempt(lane)),
        Stage::Claimed => actions.push(Action::Prepare(lane)),
        Stage::Ready => {
            actions.push(Action::Post(lane, true));
            actions.extend((!state.messages[worker.message as usize].refused).then_some(Action::Post(lane, false)));
        }
        Stage::Parked => actions.push(Action::Delete(lane)),
    }
    if !state.has_crashed && matches!(worker.stage, Stage::Received | Stage::Parked) {
        actions.push(Action::Crash(lane));
    }
}
