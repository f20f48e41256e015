//! Which mechanisms of a model are active.

use std::marker::PhantomData;

/// A set of mechanisms, all of them or all but some.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Mechanisms<M>(u32, PhantomData<M>);

/// A mechanism of a model.
pub trait Mechanism: Copy {
    /// Its index among the model's mechanisms, below 32.
    fn index(self) -> u32;
}

impl<M: Mechanism> Mechanisms<M> {
    /// All mechanisms.
    pub const ALL: Self = Self(u32::MAX, PhantomData);

    /// These without one.
    #[must_use]
    pub fn without(self, mechanism: M) -> Self {
        Self(self.0 & !(1 << mechanism.index()), PhantomData)
    }

    /// Whether a mechanism is active.
    pub fn has(self, mechanism: M) -> bool {
        self.0 & 1 << mechanism.index() != 0
    }
}
