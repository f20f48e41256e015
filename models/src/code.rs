//! References from a model to the code that it describes, so that neither changes without the other.
//!
//! A reference names a function, wherever in its crate it is, and, where the name alone does not prove enough, tokens that
//! the function contains ([`mutations::lookup`]): moving it or rewording its comments breaks nothing. A mechanism that a
//! mutation removes from the code is named by that mutation: its definition says where the mechanism is, and its test what
//! happens without it.

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use mutations::lookup;
use mutations::mutation::{self, MutationError};
use strum::VariantArray;

/// A reference to the code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Code {
    /// A function, which is the only one of its name in the crate.
    Function {
        /// The crate's folder.
        folder: &'static str,
        /// The function's name, with its type or module where others have the same.
        name: &'static str,
    },
    /// Tokens in a function.
    Tokens {
        /// The crate's folder.
        folder: &'static str,
        /// The function's name, with its type or module where others have the same.
        name: &'static str,
        /// What the function contains.
        tokens: &'static str,
    },
    /// What a mutation removes.
    Mutation(&'static str),
}

impl Code {
    /// A function: that it exists is enough, since the compiler warns of one that nothing calls.
    pub const fn function(folder: &'static str, name: &'static str) -> Self {
        Self::Function { folder, name }
    }

    /// A function that contains these tokens.
    pub const fn tokens(folder: &'static str, name: &'static str, tokens: &'static str) -> Self {
        Self::Tokens { folder, name, tokens }
    }

    /// Checks that the code has it.
    pub fn check(&self) -> Result<(), MutationError> {
        match *self {
            Self::Function { folder, name } => lookup::function(&source(folder), name).map(drop)?,
            Self::Tokens { folder, name, tokens } => lookup::occurrences(&source(folder), name, tokens).map(drop)?,
            Self::Mutation(name) => mutation::named(name)?.apply(&root()).map(drop)?,
        }
        Ok(())
    }
}

/// What a model represents of the code: its mechanisms, and the functions that its steps are parts of.
pub trait InCode: Copy + Debug + Eq + Send + Sync + VariantArray {
    /// Its bit in a set.
    fn bit(self) -> u32;

    /// Where the code has it.
    fn code(self) -> Code;
}

/// Defines an enum of what a model represents of the code, at most 32 items, each with its place in the code.
macro_rules! in_code {
    ($(#[$attribute:meta])* pub enum $name:ident { $($(#[$doc:meta])* $item:ident => $code:expr,)* }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, strum::VariantArray)]
        pub enum $name { $($(#[$doc])* $item,)* }

        impl $crate::code::InCode for $name {
            fn bit(self) -> u32 {
                1 << self as u32
            }

            fn code(self) -> Code {
                match self { $(Self::$item => $code,)* }
            }
        }
    };
}
pub(crate) use in_code;

/// The source folder of a crate.
pub fn source(folder: &str) -> PathBuf {
    root().join(folder).join("src")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
