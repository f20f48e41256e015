//! Delivery: claims, POSTs, unknown outcomes, callbacks, `settle` and refunds, for the messages of one conversation.

pub mod action;
pub mod mechanism;
pub mod part;
pub mod process;
pub mod property;
pub mod record;
pub mod state;

mod attempt;
mod claim;
mod deliver;
mod enabled;
mod model;
mod quiescence;
mod receive;
mod settle;
mod writes;

use stateright::Property;

pub use model::{Delivery, Model, Transition};

use crate::protocol::Protocol;
use action::Action;
use mechanism::Mechanism;
use part::Part;
use process::{Entry, Receiver, Settler, Worker};
use record::Status;
use state::State;

impl Protocol for Delivery {
    type State = State;
    type Action = Action;
    type Mechanism = Mechanism;
    type Part = Part;

    fn start(&self) -> State {
        State::start(self.messages)
    }

    fn actions(model: &Model, state: &State, actions: &mut Vec<Action>) {
        model.enabled(state, actions);
    }

    fn act(transition: &mut Transition, action: Action) {
        match action {
            Action::Receive(process, batch) => transition.receive(process, batch),
            Action::Claim(process) => transition.claim(process, true),
            Action::ClaimResponseLost(process) => transition.claim(process, false),
            Action::FailQueued(process) => transition.fail_queued(process),
            Action::Wait(process) => transition.wait(process),
            Action::FailPrepared(process) => transition.fail_prepared(process),
            Action::Post(process, outcome) => transition.post(process, outcome),
            Action::Write(process, write) => transition.write(process, write, true),
            Action::WriteResponseLost(process, write) => transition.write(process, write, false),
            Action::HandToSettle(process) => transition.hand_to_settle(process),
            Action::Return(process) => transition.end_batch(process),
            Action::Callback(message, event, attempt) => transition.callback(message, event, attempt),
            Action::Store(process) => transition.store(process),
            Action::Settle(message, attempt) => transition.settle(message, attempt),
            Action::SettleDeadLetter(message, in_time) => transition.settle_dead_letter(message, in_time),
            Action::SettleNext => transition.settle_next(),
            Action::Cancel(message) => transition.cancel(message),
            Action::LeaseEnds(message) => transition.record(message).lease_ended = true,
            Action::VisibilityEnds(message) => transition.visibility_ends(message),
            Action::Refund => {
                transition.state.pending -= 1;
                transition.state.credits += 1;
            }
            fault => transition.fault(fault),
        }
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}

impl Transition {
    fn cancel(&mut self, message: u8) {
        self.part(Part::Cancel);
        if self.record(message).status == Status::Queued {
            self.fail(message, Status::Failed);
        }
    }

    fn fault(&mut self, fault: Action) {
        self.state.faults += 1;
        match fault {
            Action::Crash(process) => *self.worker(process) = Worker::IDLE,
            Action::Freeze(process) => self.worker(process).frozen = true,
            Action::BecomesDeadLetter(message) => self.state.entries[message as usize] = Entry::DeadLetter,
            Action::ReceiveCrash(process) => self.state.receivers[process as usize] = Receiver::Idle,
            Action::SettleCrash => self.state.settler = Settler::Idle,
            Action::RefundLost => self.state.pending -= 1,
            _ => {}
        }
    }
}
