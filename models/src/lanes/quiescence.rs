//! Whether every message ends from a state when the requests have ended and nothing is refused any more.

use super::model::{Action, Model};
use super::state::{Lane, State, Status, Step};

/// More rounds than any state needs: each one ends a message, or nothing will.
const ROUNDS: usize = 8;

impl Model {
    /// Whether every recorded message is sent or has failed.
    pub fn ends(&self, state: &State) -> bool {
        let mut state = state.clone();
        for request in &mut state.requests {
            if matches!(request.step, Step::Begun | Step::Charged | Step::Recorded) {
                request.step = Step::Crashed;
            }
        }
        let left = |state: &State| {
            let in_queues: Vec<u8> = state.queues.concat();
            let is_left = |at: &u8| state.requests[*at as usize].status == Status::Queued && !in_queues.contains(at);
            (0..self.bounds.requests).find(is_left)
        };
        while let Some(message) = left(&state) {
            state = self.after(&state, Action::Settle(message));
        }
        for _ in 0..ROUNDS {
            for lane in [Lane::Express, Lane::Bulk] {
                state = self.turn(state, lane);
            }
        }
        !state.requests.iter().any(|request| request.status.is_open())
    }

    /// The state after a process has done what it can with the first message of a queue.
    fn turn(&self, mut state: State, lane: Lane) -> State {
        if state.workers[lane as usize].is_none() && !state.queues[lane as usize].is_empty() {
            state = self.after(&state, Action::Receive(lane));
        }
        if state.workers[lane as usize].is_some_and(|worker| !worker.is_ready) {
            state = self.after(&state, Action::Prepare(lane));
        }
        if state.workers[lane as usize].is_some() {
            state = self.after(&state, Action::Post(lane, true));
        }
        state
    }
}
