//! Erasure: two of them at once, beside the message's request, delivery, settling and callbacks, and beside the attempts at
//! a webhook with its event.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod copies;
mod message;
mod model;

use stateright::Property;

pub use model::{Action, Erasing, Model, Transition};

use crate::protocol::Protocol;
use mechanism::Mechanism;
use part::Part;
use state::{Erasure, Event, Record, Redaction, Send, Settle, State, Webhook};

impl Protocol for Erasing {
    type State = State;
    type Action = Action;
    type Mechanism = Mechanism;
    type Part = Part;

    fn start(&self) -> State {
        State {
            record: Record::Absent,
            recorded: false,
            refunded: false,
            credits: 0,
            reserved: false,
            queued: false,
            posting: false,
            send: if self.inbound { Send::Ended } else { Send::Charge },
            settle: Settle::Read,
            callbacks: if self.inbound { 2 } else { 1 },
            erasures: [Erasure::Mark; 2],
            erased: false,
            answered: false,
            webhook: if self.webhook { Webhook::Unmarked } else { Webhook::Absent },
            event: Event::Nowhere,
            failures: 2,
            logged: false,
            redaction: Redaction::None,
            posted_late: false,
            came_back: false,
            unrecorded: false,
        }
    }

    fn actions(model: &Model, state: &State, actions: &mut Vec<Action>) {
        if state.send != Send::Ended {
            actions.extend([Action::Send, Action::Crash]);
        }
        if state.queued && !state.posting {
            actions.push(Action::Claim);
        }
        if state.posting {
            actions.extend([Action::Result(true), Action::Result(false)]);
        }
        if state.send == Send::Ended && (state.reserved || state.settle != Settle::Read) {
            actions.push(Action::Settle);
        }
        if state.callbacks > 0 && (model.bounds.inbound || state.record != Record::Absent) {
            actions.push(Action::Callback);
        }
        actions
            .extend((0..2).filter(|number| state.erasures[*number as usize] != Erasure::Answered).map(Action::Erase));
        if state.webhook == Webhook::Absent {
            actions.push(Action::CreateWebhook);
        }
        match state.event {
            Event::Nowhere => {}
            Event::InStream | Event::InQueue => actions.push(Action::Begin),
            Event::Begun { .. } => actions.push(Action::Post),
            Event::Posted => {
                actions.push(Action::Respond(true));
                actions.extend((state.failures > 0).then_some(Action::Respond(false)));
            }
        }
        let in_progress = matches!(state.event, Event::Begun { .. } | Event::Posted);
        if state.redaction == Redaction::InStream || state.redaction == Redaction::Again && !in_progress {
            actions.push(Action::Redact);
        }
    }

    fn act(transition: &mut Transition, action: Action) {
        let state = &mut transition.state;
        match action {
            Action::Send => transition.send(),
            Action::Crash => state.send = Send::Ended,
            Action::Claim => {
                state.queued = false;
                state.posting = state.record == Record::Queued;
                if state.posting {
                    state.record = Record::Sending;
                }
            }
            Action::Result(is_accepted) => transition.result(is_accepted),
            Action::Settle => transition.settle(),
            Action::Callback => transition.callback(),
            Action::Erase(number) => transition.erase(number),
            Action::CreateWebhook => transition.create_webhook(),
            Action::Begin => transition.begin(),
            Action::Post => {
                let Event::Begun { looks, late } = state.event else { return };
                transition.post(looks, late);
            }
            Action::Respond(is_accepted) => transition.respond(is_accepted),
            Action::Redact => transition.redact(),
        }
    }

    fn properties() -> Vec<Property<Model>> {
        property::all()
    }
}
