//! What every model consists of: a protocol, the model that the checker explores, and the transitions between its states.

use std::cell::Cell;
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use stateright::Property;

use crate::code::InCode;
use crate::mechanisms::Mechanisms;

/// A protocol within bounds, which are its fields.
pub trait Protocol: Copy + Debug + Send + Sync + 'static {
    /// A state of the model.
    type State: Clone + Debug + Eq + Hash + Send + Sync;
    /// What can happen.
    type Action: Copy + Debug + PartialEq;
    /// What can be removed from the protocol.
    type Mechanism: InCode;
    /// The parts of the code that the steps represent.
    type Part: InCode;

    /// The state at the start.
    fn start(&self) -> Self::State;

    /// Adds what can happen in a state.
    fn actions(model: &Model<Self>, state: &Self::State, actions: &mut Vec<Self::Action>);

    /// Makes the changes of an action.
    fn act(transition: &mut Transition<Self>, action: Self::Action);

    /// What must hold in every state, and what must be reachable.
    fn properties() -> Vec<Property<Model<Self>>>;
}

/// A protocol with some of its mechanisms.
#[derive(Clone, Debug)]
pub struct Model<P: Protocol> {
    pub(crate) bounds: P,
    pub(crate) active: Mechanisms<P::Mechanism>,
    covered: Arc<AtomicU32>,
}

impl<P: Protocol> Model<P> {
    /// A model with these bounds and mechanisms.
    pub fn new(bounds: P, active: Mechanisms<P::Mechanism>) -> Self {
        Self { bounds, active, covered: Arc::default() }
    }

    /// Whether this model or a clone of it has taken a step that represents a part of the code.
    pub fn has_covered(&self, part: P::Part) -> bool {
        self.covered.load(Ordering::Relaxed) & part.bit() != 0
    }

    /// The state after an action.
    pub(crate) fn after(&self, state: &P::State, action: P::Action) -> P::State {
        let mut transition = self.transition(state);
        P::act(&mut transition, action);
        self.covered.fetch_or(transition.parts.get(), Ordering::Relaxed);
        transition.state
    }

    /// The state after the actions that are chosen, until none is; they are at most so many.
    pub(crate) fn run(&self, state: P::State, most: usize, next: impl Fn(&P::State) -> Option<P::Action>) -> P::State {
        let mut state = state;
        for _ in 0..most {
            let Some(action) = next(&state) else { break };
            state = self.after(&state, action);
        }
        state
    }

    /// A transition from a state.
    pub(crate) fn transition(&self, state: &P::State) -> Transition<P> {
        Transition { state: state.clone(), bounds: self.bounds, active: self.active, parts: Cell::new(0) }
    }
}

impl<P: Protocol> stateright::Model for Model<P> {
    type State = P::State;
    type Action = P::Action;

    fn init_states(&self) -> Vec<P::State> {
        vec![self.bounds.start()]
    }

    fn actions(&self, state: &P::State, actions: &mut Vec<P::Action>) {
        P::actions(self, state, actions);
    }

    fn next_state(&self, state: &P::State, action: P::Action) -> Option<P::State> {
        let next = self.after(state, action);
        (next != *state).then_some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        P::properties()
    }
}

/// A transition in progress: the state that it changes.
#[derive(Debug)]
pub struct Transition<P: Protocol> {
    pub(crate) state: P::State,
    pub(crate) bounds: P,
    active: Mechanisms<P::Mechanism>,
    parts: Cell<u32>,
}

impl<P: Protocol> Transition<P> {
    /// Whether a mechanism is active.
    pub(crate) fn has(&self, mechanism: P::Mechanism) -> bool {
        self.active.has(mechanism)
    }

    /// Notes that the step represents this part of the code.
    pub(crate) fn part(&self, part: P::Part) {
        self.parts.set(self.parts.get() | part.bit());
    }
}
