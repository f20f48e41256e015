//! A state of the model: the records of instances, the items of numbers, the requests, and `receive`.

/// The record of an instance.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Instance {
    /// Whether its status is connected.
    pub connected: bool,
    /// Its number.
    pub number: Option<u8>,
    /// Which of its connections this is or was the last (`connectedAt`).
    pub connection: u8,
}

/// The next step of a request.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    /// It reads the record of its instance.
    Read,
    /// It writes what follows from the record that it read.
    Write(Option<Instance>),
    /// It has responded; whether it was applied.
    Done(bool),
}

/// The callback with the current message, as far as `receive` has handled it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Callback {
    /// WhatsApp posts it, for the first time or again.
    Posted,
    /// The owner was read.
    OwnerRead(Option<u8>),
    /// There was no owner, and the tombstone of the last one was read.
    TombstoneRead(bool),
}

/// A state.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct State {
    /// The records of the instances, unless they were deleted.
    pub instances: [Option<Instance>; 2],
    /// The owner of each number (`number#…`, `number`).
    pub owners: [Option<u8>; 2],
    /// Whether each number has the tombstone of its last owner (`number#…`, `freed`).
    pub freed: [bool; 2],
    /// The requests.
    pub requests: Vec<Step>,
    /// Messages that are still to come, the current one included.
    pub inbound: u8,
    /// The current message.
    pub callback: Callback,
    /// The instances that the first number has belonged to since `receive` began with the callback: a bit each.
    pub owners_since: u8,
    /// What a process of `receive` remembers of the number's owner.
    pub cached: Option<u8>,
    /// Whether a callback was answered 500.
    pub repeated: bool,
    /// The instances that messages were stored for: a bit each.
    pub stored_for: u8,
    /// Whether a request has taken the number of another instance.
    pub taken: bool,
    /// Whether a message was stored for an instance that the number did not belong to.
    pub misrouted: bool,
    /// Whether a message was acknowledged and not stored although its number had been connected.
    pub lost: bool,
}

impl State {
    /// The first instance is connected to the first number; or, inherited, its record still names it and the second one is.
    pub fn start(requests: usize, inbound: u8, inherited: bool) -> Self {
        let connected = Some(Instance { connected: true, number: Some(0), connection: 1 });
        let absent = Some(Instance { connected: false, number: None, connection: 0 });
        let owner = u8::from(inherited);
        Self {
            instances: [connected, if inherited { connected } else { absent }],
            owners: [Some(owner), None],
            freed: [false; 2],
            requests: vec![Step::Read; requests],
            inbound,
            callback: Callback::Posted,
            owners_since: 0,
            cached: None,
            repeated: false,
            stored_for: 0,
            taken: false,
            misrouted: false,
            lost: false,
        }
    }
}
