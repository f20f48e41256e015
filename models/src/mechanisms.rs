//! Which mechanisms of a model are active.

use std::marker::PhantomData;

use crate::code::InCode;

/// A set of mechanisms, all of them or all but some.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Mechanisms<M>(u32, PhantomData<M>);

impl<M: InCode> Mechanisms<M> {
    /// All mechanisms.
    pub const ALL: Self = Self(u32::MAX, PhantomData);

    /// These without one.
    #[must_use]
    pub fn without(self, mechanism: M) -> Self {
        Self(self.0 & !mechanism.bit(), PhantomData)
    }

    /// Whether a mechanism is active.
    pub fn has(self, mechanism: M) -> bool {
        self.0 & mechanism.bit() != 0
    }
}
