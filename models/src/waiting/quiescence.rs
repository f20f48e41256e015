//! Whether every message ends from a state when the requests have ended, the pause is over and nothing is refused any more.

use super::model::{Action, Model};
use super::state::{Lane, Pause, Stage, State, Status, Step};

/// More rounds than any state needs: each one ends a message, or nothing will.
const ROUNDS: usize = 12;

impl Model {
    /// Whether every recorded message is sent or has failed.
    pub fn ends(&self, state: &State) -> bool {
        let mut state = state.clone();
        state.pause = Pause::Over;
        for number in 0..self.bounds.messages {
            let message = state.messages[number as usize];
            if message.step == Step::Crashed && message.status == Status::Queued {
                state = self.after(&state, Action::Settle(number));
            }
        }
        for _ in 0..ROUNDS {
            for lane in [Lane::Express, Lane::Bulk] {
                state = self.turn(state, lane);
            }
            for number in 0..self.bounds.messages {
                let message = state.messages[number as usize];
                if message.waits && message.status == Status::Queued && !state.queues.concat().contains(&number) {
                    state = self.after(&state, Action::Feed(number));
                }
            }
        }
        !state.messages.iter().any(|message| message.status.is_open())
    }

    /// The state after a process has done what it can with the first message of a queue.
    fn turn(&self, mut state: State, lane: Lane) -> State {
        if state.workers[lane as usize].is_none() && !state.queues[lane as usize].is_empty() {
            state = self.after(&state, Action::Receive(lane, false));
        }
        while let Some(worker) = state.workers[lane as usize] {
            state = self.after(
                &state,
                match worker.stage {
                    Stage::Received => Action::Attempt(lane),
                    Stage::Claimed => Action::Prepare(lane),
                    Stage::Ready => Action::Post(lane, true),
                    Stage::Parked => Action::Delete(lane),
                },
            );
        }
        state
    }
}
