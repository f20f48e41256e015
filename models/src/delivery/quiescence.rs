//! Whether every message ends from a state when every process has exited and nothing fails any more, without callbacks.

use super::action::{Action, Outcome};
use super::enabled::lease_may_end;
use super::model::Model;
use super::process::{Entry, Receiver, Settler, Step, Worker};
use super::state::State;

/// More steps than any state needs.
const STEPS: usize = 64;

impl Model {
    /// Whether every message reaches a final status.
    pub fn ends(&self, state: &State) -> bool {
        let mut state = state.clone();
        state.workers = [Worker::IDLE; 2];
        state.receivers = [Receiver::Idle; 2];
        state.settler = Settler::Idle;
        for _ in 0..STEPS {
            let Some(action) = self.next_without_faults(&state) else {
                return state.records.iter().all(|record| record.status.is_over());
            };
            state = self.after(&state, action);
        }
        false
    }

    fn next_without_faults(&self, state: &State) -> Option<Action> {
        let work = match state.workers[0].step {
            Step::Idle => None,
            Step::Claim { .. } => Some(Action::Claim(0)),
            Step::Post => Some(Action::Post(0, Outcome::Accepted)),
            Step::Write(write) => Some(Action::Write(0, write)),
            Step::HandToSettle => Some(Action::HandToSettle(0)),
            Step::Return => Some(Action::Return(0)),
        };
        let settling = (state.settler != Settler::Idle).then_some(Action::SettleNext);
        work.or(settling).or_else(|| self.next_of_queues(state))
    }

    fn next_of_queues(&self, state: &State) -> Option<Action> {
        let is_in = |message: &u8, entry| state.entries[*message as usize] == entry;
        let lease = (0..2).find(|message| lease_may_end(state, *message)).map(Action::LeaseEnds);
        let dead = (0..2)
            .find(|message| is_in(message, Entry::DeadLetter))
            .map(|message| Action::SettleDeadLetter(message, true));
        let hidden = (0..2).find(|message| is_in(message, Entry::InFlight)).map(Action::VisibilityEnds);
        let open = (0..2).flat_map(|message| (1..8).map(move |attempt| (message, attempt)));
        let mut open = open.filter(|(message, attempt)| state.unknown_outcomes[*message as usize] & 1 << attempt != 0);
        let unknown = open.next().map(|(message, attempt)| Action::Settle(message, attempt));
        lease.or(dead).or(hidden).or_else(|| self.batches(state).pop()).or(unknown)
    }
}
