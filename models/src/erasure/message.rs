//! The steps of the message itself: request, delivery, settling and callbacks.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::{Erasure, Event, Record, Send, Settle, Webhook};

impl Transition {
    pub(super) fn send(&mut self) {
        self.state.send = match self.state.send {
            Send::Charge => {
                self.state.credits -= 1;
                self.state.reserved = true;
                Send::Insert
            }
            Send::Insert => {
                self.state.record = Record::Queued;
                self.state.recorded = true;
                self.come_in();
                Send::Enqueue
            }
            Send::Enqueue => {
                self.state.queued = true;
                Send::Ended // the reservation is left to the next charge, or to `settle`
            }
            Send::Ended => Send::Ended,
        };
    }

    pub(super) fn result(&mut self, is_accepted: bool) {
        self.state.posting = false;
        match (self.state.record, is_accepted) {
            (Record::Sending, true) => self.finish(Record::Done),
            (Record::Sending, false) => self.fail(),
            _ => self.state.unrecorded = true,
        }
    }

    /// `settle`, which looks at a reservation when its request has ended.
    pub(super) fn settle(&mut self) {
        let Settle::Write(read) = self.state.settle else {
            self.part(Part::ReservationOutcome);
            self.state.settle = Settle::Write(self.state.record);
            return;
        };
        self.part(Part::ResolveReservation);
        self.state.settle = Settle::Read;
        match read {
            Record::Absent => self.state.credits += i8::from(self.state.reserved),
            Record::Queued => self.state.queued = true,
            _ => {}
        }
        self.state.reserved = false;
    }

    pub(super) fn callback(&mut self) {
        self.state.callbacks -= 1;
        if self.bounds.inbound {
            self.part(Part::StoreMessage);
            if self.state.record == Record::Absent {
                self.state.came_back |= self.state.answered;
                self.come_in();
                self.finish(Record::Done);
            }
            return;
        }
        self.part(Part::FailReported);
        if self.state.record == Record::Done {
            self.fail();
        }
    }

    /// The message came in: of the erasures until now only one in progress can erase it, and for others no attempt looks.
    fn come_in(&mut self) {
        let is_over = |erasure: &Erasure| matches!(erasure, Erasure::Mark | Erasure::Answered);
        let may_be_erased = !self.state.erasures.iter().all(is_over) && self.has(Mechanism::MarkCoversErasure);
        if self.state.webhook == Webhook::Marked && !may_be_erased {
            self.state.webhook = Webhook::Unmarked;
        }
    }

    /// Record and credit in one transaction.
    pub(super) fn fail(&mut self) {
        self.state.credits += 1;
        self.state.refunded = true;
        self.finish(Record::Failed);
    }

    /// Writes a final state, whose event the stream brings. The model follows one event, the first that is written while none
    /// is on its way.
    fn finish(&mut self, record: Record) {
        self.state.record = record;
        if self.state.event == Event::Nowhere {
            self.state.event = Event::InStream;
        }
    }
}
