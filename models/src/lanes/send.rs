//! `send`, and what enqueues a message again.

use super::model::Transition;
use super::part::Part;
use super::state::{Lane, Request, Status, Step};

impl Transition {
    pub(super) const fn request(&mut self, request: u8) -> &mut Request {
        &mut self.state.requests[request as usize]
    }

    /// A request takes its time and follows those that were answered before.
    pub(super) fn begin(&mut self, request: u8) {
        self.part(Part::Begin);
        let answered = |(at, other): (usize, &Request)| u8::from(other.step == Step::Answered) << at;
        let follows = self.state.requests.iter().enumerate().map(answered).sum();
        *self.request(request) = Request { step: Step::Begun, follows, ..Request::default() };
    }

    /// The charge chooses the lane and, in the bulk lane, marks the instance.
    pub(super) fn charge(&mut self, request: u8, lane: Lane) {
        self.part(Part::Charge);
        self.state.is_marked |= lane == Lane::Bulk;
        let request = self.request(request);
        (request.lane, request.step) = (lane, Step::Charged);
    }

    pub(super) fn insert(&mut self, request: u8) {
        self.part(Part::Insert);
        let request = self.request(request);
        (request.status, request.step) = (Status::Queued, Step::Recorded);
    }

    pub(super) fn enqueue(&mut self, request: u8) {
        self.push(request);
        self.request(request).step = Step::Answered;
    }

    pub(super) fn crash(&mut self, request: u8) {
        self.request(request).step = Step::Crashed;
    }

    /// `settle` by the reservation, or a repeated request: behind the other messages of the same lane.
    pub(super) fn enqueue_again(&mut self, message: u8, is_repeated: bool) {
        self.part(if is_repeated { Part::Repeat } else { Part::ResolveReservation });
        self.push(message);
        let request = self.request(message);
        request.enqueued_again = true;
        if is_repeated {
            request.step = Step::Answered;
        }
    }

    fn push(&mut self, message: u8) {
        self.part(Part::Enqueue);
        let lane = self.request(message).lane as usize;
        self.state.queues[lane].push(message);
    }

    pub(super) fn fail(&mut self, message: u8) {
        self.part(Part::FailQueued);
        self.request(message).status = Status::Failed;
    }

    /// The instance leaves the bulk lane: the mark is removed.
    pub(super) fn leave_bulk_lane(&mut self) {
        self.part(Part::LeaveBulkLane);
        self.state.is_marked = false;
    }
}
