//! `settle`: a batch's reservation whose request has ended, and open batches.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::{ALL_ROWS, Record, Settler};

impl Transition {
    /// Reads the batch of a reservation.
    pub(super) fn settle(&mut self, settler: u8, nonce: u8) {
        self.part(Part::Settle);
        self.state.settlers[settler as usize] = Settler::Rows(nonce, self.batch_of(nonce).record);
    }

    /// Looks at an open batch.
    pub(super) fn look(&mut self, settler: u8, batch: u8) {
        self.part(Part::Look);
        if self.batch(batch).queued() == 0 || !self.has(Mechanism::NothingLeft) {
            self.state.settlers[settler as usize] = Settler::Complete(batch);
        }
    }

    pub(super) fn settle_next(&mut self, settler: u8) {
        let next = match self.state.settlers[settler as usize] {
            Settler::Idle => Settler::Idle,
            Settler::Rows(nonce, record) => self.rows(nonce, record),
            Settler::Accept { nonce, record, rows, refunded } => {
                self.accept_broken_off(nonce, record, rows);
                if self.has(Mechanism::AcceptThenEnd) { Settler::End(nonce, refunded) } else { Settler::Idle }
            }
            Settler::End(nonce, refunded) => {
                self.settle_reservation(nonce, refunded);
                Settler::Idle
            }
            Settler::Complete(batch) => {
                self.complete(batch);
                Settler::Idle
            }
        };
        self.state.settlers[settler as usize] = next;
    }

    /// Reads the messages, and decides.
    fn rows(&mut self, nonce: u8, record: Option<Record>) -> Settler {
        let reserved = self.state.reserved[nonce as usize];
        let Some(record) = record else { return Settler::End(nonce, reserved) };
        self.part(Part::SettlesFind);
        let batch = *self.batch_of(nonce);
        let (rows, by_nonce) = (batch.recorded(), self.has(Mechanism::ByNonce));
        let charged = if by_nonce { batch.recorded_by(nonce, self.has(Mechanism::TombstoneNonce)) } else { rows }
            .count_ones() as u8;
        let kept = if self.has(Mechanism::RefundsTheRest) { charged } else { 0 };
        let refunded = reserved.saturating_sub(kept);
        let is_its_own = record.nonce == nonce || !self.has(Mechanism::AcceptsItsOwn);
        if record.is_accepted || !is_its_own || rows == 0 || !self.has(Mechanism::AcceptsBrokenOff) {
            return Settler::End(nonce, refunded);
        }
        if !self.has(Mechanism::AcceptThenEnd) {
            self.settle_reservation(nonce, refunded);
        }
        Settler::Accept { nonce, record, rows, refunded }
    }

    fn accept_broken_off(&mut self, nonce: u8, record: Record, rows: u8) {
        self.part(Part::SettlesAccept);
        let rejected = record.rejected | ALL_ROWS & !rows;
        let accepted = Record { is_accepted: true, count: rows.count_ones() as u8, rejected, ..record };
        self.accept(nonce, accepted);
    }

    /// `AccountsTable::complete_batch`.
    fn complete(&mut self, batch: u8) {
        self.part(Part::CompleteBatch);
        let once = self.has(Mechanism::CompletedOnce);
        let batch = self.batch(batch);
        if !batch.is_complete || !once {
            batch.is_complete = true;
            batch.published += 1;
        }
        batch.is_open = false;
    }
}
