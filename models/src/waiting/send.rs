//! `send`, the feeder, and `settle`.

use super::mechanism::Mechanism;
use super::model::{Place, Transition};
use super::part::Part;
use super::state::{Lane, Message, Pause, Status, Step};

impl Transition {
    pub(super) const fn message(&mut self, number: u8) -> &mut Message {
        &mut self.state.messages[number as usize]
    }

    /// A request follows those that were answered before.
    pub(super) fn begin(&mut self, number: u8) {
        let answered = |(at, other): (usize, &Message)| u8::from(other.step == Step::Answered) << at;
        let follows = self.state.messages.iter().enumerate().map(answered).sum();
        *self.message(number) = Message { step: Step::Begun, follows, ..Message::default() };
    }

    pub(super) fn accept(&mut self, number: u8, lane: Lane, place: Place) {
        self.part(Part::Accept);
        self.state.is_marked |= lane == Lane::Bulk;
        let message = self.message(number);
        (message.lane, message.status, message.step) = (lane, Status::Queued, Step::Answered);
        match place {
            Place::Queue => self.push(number),
            Place::Table => self.put_into_table(number),
            Place::Nowhere => self.message(number).step = Step::Crashed,
        }
    }

    pub(super) fn settle(&mut self, number: u8) {
        self.part(Part::ResolveReservation);
        self.push(number);
        self.message(number).step = Step::Answered;
    }

    pub(super) fn feed(&mut self, number: u8) {
        self.part(Part::Feed);
        self.push(number);
        self.message(number).fed += 1;
    }

    pub(super) const fn take_out(&mut self, number: u8) {
        self.message(number).waits = false;
    }

    pub(super) fn fail(&mut self, number: u8) {
        self.part(Part::FailQueued);
        let message = self.message(number);
        (message.status, message.waits) = (Status::Failed, false);
    }

    pub(super) fn leave_bulk_lane(&mut self) {
        self.part(Part::LeaveBulkLane);
        self.state.is_marked = false;
    }

    pub(super) fn put_into_table(&mut self, number: u8) {
        self.part(Part::WaitInTable);
        let message = self.message(number);
        if message.status == Status::Queued {
            (message.waits, message.was_seen) = (true, true);
        }
    }

    fn push(&mut self, number: u8) {
        self.part(Part::Enqueue);
        let lane = self.message(number).lane as usize;
        self.state.queues[lane].push(number);
    }

    /// Whether `deliver` may put a message of this lane into the table.
    pub(super) fn may_wait(&self, lane: Lane) -> bool {
        let is_seen = matches!(self.state.pause, Pause::Seen | Pause::Over);
        lane == Lane::Bulk || is_seen || !self.has(Mechanism::SeenFirst)
    }
}
