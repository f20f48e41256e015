//! Faults of calls, and where they are injected: at the nth call of an operation by a function.

use std::fmt;
use std::str::FromStr;

use strum::{Display, EnumIter, EnumString};

/// A fault of a call.
#[derive(Clone, Copy, Debug, Display, EnumIter, EnumString, Eq, PartialEq)]
#[strum(serialize_all = "kebab-case")]
pub enum Fault {
    /// No fault: the call and its response are forwarded.
    None,
    /// The call is not applied, and the connection is closed.
    DropBefore,
    /// The call is applied, and its response is lost.
    DropAfter,
    /// The call is applied after its caller has given up waiting.
    Late,
    /// The call is applied twice, and the second response is returned.
    Duplicate,
    /// The call is not applied, and the service answers with its throttling error.
    Throttled,
    /// The call is not applied, and the service answers that it is unavailable.
    Unavailable,
    /// The call is applied, and the service answers that it is unavailable.
    FailAfter,
    /// The call is applied, and the connection is reset in the middle of the response body.
    ResetMidBody,
    /// The caller is killed (SIGKILL), and the call is not applied.
    KillBefore,
    /// The call is applied, and the caller is killed before the response.
    KillAfter,
    /// The caller is frozen (SIGSTOP) before the call is applied; both continue when the proxy resumes it.
    FreezeBefore,
    /// The call is applied, and the caller is frozen before the response until the proxy resumes it.
    FreezeAfter,
}

impl Fault {
    /// Whether it can apply to every attempt at a call.
    pub const fn can_last(self) -> bool {
        matches!(self, Self::DropBefore | Self::DropAfter | Self::Throttled | Self::Unavailable)
    }

    /// Whether it is the same as another fault, except that the call is made, or made twice. A process that is frozen
    /// after a call has its response, which one that is frozen before has not.
    pub const fn is_after_the_call(self) -> bool {
        matches!(self, Self::DropAfter | Self::Duplicate | Self::FailAfter | Self::KillAfter)
    }

    /// Whether it affects the caller's process.
    pub const fn is_of_the_process(self) -> bool {
        matches!(self, Self::KillBefore | Self::KillAfter | Self::FreezeBefore | Self::FreezeAfter)
    }
}

/// A call: the nth of an operation by a caller, from 1. The AWS SDK's retries belong to the same call.
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
    /// Whether it also applies to the retries of the call.
    pub lasts: bool,
}

/// The error for a text that does not describe a fault injection.
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
