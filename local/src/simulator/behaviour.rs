//! How the simulator behaves towards a recipient. The magic numbers are in docs/simulator.md.

use std::time::Duration;

use super::graph_error::{GraphError, Hint};
use super::reports::Status::{Delivered, Failed, Read, Sent};
use super::reports::{Reports, When};

/// What it does with a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Behaviour {
    /// The posts that it refuses first.
    pub refuses: Option<Refuses>,
    /// Whether the message reaches the phone.
    pub takes: bool,
    /// What the client gets to see.
    pub answer: Answer,
    /// What the callbacks say.
    pub reports: Reports,
}

/// A refusal on request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refuses {
    /// How many posts to the recipient are refused.
    pub most: usize,
    /// With which code.
    pub code: i64,
    /// And which header.
    pub hint: Option<Hint>,
}

impl Refuses {
    /// The refusal.
    pub fn error(&self) -> GraphError {
        GraphError::new(self.code, "refused on request").with_hint(self.hint)
    }
}

/// What becomes of the POST.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Answer {
    /// Accepted.
    Accepted,
    /// Accepted, so long after the POST.
    Slow(Duration),
    /// Held for a quality check.
    Held,
    /// 500 and a web page, as a proxy in between gives it.
    Page,
    /// 200 and half of an answer.
    Rubbish,
    /// None, on a connection that stays open.
    Nothing,
    /// None: the connection is reset.
    Reset,
    /// None: the connection is closed.
    Close,
}

const ORDINARY: Behaviour = Behaviour { refuses: None, takes: true, answer: Answer::Accepted, reports: Reports::USUAL };

const HOUR: Duration = Duration::from_secs(60 * 60);
const TWENTY_MINUTES: Duration = Duration::from_secs(20 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const SLOW: Answer = Answer::Slow(Duration::from_secs(3));

impl Behaviour {
    /// The behaviour towards a recipient, digits only.
    pub fn towards(recipient: &str) -> Self {
        match recipient.split_at_checked(4) {
            // Fictional numbers: a North American 555 exchange and a four-digit wish.
            Some(("1555", wish)) if wish.len() == 7 => wish.strip_prefix("010").and_then(Self::wished),
            Some(("1555", code)) => number(code, 6).map(|code| Self::refuses(usize::MAX, code, None)),
            Some(("1556", rest)) => coded(rest, 1).map(|(most, code)| Self::refuses(most as usize, code, None)),
            Some(("1557", rest)) => {
                coded(rest, 2).map(|(seconds, code)| Self::refuses(1, code, Some(Hint::RetryAfter(seconds))))
            }
            Some(("1558", rest)) => {
                coded(rest, 2).map(|(minutes, code)| Self::refuses(1, code, Some(Hint::RegainAccess(minutes))))
            }
            Some(("1559", code)) => number(code, 6).map(|code| Self::reporting(Reports { code, ..FAILS })),
            _ => None,
        }
        .unwrap_or(ORDINARY)
    }

    #[rustfmt::skip] // a table
    fn wished(wish: &str) -> Option<Self> {
        Some(match wish {
            "0001" => Self { takes: false, ..Self::answering(Answer::Nothing, Reports::NONE) },
            "0002" => Self::answering(Answer::Nothing, Reports::NONE),
            "0003" => Self::answering(Answer::Nothing, Reports::USUAL),
            "0004" => Self::answering(Answer::Reset, Reports::USUAL),
            "0005" => Self::answering(Answer::Page, Reports::USUAL),
            "0006" => Self::answering(Answer::Rubbish, Reports::USUAL),
            "0007" => Self { takes: false, ..Self::answering(Answer::Page, Reports::NONE) },
            "0008" => Self::reporting(Reports::usual(When::BeforeTheAnswer)),
            "0009" => Self::reporting(Reports { times: 2, ..Reports::USUAL }),
            "0010" => Self::reporting(Reports::of(&[Read, Delivered, Sent])),
            "0011" => Self::answering(Answer::Nothing, Reports::usual(When::Told(TWENTY_MINUTES))),
            "0012" => Self::reporting(Reports::NONE),
            "0013" => Self::reporting(Reports { code: 131_026, ..Reports::of(&[Sent, Failed, Delivered]) }),
            "0014" => Self::answering(SLOW, Reports::USUAL),
            "0015" => Self::answering(Answer::Held, Reports::usual(When::Happens(MINUTE))),
            "0016" => Self::answering(Answer::Held, Reports::NONE),
            "0017" => Self::reporting(Reports::of(&[Read])),
            "0018" => Self::reporting(Reports::usual(When::Told(HOUR))),
            "0019" => Self { takes: false, ..Self::answering(Answer::Close, Reports::NONE) },
            _ => return None,
        })
    }

    const fn answering(answer: Answer, reports: Reports) -> Self {
        Self { answer, reports, ..ORDINARY }
    }

    const fn reporting(reports: Reports) -> Self {
        Self { reports, ..ORDINARY }
    }

    const fn refuses(most: usize, code: i64, hint: Option<Hint>) -> Self {
        Self { refuses: Some(Refuses { most, code, hint }), ..ORDINARY }
    }
}

const FAILS: Reports = Reports::of(&[Sent, Failed]);

/// A number of so many digits and an error code.
fn coded(rest: &str, digits: usize) -> Option<(u32, i64)> {
    let (first, code) = rest.split_at_checked(digits)?;
    Some((number(first, digits)?.try_into().ok()?, number(code, 6)?))
}

/// Exactly so many digits; WhatsApp's codes have six at most.
fn number(text: &str, digits: usize) -> Option<i64> {
    text.parse().ok().filter(|_| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_are_told_from_ordinary_ones() {
        for recipient in ["5511999999999", "15550109999", "15550100000", "155513104", "15551310470", "15570131056", ""]
        {
            assert_eq!(Behaviour::towards(recipient), ORDINARY, "{recipient}");
        }
        assert!(!Behaviour::towards("15550100001").takes);
        assert_eq!(Behaviour::towards("15550100014").answer, SLOW);
    }

    #[test]
    fn codes_of_any_six_digits_are_read_out_of_numbers() {
        for (recipient, most, code, hint) in [
            ("1555131047", usize::MAX, 131_047, None),
            ("1555000190", usize::MAX, 190, None),
            ("1555000000", usize::MAX, 0, None),
            ("1555010001", usize::MAX, 10_001, None),
            ("15562131000", 2, 131_000, None),
            ("15569000004", 9, 4, None),
            ("155730130429", 1, 130_429, Some(Hint::RetryAfter(30))),
            ("155805080007", 1, 80_007, Some(Hint::RegainAccess(5))),
        ] {
            let refuses = Behaviour::towards(recipient).refuses;
            assert_eq!(refuses, Some(Refuses { most, code, hint }), "{recipient}");
        }
        let failing = Behaviour::towards("1559131049").reports;
        assert_eq!((failing.statuses, failing.code), (&[Sent, Failed][..], 131_049));
    }
}
