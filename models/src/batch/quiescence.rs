//! The state at rest that a state reaches when every process has exited, time passes and nothing fails any more.

use super::model::{Action, Model};
use super::state::{BATCHES, Settler, State, Step};

/// More steps than any state needs.
const STEPS: usize = 60;

impl Model {
    /// The state at rest that this state reaches.
    pub fn at_rest(&self, state: &State) -> State {
        let mut state = state.clone();
        state.settlers = [Settler::Idle; 2];
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
        if state.settlers[0] != Settler::Idle {
            return Some(Action::SettleNext(0));
        }
        let delivery = (0..BATCHES as u8).find_map(|batch| self.deliveries(state, batch).into_iter().next());
        delivery.or_else(|| self.beginnings(state, 0).into_iter().next())
    }
}
