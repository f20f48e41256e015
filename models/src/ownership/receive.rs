//! The steps of `receive` with an inbound message.

use super::mechanism::Mechanism;
use super::model::Transition;
use super::part::Part;
use super::state::Callback;

impl Transition {
    /// `receive` takes its next step with the callback.
    pub(super) fn receive(&mut self) {
        match self.state.callback {
            Callback::Posted => {
                self.part(Part::CurrentOwner);
                self.state.owners_since = 0;
                let cached = self.state.cached.filter(|_| !self.has(Mechanism::OwnerPerMessage));
                let owner = cached.or(self.state.owners[0]);
                self.state.cached = owner.filter(|_| !self.has(Mechanism::OwnerPerMessage));
                self.state.callback = Callback::OwnerRead(owner);
            }
            Callback::OwnerRead(Some(owner)) => {
                self.part(Part::StoreMessage);
                self.state.misrouted |= self.state.owners_since & 1 << owner == 0;
                self.state.stored_for |= 1 << owner;
                self.acknowledge();
            }
            Callback::OwnerRead(None) => self.state.callback = Callback::TombstoneRead(self.state.freed[0]),
            Callback::TombstoneRead(freed) => {
                if freed && self.has(Mechanism::BetweenOwners) {
                    self.state.repeated = true;
                    self.state.callback = Callback::Posted;
                } else {
                    self.state.lost = true; // the number had an owner from the start
                    self.acknowledge();
                }
            }
        }
    }

    fn acknowledge(&mut self) {
        self.state.inbound -= 1;
        self.state.callback = Callback::Posted;
    }

    /// Notes whom the number belongs to while `receive` handles its callback.
    pub(super) fn note_owners(&mut self) {
        if self.state.callback == Callback::Posted {
            self.state.owners_since = 0;
        } else if let Some(owner) = self.state.owners[0] {
            self.state.owners_since |= 1 << owner;
        }
    }
}
