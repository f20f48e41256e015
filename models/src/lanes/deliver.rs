//! `deliver`: the claim, the turn, and the POST.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::{Lane, Request, Status, Worker};

impl Transition {
    /// Receives the first message of a queue. One that is not queued is deleted from it.
    pub(super) fn receive(&mut self, lane: Lane) {
        self.part(Part::Claim);
        let message = self.state.queues[lane as usize][0];
        if self.request(message).status == Status::Queued {
            self.request(message).status = Status::Sending;
            self.state.workers[lane as usize] = Some(Worker { message, is_ready: false });
        } else {
            self.state.queues[lane as usize].remove(0);
        }
    }

    /// Makes the message ready, or releases it because it has to wait.
    pub(super) fn prepare(&mut self, lane: Lane) {
        self.part(Part::Prepare);
        let Some(worker) = self.state.workers[lane as usize] else { return };
        let waits = lane == Lane::Bulk && self.has(Mechanism::ExpressFirst) && self.has_open_earlier(worker.message);
        if waits {
            self.request(worker.message).status = Status::Queued;
            self.state.workers[lane as usize] = None;
        } else {
            self.state.workers[lane as usize] = Some(Worker { is_ready: true, ..worker });
        }
    }

    /// The query of the conversation, from the message back.
    fn has_open_earlier(&self, message: u8) -> bool {
        self.part(Part::EarlierInExpress);
        let is_waited_for = |earlier: &Request| {
            let is_other = earlier.lane == Lane::Express || !self.has(Mechanism::OtherQueueOnly);
            earlier.status.is_open() && is_other
        };
        for earlier in self.state.requests[..message as usize].iter().rev() {
            if is_waited_for(earlier) {
                return true;
            }
            if earlier.status == Status::Sent && !self.has(Mechanism::LooksPastSent) {
                return false;
            }
        }
        false
    }

    /// Posts the message. A refused one stays the first of its queue.
    pub(super) fn post(&mut self, lane: Lane, accepted: bool) {
        self.part(Part::Post);
        let Some(Worker { message, .. }) = self.state.workers[lane as usize].take() else { return };
        let follows = self.request(message).follows;
        let requests = self.state.requests.iter().enumerate();
        let overtakes = requests.filter(|(at, _)| follows & 1 << at != 0).any(|(_, other)| other.status.is_open());
        self.state.is_out_of_order |= overtakes;
        if accepted {
            self.request(message).status = Status::Sent;
            self.state.queues[lane as usize].remove(0);
        } else {
            let request = self.request(message);
            (request.status, request.refused) = (Status::Queued, true);
        }
    }
}
