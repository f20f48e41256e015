//! Erasure: two of them at once, beside the message's request, delivery, settling and callbacks, and beside the attempts at
//! a webhook with its event.

pub mod mechanism;
pub mod part;
pub mod property;
pub mod state;

mod copies;
mod message;
mod model;

use std::cell::Cell;
use std::sync::atomic::Ordering;

use stateright::{Model, Property};

pub use model::{Action, Bounds, Erasing};

use model::Transition;
use state::{Erasure, Event, Record, Redaction, Send, Settle, State, Webhook};

impl Model for Erasing {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            record: Record::Absent,
            recorded: false,
            refunded: false,
            credits: 0,
            reserved: false,
            queued: false,
            posting: false,
            send: if self.bounds.inbound { Send::Ended } else { Send::Charge },
            settle: Settle::Read,
            callbacks: if self.bounds.inbound { 2 } else { 1 },
            erasures: [Erasure::Mark; 2],
            erased: false,
            answered: false,
            webhook: if self.bounds.webhook { Webhook::Unmarked } else { Webhook::Absent },
            event: Event::Nowhere,
            failures: 2,
            logged: false,
            redaction: Redaction::None,
            posted_late: false,
            came_back: false,
            unrecorded: false,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
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
        if state.callbacks > 0 && (self.bounds.inbound || state.record != Record::Absent) {
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

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let (state, active) = (state.clone(), self.active);
        let mut transition = Transition { state, active, inbound: self.bounds.inbound, parts: Cell::new(0) };
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
                let Event::Begun { looks, late } = state.event else { return None };
                transition.post(looks, late);
            }
            Action::Respond(is_accepted) => transition.respond(is_accepted),
            Action::Redact => transition.redact(),
        }
        self.covered.fetch_or(transition.parts.get(), Ordering::Relaxed);
        Some(transition.state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        property::all()
    }
}
