//! `deliver`: the pause, the claim, the turn, and the POST.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::{Lane, Message, Pause, Stage, Status, Worker};

impl Transition {
    pub(super) fn receive(&mut self, lane: Lane, is_stale: bool) {
        let message = self.state.queues[lane as usize][0];
        self.state.workers[lane as usize] = Some(Worker { message, is_stale, stage: Stage::Received });
    }

    /// Looks at the pause, and claims the message.
    pub(super) fn attempt(&mut self, lane: Lane) {
        self.part(Part::Attempt);
        let Some(worker) = self.state.workers[lane as usize] else { return };
        let is_paused = matches!(self.state.pause, Pause::Begun | Pause::Seen) && !worker.is_stale;
        if is_paused && self.may_wait(lane) {
            return self.move_to_table(lane, worker);
        }
        if is_paused {
            self.state.workers[lane as usize] = None;
            return;
        }
        self.part(Part::Claim);
        let message = self.message(worker.message);
        if message.status != Status::Queued {
            return self.delete(lane);
        }
        (message.status, message.waits) = (Status::Sending, false);
        self.set_stage(lane, worker, Stage::Claimed);
    }

    /// Makes the message ready, or releases it because it has to wait for an earlier one.
    pub(super) fn prepare(&mut self, lane: Lane) {
        self.part(Part::Prepare);
        let Some(worker) = self.state.workers[lane as usize] else { return };
        let earlier = self.state.messages[..worker.message as usize].iter();
        let mut open = earlier.filter(|earlier| earlier.status.is_open());
        let looks = match lane {
            Lane::Bulk => self.has(Mechanism::BulkWaitsBehind),
            Lane::Express => {
                let was_paused = self.state.pause != Pause::NotYet && !worker.is_stale;
                was_paused && self.has(Mechanism::ExpressWaitsBehind)
            }
        };
        if looks && open.clone().any(|earlier| earlier.waits) {
            self.part(Part::EarlierInTable);
            self.message(worker.message).status = Status::Queued;
            if self.may_wait(lane) {
                self.move_to_table(lane, worker);
            } else {
                self.state.workers[lane as usize] = None;
            }
        } else if lane == Lane::Bulk && open.any(|earlier| earlier.lane == Lane::Express) {
            self.message(worker.message).status = Status::Queued;
            self.state.workers[lane as usize] = None;
        } else {
            self.set_stage(lane, worker, Stage::Ready);
        }
    }

    /// Without [`Mechanism::TableFirst`] the message leaves the queue first, and the table gets it with the next step.
    fn move_to_table(&mut self, lane: Lane, worker: Worker) {
        if self.has(Mechanism::TableFirst) {
            self.put_into_table(worker.message);
        } else {
            self.state.queues[lane as usize].remove(0);
        }
        self.set_stage(lane, worker, Stage::Parked);
    }

    /// Posts the message. A refused one stays the first of its queue.
    pub(super) fn post(&mut self, lane: Lane, accepted: bool) {
        self.part(Part::Post);
        let Some(Worker { message: number, .. }) = self.state.workers[lane as usize].take() else { return };
        let follows = self.message(number).follows;
        let is_followed = |(at, other): (usize, &Message)| follows & 1 << at != 0 && other.status.is_open();
        self.state.is_out_of_order |= self.state.messages.iter().enumerate().any(is_followed);
        let message = self.message(number);
        if accepted {
            message.status = Status::Sent;
            self.state.queues[lane as usize].remove(0);
        } else {
            (message.status, message.refused) = (Status::Queued, true);
        }
    }

    /// The message leaves the queue.
    pub(super) fn delete(&mut self, lane: Lane) {
        let Some(worker) = self.state.workers[lane as usize].take() else { return };
        if worker.stage == Stage::Parked && !self.has(Mechanism::TableFirst) {
            self.put_into_table(worker.message);
        } else {
            self.state.queues[lane as usize].remove(0);
        }
    }

    pub(super) const fn crash(&mut self, lane: Lane) {
        self.state.workers[lane as usize] = None;
        self.state.has_crashed = true;
    }

    const fn set_stage(&mut self, lane: Lane, worker: Worker, stage: Stage) {
        self.state.workers[lane as usize] = Some(Worker { stage, ..worker });
    }
}
