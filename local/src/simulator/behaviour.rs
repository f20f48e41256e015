//! The simulator's behaviour towards a recipient. docs/simulator.md lists the magic numbers.

use std::time::Duration;

use super::graph_error::{GraphError, RetryHint};
use super::status_plan::Status::{Delivered, Failed, Read, Sent};
use super::status_plan::{StatusPlan, Timing};

/// What the simulator does with a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Behaviour {
    /// Which posts it refuses.
    pub refusal: Option<Refusal>,
    /// Whether it accepts the message, so that the phone shows it.
    pub accepts: bool,
    pub response: SimulatedResponse,
    pub statuses: StatusPlan,
}

/// A refusal that the recipient's number selects.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal {
    /// How many posts to the recipient are refused.
    pub count: usize,
    pub error: GraphError,
}

/// How the simulator responds to the POST.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SimulatedResponse {
    /// 200, accepted.
    Accepted,
    /// 200, accepted, after this time.
    AcceptedAfter(Duration),
    /// 200, held for quality assessment.
    Held,
    /// 500 with a web page, as from a proxy.
    HtmlError,
    /// 200 with half of the JSON.
    TruncatedJson,
    /// No response, on a connection that stays open.
    Hang,
    Reset,
    Close,
}

const NORMAL: Behaviour =
    Behaviour { refusal: None, accepts: true, response: SimulatedResponse::Accepted, statuses: StatusPlan::NORMAL };

const HOUR: Duration = Duration::from_secs(60 * 60);
const TWENTY_MINUTES: Duration = Duration::from_secs(20 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const SLOW: SimulatedResponse = SimulatedResponse::AcceptedAfter(Duration::from_secs(3));

impl Behaviour {
    /// The behaviour towards a recipient, given as digits.
    pub fn for_recipient(recipient: &str) -> Self {
        match recipient.split_at_checked(4) {
            // Fictional numbers: the North American 555 exchange and a four-digit selector.
            Some(("1555", rest)) if rest.len() == 7 => rest.strip_prefix("010").and_then(Self::from_selector),
            Some(("1554", code)) => number(code, 6).map(Self::refuses_oddly),
            Some(("1555", code)) => number(code, 6).map(|code| Self::refuses(usize::MAX, code, None)),
            Some(("1556", rest)) => {
                number_and_code(rest, 1).map(|(count, code)| Self::refuses(count as usize, code, None))
            }
            Some(("1557", rest)) => number_and_code(rest, 2)
                .map(|(seconds, code)| Self::refuses(1, code, Some(RetryHint::RetryAfter(seconds)))),
            Some(("1558", rest)) => number_and_code(rest, 2)
                .map(|(minutes, code)| Self::refuses(1, code, Some(RetryHint::RegainAccess(minutes)))),
            Some(("1559", code)) => {
                number(code, 6).map(|error_code| Self::reporting(StatusPlan { error_code, ..FAILS }))
            }
            _ => None,
        }
        .unwrap_or(NORMAL)
    }

    /// Whether nothing is special about the recipient's number.
    pub fn is_normal(&self) -> bool {
        *self == NORMAL
    }

    #[rustfmt::skip] // a table
    fn from_selector(selector: &str) -> Option<Self> {
        Some(match selector {
            "0001" => Self { accepts: false, ..Self::responding(SimulatedResponse::Hang, StatusPlan::NONE) },
            "0002" => Self::responding(SimulatedResponse::Hang, StatusPlan::NONE),
            "0003" => Self::responding(SimulatedResponse::Hang, StatusPlan::NORMAL),
            "0004" => Self::responding(SimulatedResponse::Reset, StatusPlan::NORMAL),
            "0005" => Self::responding(SimulatedResponse::HtmlError, StatusPlan::NORMAL),
            "0006" => Self::responding(SimulatedResponse::TruncatedJson, StatusPlan::NORMAL),
            "0007" => Self { accepts: false, ..Self::responding(SimulatedResponse::HtmlError, StatusPlan::NONE) },
            "0008" => Self::reporting(StatusPlan::normal_at(Timing::BeforeResponse)),
            "0009" => Self::reporting(StatusPlan { repetitions: 2, ..StatusPlan::NORMAL }),
            "0010" => Self::reporting(StatusPlan::new(&[Read, Delivered, Sent])),
            "0011" => Self::responding(SimulatedResponse::Hang, StatusPlan::normal_at(Timing::DelayedCallbacks(TWENTY_MINUTES))),
            "0012" => Self::reporting(StatusPlan::NONE),
            "0013" => Self::reporting(StatusPlan { error_code: 131_026, ..StatusPlan::new(&[Sent, Failed, Delivered]) }),
            "0014" => Self::responding(SLOW, StatusPlan::NORMAL),
            "0015" => Self::responding(SimulatedResponse::Held, StatusPlan::normal_at(Timing::DelayedStatuses(MINUTE))),
            "0016" => Self::responding(SimulatedResponse::Held, StatusPlan::NONE),
            "0017" => Self::reporting(StatusPlan::new(&[Read])),
            "0018" => Self::reporting(StatusPlan::normal_at(Timing::DelayedCallbacks(HOUR))),
            "0019" => Self { accepts: false, ..Self::responding(SimulatedResponse::Close, StatusPlan::NONE) },
            _ => return None,
        })
    }

    fn responding(response: SimulatedResponse, statuses: StatusPlan) -> Self {
        Self { response, statuses, ..NORMAL }
    }

    fn reporting(statuses: StatusPlan) -> Self {
        Self { statuses, ..NORMAL }
    }

    fn refuses(count: usize, code: i64, retry_hint: Option<RetryHint>) -> Self {
        let error = GraphError { retry_hint, ..GraphError::new(code, "refused on request") };
        Self { refusal: Some(Refusal { count, error }), ..NORMAL }
    }

    fn refuses_oddly(code: i64) -> Self {
        let error = GraphError { is_odd: true, ..GraphError::new(code, "refused on request") };
        Self { refusal: Some(Refusal { count: usize::MAX, error }), ..NORMAL }
    }
}

const FAILS: StatusPlan = StatusPlan::new(&[Sent, Failed]);

/// Parses a number of so many digits and an error code.
fn number_and_code(rest: &str, digits: usize) -> Option<(u32, i64)> {
    let (first, code) = rest.split_at_checked(digits)?;
    Some((number(first, digits)?.try_into().ok()?, number(code, 6)?))
}

/// Parses exactly so many digits; WhatsApp's codes have at most six.
fn number(text: &str, digits: usize) -> Option<i64> {
    text.parse().ok().filter(|_| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_are_distinguished_from_normal_ones() {
        for recipient in ["5511999999999", "15550109999", "15550100000", "155513104", "15551310470", "15570131056", ""]
        {
            assert_eq!(Behaviour::for_recipient(recipient), NORMAL, "{recipient}");
        }
        assert!(!Behaviour::for_recipient("15550100001").accepts);
        assert_eq!(Behaviour::for_recipient("15550100014").response, SLOW);
    }

    #[test]
    fn codes_of_any_six_digits_are_parsed_from_numbers() {
        for (recipient, count, code, retry_hint) in [
            ("1555131047", usize::MAX, 131_047, None),
            ("1555000190", usize::MAX, 190, None),
            ("1555000000", usize::MAX, 0, None),
            ("1555010001", usize::MAX, 10_001, None),
            ("15562131000", 2, 131_000, None),
            ("15569000004", 9, 4, None),
            ("155730130429", 1, 130_429, Some(RetryHint::RetryAfter(30))),
            ("155805080007", 1, 80_007, Some(RetryHint::RegainAccess(5))),
        ] {
            let refusal = Behaviour::for_recipient(recipient).refusal.expect(recipient);
            let error = refusal.error;
            assert_eq!((refusal.count, error.code, error.retry_hint), (count, code, retry_hint), "{recipient}");
        }
        let failing = Behaviour::for_recipient("1559131049").statuses;
        assert_eq!((failing.statuses, failing.error_code), (&[Sent, Failed][..], 131_049));
    }
}
