//! What can go wrong with a call, and where: a fault at the nth call of an operation by a function.

use std::fmt;
use std::str::FromStr;

use strum::{Display, EnumIter, EnumString};

/// What is done with a call.
#[derive(Clone, Copy, Debug, Display, EnumIter, EnumString, Eq, PartialEq)]
#[strum(serialize_all = "kebab-case")]
pub enum Fault {
    /// Nothing: it is passed on, and so is its answer.
    None,
    /// It is never applied, and the connection is closed.
    DropBefore,
    /// It is applied, and its answer is lost.
    DropAfter,
    /// It is applied when its caller has given up waiting.
    Late,
    /// It is applied twice, and the second answer counts.
    Duplicate,
    /// It is not applied, and the service says that it was one too many.
    Throttled,
    /// It is not applied, and the service says that something is wrong with it.
    Unavailable,
    /// It is applied, and the service says that something is wrong with it.
    FailAfter,
    /// It is applied, and the connection is reset in the middle of the answer's body.
    ResetMidBody,
    /// Its caller is killed (SIGKILL), and it is never applied.
    KillBefore,
    /// It is applied, and its caller is killed before it hears of it.
    KillAfter,
    /// Its caller is stopped (SIGSTOP), and both go on when the proxy is told to.
    FreezeBefore,
    /// It is applied, and its caller is stopped before it hears of it, until the proxy is told to go on.
    FreezeAfter,
}

impl Fault {
    /// Whether it means something for every attempt at a call, and not for one only.
    pub const fn can_last(self) -> bool {
        matches!(self, Self::DropBefore | Self::DropAfter | Self::Throttled | Self::Unavailable)
    }

    /// Whether it is done to the caller's process.
    pub const fn is_of_the_process(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter | Self::FreezeBefore | Self::FreezeAfter)
    }
}

/// A call: the nth of an operation by a caller, from 1. What the AWS SDK repeats is still the same call.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct CallId {
    /// The function, `sources` or `customer`.
    pub caller: String,
    /// Its operation.
    pub operation: String,
    /// Which of them.
    pub number: usize,
}

/// A fault at a call. Written `deliver:UpdateItem#2=drop-after`, with `!` behind it for every attempt at the call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Injection {
    /// Where.
    pub call: CallId,
    /// What.
    pub fault: Fault,
    /// Whether the call's repeats meet it too.
    pub lasts: bool,
}

/// A text that is no injection.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not of the form deliver:UpdateItem#2=drop-after")]
pub struct InvalidInjection(String);

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}#{}", self.caller, self.operation, self.number)
    }
}

impl fmt::Display for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}{}", self.call, self.fault, if self.lasts { "!" } else { "" })
    }
}

impl FromStr for Injection {
    type Err = InvalidInjection;

    fn from_str(text: &str) -> Result<Self, InvalidInjection> {
        let invalid = || InvalidInjection(text.to_owned());
        let (call, fault) = text.split_once('=').ok_or_else(invalid)?;
        let (caller, rest) = call.split_once(':').ok_or_else(invalid)?;
        let (operation, number) = rest.rsplit_once('#').ok_or_else(invalid)?;
        let number = number.parse().map_err(|_| invalid())?;
        let call = CallId { caller: caller.to_owned(), operation: operation.to_owned(), number };
        let fault_alone = fault.strip_suffix('!');
        let lasts = fault_alone.is_some();
        let fault = fault_alone.unwrap_or(fault).parse().map_err(|_| invalid())?;
        Ok(Self { call, fault, lasts })
    }
}
