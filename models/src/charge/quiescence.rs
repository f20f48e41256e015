//! The state at rest that a state reaches when every process has exited, time passes and nothing fails any more.

use super::model::{Action, Model};
use super::state::{Settler, State, Step};

/// More steps than any state needs.
const STEPS: usize = 40;

impl Model {
    /// The state at rest that this state reaches.
    pub fn at_rest(&self, state: &State) -> State {
        let mut state = state.clone();
        state.settler = Settler::Idle;
        for request in state.requests.iter_mut().filter(|request| request.step != Step::NotSent) {
            request.old = true;
            request.completed = false;
            if !matches!(request.step, Step::Responded(_)) {
                request.step = Step::Dead;
            }
        }
        self.run(state, STEPS, |state| self.next_without_faults(state))
    }

    fn next_without_faults(&self, state: &State) -> Option<Action> {
        let requests = 0..u8::try_from(self.bounds.messages.len()).unwrap_or_default();
        let settling = (state.settler != Settler::Idle).then_some(Action::SettleNext);
        let settle = requests.into_iter().find(|nonce| self.is_to_settle(state, *nonce)).map(Action::Settle);
        let moved_back = || (0..2).find_map(|message| self.move_back(state, message));
        let delivery = || (0..2).find_map(|message| self.deliveries(state, message).into_iter().next());
        settling.or(settle).or_else(delivery).or_else(moved_back)
    }
}
