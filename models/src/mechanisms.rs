//! Which mechanisms of a model are at work.

use std::marker::PhantomData;

/// A set of mechanisms, all of them or all but some.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Mechanisms<M>(u32, PhantomData<M>);

/// A mechanism, by its place among those of its model.
pub trait Mechanism: Copy {
    /// Its place, below 32.
    fn place(self) -> u32;
}

impl<M: Mechanism> Mechanisms<M> {
    /// All of them.
    pub const ALL: Self = Self(u32::MAX, PhantomData);

    /// All of them but one.
    #[must_use]
    pub fn without(self, mechanism: M) -> Self {
        Self(self.0 & !(1 << mechanism.place()), PhantomData)
    }

    /// Whether one is at work.
    pub fn has(self, mechanism: M) -> bool {
        self.0 & 1 << mechanism.place() != 0
    }
}
