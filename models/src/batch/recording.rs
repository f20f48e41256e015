//! `send`: the steps of a request from its charge to the acceptance of its batch.

use super::mechanism::Mechanism;
use super::model::{Call, Transition};
use super::part::Part;
use super::state::{ALL_ROWS, Record, Row, Status, Step};
use crate::response::Response;

impl Transition {
    pub(super) fn begin(&mut self, request: u8, call: Call) -> Step {
        let own = *self.request(request);
        self.part(if own.broken_off.is_some() { Part::Resume } else { Part::Begin });
        if call == Call::Lost {
            return Step::Responded(Response::Unknown);
        }
        let existing = self.batch_of(request).record;
        let may = match (existing, own.broken_off) {
            (None, _) => own.broken_off.is_none(),
            (Some(_), None) => !self.has(Mechanism::BeginIfAbsent),
            (Some(existing), Some(broken_off)) => {
                (existing.nonce == broken_off || !self.has(Mechanism::TakenOverAsRead))
                    && (!existing.is_accepted || !self.has(Mechanism::TakenOverWhileRecording))
            }
        };
        if may {
            let record = Record { nonce: request, is_accepted: false, count: 0, rejected: own.rejected };
            self.batch_of(request).record = Some(record);
        } else if let Some(existing) = existing {
            let is_own = existing.nonce == request && self.has(Mechanism::OwnBatch);
            if !is_own && call != Call::LostApplied {
                return self.repeated(request, existing);
            }
        }
        if call == Call::LostApplied { Step::Responded(Response::Unknown) } else { self.next_row(request, 0) }
    }

    /// The next message to record, from a row on. When none could be recorded nothing is accepted.
    fn next_row(&mut self, request: u8, from: u8) -> Step {
        let own = *self.request(request);
        match (from..8).find(|row| own.missing & 1 << row != 0) {
            Some(row) => Step::Insert(row),
            None if own.earlier | own.recorded == 0 => Step::EndCharge(self.charged(request), Response::Refused),
            None => Step::Accept,
        }
    }

    pub(super) fn insert(&mut self, request: u8, row: u8, call: Call) -> Step {
        self.part(Part::RecordRow);
        if call == Call::Lost {
            return Step::Withdraw(row);
        }
        let existing = self.batch_of(request).rows[row as usize];
        let of_tombstones = self.has(Mechanism::TombstoneNonce);
        let is_own =
            existing.is_some_and(|existing| existing.is_of(request, of_tombstones)) && self.has(Mechanism::OwnInsert);
        if existing.is_none() || !self.has(Mechanism::InsertIfAbsent) {
            self.batch_of(request).rows[row as usize] =
                Some(Row { nonce: request, status: Status::Queued, is_erased: false });
        }
        if call == Call::LostApplied {
            return Step::Withdraw(row);
        }
        if call == Call::Answered {
            let is_recorded = existing.is_none() || is_own || !self.has(Mechanism::InsertIfAbsent);
            let is_erased = existing.is_some_and(|existing| existing.is_erased);
            let own = self.request(request);
            let outcome = match (is_recorded, is_erased) {
                (true, _) => &mut own.recorded,
                (false, true) => &mut own.rejected,
                (false, false) => &mut own.earlier,
            };
            *outcome |= 1 << row;
        }
        self.next_row(request, row + 1)
    }

    pub(super) fn withdraw(&mut self, request: u8, row: u8, call: Call) -> Step {
        self.part(Part::Withdraw);
        if call == Call::Lost {
            return Step::Responded(Response::Unknown);
        }
        let of_tombstones = self.has(Mechanism::TombstoneNonce);
        let is_own = |existing: &Row| existing.is_of(request, of_tombstones);
        let existing = self.batch_of(request).rows[row as usize].filter(is_own);
        let is_touched = existing.is_some_and(|existing| existing.status != Status::Queued);
        let may = !is_touched || !self.has(Mechanism::WithdrawUntouched);
        if may && existing.is_some() {
            self.batch_of(request).rows[row as usize] = None;
        }
        if call == Call::LostApplied || !may {
            return Step::Responded(Response::Unknown);
        }
        self.request(request).rejected |= 1 << row;
        self.next_row(request, row + 1)
    }

    pub(super) fn accept_own(&mut self, request: u8, call: Call) -> Step {
        let own = *self.request(request);
        let rejected = own.rejected;
        let count = (own.earlier & (ALL_ROWS & !rejected) | own.recorded).count_ones() as u8;
        let accepted = Record { nonce: request, is_accepted: true, count, rejected };
        // The SDK repeats the transaction with its token: that it was applied is recognised.
        let was_applied = own.repeating && self.batch_of(request).record == Some(accepted);
        let is_accepted = call != Call::Lost && (was_applied || self.accept(request, accepted));
        match (call, self.batch_of(request).record) {
            (Call::Lost | Call::LostApplied, _) => Step::Responded(Response::Unknown),
            (_, Some(found)) if !is_accepted => match self.repeated(request, found) {
                Step::EndCharge(_, response) => Step::Responded(response), // `settle` has ended the charge, or will
                step => step,
            },
            _ => {
                self.note_answer(request, accepted.listed());
                let refunded = self.charged(request) - own.recorded.count_ones() as u8;
                if refunded > 0 {
                    return Step::EndCharge(refunded, Response::Accepted);
                }
                self.request(request).completed = call == Call::Answered;
                Step::Responded(Response::Accepted)
            }
        }
    }

    /// `AccountsTable::accept_batch`: accepts the batch of a request as it was read.
    pub(super) fn accept(&mut self, request: u8, accepted: Record) -> bool {
        self.part(Part::Accept);
        let opens = self.has(Mechanism::OpenedWithAcceptance);
        let (as_read, once) = (self.has(Mechanism::AcceptedAsRead), self.has(Mechanism::AcceptedOnce));
        let batch = self.batch_of(request);
        let is_as_read =
            |existing: Record| (existing.nonce == accepted.nonce || !as_read) && (!existing.is_accepted || !once);
        if !batch.record.is_some_and(is_as_read) {
            return false;
        }
        let nonce = batch.record.map_or(accepted.nonce, |existing| existing.nonce);
        batch.record = Some(Record { nonce, ..accepted });
        batch.is_open |= opens;
        true
    }
}
