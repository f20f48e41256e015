//! The steps of erasures, and of the copies of the event: attempts at the webhook, and the delivery log.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::{Erasure, Event, Record, Redaction, Webhook};

impl Transition {
    pub(super) fn erase(&mut self, number: u8) {
        self.state.erasures[number as usize] = match self.state.erasures[number as usize] {
            Erasure::Mark => {
                self.part(Part::MarkWebhooks);
                if self.state.webhook == Webhook::Unmarked && self.has(Mechanism::MarksWebhooks) {
                    self.state.webhook = Webhook::Marked;
                }
                Erasure::Read
            }
            Erasure::Read => {
                self.part(Part::EraseOnce);
                match self.state.record {
                    Record::Absent | Record::Tombstone => self.answer(),
                    Record::Queued => Erasure::Cancel,
                    Record::Sending if self.has(Mechanism::OnlyFinal) => self.answer(),
                    Record::Sending | Record::Done | Record::Failed => Erasure::Erase,
                }
            }
            Erasure::Cancel => {
                self.part(Part::Cancel);
                if self.state.record == Record::Queued {
                    self.fail();
                }
                match self.state.record {
                    Record::Sending if self.has(Mechanism::OnlyFinal) => self.answer(),
                    _ => Erasure::Erase,
                }
            }
            Erasure::Erase => {
                self.part(Part::Erase);
                self.replace();
                self.answer()
            }
            Erasure::Answered => Erasure::Answered,
        };
    }

    fn replace(&mut self) {
        if self.state.record == Record::Absent {
            return;
        }
        self.state.erased = true;
        if !self.has(Mechanism::Tombstone) {
            self.state.record = Record::Absent;
            return;
        }
        self.state.record = Record::Tombstone;
        if self.state.redaction == Redaction::None {
            self.state.redaction = Redaction::InStream;
        }
    }

    fn answer(&mut self) -> Erasure {
        self.state.answered |= self.state.erased;
        Erasure::Answered
    }

    pub(super) fn create_webhook(&mut self) {
        let looks = self.has(Mechanism::NewWebhookLooks);
        self.state.webhook = if looks { Webhook::Marked } else { Webhook::Unmarked };
    }

    pub(super) fn begin(&mut self) {
        self.state.event = match self.state.webhook {
            Webhook::Absent => Event::Nowhere, // nobody subscribes to it
            webhook => Event::Begun { looks: webhook == Webhook::Marked, late: self.state.answered },
        };
    }

    pub(super) fn post(&mut self, looks: bool, late: bool) {
        self.part(Part::IsErased);
        let is_erased = looks && self.has(Mechanism::AttemptReads) && self.state.record == Record::Tombstone;
        if is_erased {
            self.state.event = Event::Nowhere;
            return;
        }
        self.state.posted_late |= late;
        self.state.event = Event::Posted;
    }

    /// The endpoint's response. One that is not 2xx may repeat the event, and is logged.
    pub(super) fn respond(&mut self, is_accepted: bool) {
        self.state.event = Event::Nowhere;
        if !is_accepted {
            self.part(Part::AfterFailure);
            self.state.logged = true;
            self.state.failures -= 1;
            self.state.event = Event::InQueue;
        }
    }

    /// The second time is after every attempt has ended that was in progress the first time.
    pub(super) fn redact(&mut self) {
        self.part(Part::RedactLogs);
        self.state.logged = false;
        self.state.redaction = match self.state.redaction {
            Redaction::InStream => {
                self.part(Part::Redact);
                if self.has(Mechanism::RedactedAgain) { Redaction::Again } else { Redaction::Complete }
            }
            _ => Redaction::Complete,
        };
    }
}
