//! What becomes of a state when every process is dead and nothing fails any more: whether the world ends everything by
//! itself. Callbacks are not waited for.

use super::Delivery;
use super::action::{Action, Outcome};
use super::possible::may_end;
use super::process::{Entry, Receiver, Settler, Step, Worker};
use super::state::State;

/// More steps than any such end takes.
const STEPS: usize = 64;

impl Delivery {
    /// Whether every message comes to an end that it may stay in.
    pub fn ends(&self, state: &State) -> bool {
        let mut state = state.clone();
        state.workers = [Worker::IDLE; 2];
        state.receivers = [Receiver::Idle; 2];
        state.settler = Settler::Idle;
        for _ in 0..STEPS {
            let Some(action) = self.next_calm(&state) else {
                return state.records.iter().all(|record| record.status.is_over());
            };
            state = self.after(&state, action);
        }
        false
    }

    fn next_calm(&self, state: &State) -> Option<Action> {
        let worked = match state.workers[0].step {
            Step::Idle => None,
            Step::Claim { .. } => Some(Action::Claim(0)),
            Step::Post => Some(Action::Post(0, Outcome::Accepted)),
            Step::Write(result) => Some(Action::Write(0, result)),
            Step::HaveSettled => Some(Action::HaveSettled(0)),
            Step::Return => Some(Action::Return(0)),
        };
        let settled = (state.settler != Settler::Idle).then_some(Action::SettleNext);
        worked.or(settled).or_else(|| self.by_queues(state))
    }

    fn by_queues(&self, state: &State) -> Option<Action> {
        let lies = |message: &u8, entry| state.entries[*message as usize] == entry;
        let lease = (0..2).find(|message| may_end(state, *message)).map(Action::LeaseEnds);
        let dead = (0..2).find(|message| lies(message, Entry::DeadLetter)).map(Action::SettleDeadLetter);
        let hidden = (0..2).find(|message| lies(message, Entry::InFlight)).map(Action::VisibilityEnds);
        let open = (0..2).flat_map(|message| (1..8).map(move |attempt| (message, attempt)));
        let mut open = open.filter(|(message, attempt)| state.unsettled[*message as usize] & 1 << attempt != 0);
        let unsettled = open.next().map(|(message, attempt)| Action::Settle(message, attempt));
        lease.or(dead).or(hidden).or_else(|| self.batches(state).pop()).or(unsettled)
    }
}
