//! A batch's charge: one reservation for all its messages, the batch's record, theirs, its acceptance, and what requests with one
//! Idempotency-Key, crashes and lost responses do to them (docs/adr/0064).

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod enabled;
mod model;
mod quiescence;
mod recording;
mod send;
mod settle;

use stateright::Property;

pub use model::{Action, Batching, Call, Model, Transition};

use crate::protocol::Protocol;
use mechanism::Mechanism;
use part::Part;
use state::{Batch, Row, Settler, State, Status, Step};

impl Protocol for Batching {
    type State = State;
    type Action = Action;
    type Mechanism = Mechanism;
    type Part = Part;

    fn start(&self) -> State {
        State::start(self.granted)
    }

    fn actions(model: &Model, state: &State, actions: &mut Vec<Action>) {
        model.enabled(state, actions);
    }

    fn act(transition: &mut Transition, action: Action) {
        transition.act(action);
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}

impl Transition {
    fn act(&mut self, action: Action) {
        match action {
            Action::Send(request) => {
                let old = (0..).zip(&self.state.requests).filter(|(_, request)| request.old);
                self.request(request).began_after = old.fold(0, |bits, (number, _)| bits | 1 << number);
                self.request(request).step = Step::Find;
            }
            Action::Step(request, call) => self.step(request, call),
            Action::Crash(request) => {
                self.state.faults += 1;
                self.request(request).step = Step::Dead;
            }
            Action::TimeOut(request) => self.time_out(request),
            Action::NextCharge(request) => {
                self.part(Part::Complete);
                self.request(request).completed = false;
                self.state.reserved[request as usize] = 0;
            }
            Action::OptOut => self.state.opted_out = true,
            Action::Deliver(batch, row, status) => {
                self.part(Part::Deliver);
                self.batch(batch).posted[row as usize] += u8::from(status == Status::Sent);
                self.set_status(batch, row, status);
            }
            Action::Cancel(batch, row) => {
                self.part(Part::Cancel);
                self.set_status(batch, row, Status::Failed);
            }
            Action::Erase(batch, row) => self.erase(batch, row),
            Action::Settle(settler, nonce) => self.settle(settler, nonce),
            Action::Look(settler, batch) => self.look(settler, batch),
            Action::SettleNext(settler) => self.settle_next(settler),
            Action::SettleCrash(settler) => {
                self.state.faults += 1;
                self.state.settlers[settler as usize] = Settler::Idle;
            }
        }
    }

    const fn batch(&mut self, batch: u8) -> &mut Batch {
        &mut self.state.batches[batch as usize]
    }

    const fn batch_of(&mut self, request: u8) -> &mut Batch {
        self.batch(self.bounds.batches[request as usize])
    }

    /// Erases a message that will not be sent any more. One that is queued is cancelled first.
    fn erase(&mut self, batch: u8, row: u8) {
        self.part(Part::Erase);
        let leaves_tombstone = self.has(Mechanism::Tombstone);
        let row = &mut self.batch(batch).rows[row as usize];
        *row = row.filter(|_| leaves_tombstone).map(|row| Row { is_erased: true, ..row });
    }

    fn set_status(&mut self, batch: u8, row: u8, status: Status) {
        if let Some(row) = &mut self.batch(batch).rows[row as usize] {
            row.status = status;
            self.state.credits += i8::from(status == Status::Failed);
        }
    }
}
