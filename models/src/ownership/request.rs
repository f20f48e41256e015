//! The steps of requests: each reads the record of its instance, and writes in one transaction.

use super::mechanism::Mechanism;
use super::model::{Request, Transition};
use super::part::Part;
use super::state::{Instance, Step};

impl Transition {
    /// A request takes its next step.
    pub(super) fn step(&mut self, number: u8, request: Request) {
        let (Request::Connect(instance, _)
        | Request::Disconnect(instance)
        | Request::Delete(instance)
        | Request::TokenDies(instance)) = request;
        self.state.requests[number as usize] = match self.state.requests[number as usize] {
            Step::Read => Step::Write(self.state.instances[instance as usize]),
            Step::Write(read) => match self.write(request, read) {
                Some(applied) => Step::Done(applied),
                None => Step::Read,
            },
            done @ Step::Done(_) => done,
        };
    }

    /// Writes what follows from the record that was read: whether that was applied, or `None` when the request has to read
    /// again.
    pub(super) fn write(&mut self, request: Request, read: Option<Instance>) -> Option<bool> {
        let Some(read) = read else {
            return Some(false);
        };
        match request {
            Request::Connect(instance, number) => self.connect(instance, number, read),
            Request::Disconnect(instance) => Some(self.disconnect(instance, read)),
            Request::Delete(instance) => {
                self.part(Part::Delete);
                self.unchanged(instance, read)?;
                self.state.instances[instance as usize] = None;
                self.free(instance, read.number);
                Some(true)
            }
            Request::TokenDies(instance) => {
                self.part(Part::DisconnectRefused);
                let current = self.unchanged(instance, read).filter(|current| current.connected);
                let Some(current) = current else {
                    return Some(false);
                };
                self.state.instances[instance as usize] = Some(Instance { connected: false, ..current });
                Some(true)
            }
        }
    }

    fn connect(&mut self, instance: u8, number: u8, read: Instance) -> Option<bool> {
        self.part(Part::Connect);
        if read.connected {
            return Some(false);
        }
        let owner = self.state.owners[number as usize];
        let is_taken = owner.is_some_and(|owner| owner != instance);
        if is_taken && self.has(Mechanism::OneOwner) {
            return Some(false);
        }
        let current = self.unchanged(instance, read).filter(|current| !current.connected)?;
        self.state.taken |= is_taken;
        self.state.owners[number as usize] = Some(instance);
        let connection = current.connection + 1;
        self.state.instances[instance as usize] = Some(Instance { connected: true, number: Some(number), connection });
        self.free(instance, read.number.filter(|previous| *previous != number));
        Some(true)
    }

    fn disconnect(&mut self, instance: u8, read: Instance) -> bool {
        self.part(Part::Disconnect);
        if !read.connected && !self.has(Mechanism::DeadToken) {
            return false;
        }
        let current = self.unchanged(instance, read).filter(|current| current.number.is_some());
        let Some(current) = current else {
            return false;
        };
        self.state.instances[instance as usize] = Some(Instance { connected: false, number: None, ..current });
        self.free(instance, read.number);
        true
    }

    /// The record as it is, if its connection is the one that was read.
    fn unchanged(&self, instance: u8, read: Instance) -> Option<Instance> {
        let is_same = |current: &Instance| {
            current.connection == read.connection && current.number.is_some() == read.number.is_some()
        };
        self.state.instances[instance as usize].filter(|current| !self.has(Mechanism::Unchanged) || is_same(current))
    }

    /// Frees the number that an instance had, in the transaction that takes it from the instance.
    fn free(&mut self, instance: u8, number: Option<u8>) {
        let Some(number) = number.map(usize::from) else {
            return;
        };
        self.part(Part::Free);
        let is_anothers = self.state.owners[number].is_some_and(|owner| owner != instance);
        if is_anothers && self.has(Mechanism::FreeOwn) {
            return;
        }
        self.state.taken |= is_anothers;
        self.state.owners[number] = None;
        self.state.freed[number] = true;
    }
}
