//! Which of WhatsApp's refusals pass, and how long to wait before the next attempt (whatsapp-cloud-api, Errors).

use std::time::Duration;

use shared::graph_error::{GraphError, PAUSE, pauses};

/// The longest wait between two attempts that we choose ourselves.
const MAX_WAIT: Duration = Duration::from_secs(300);
/// Attempts when WhatsApp is overloaded or down: about forty minutes of them.
const MANY_ATTEMPTS: u32 = 16;
/// Attempts at a recipient who gets too many messages.
const PAIR_ATTEMPTS: u32 = 6;
/// Attempts when WhatsApp's word for it is as good as "unknown".
const FEW_ATTEMPTS: u32 = 3;

/// How a refusal is tried again.
struct Plan {
    /// Attempts in all.
    attempts: u32,
    /// Seconds after the first one.
    first: u64,
    /// By how much each wait is longer than the one before.
    factor: u64,
    /// The longest of them.
    longest: Duration,
}

/// How long to wait after the `attempt`th attempt, the first being 1, before jitter; nothing when it is over.
///
/// `asked` is what WhatsApp's headers ask for.
pub fn wait(error: &GraphError, attempt: u32, asked: Option<Duration>) -> Option<Duration> {
    let plan = plan(error.code)?;
    (attempt < plan.attempts).then(|| plan.wait(attempt).max(asked.unwrap_or_default()))
}

/// How long the whole instance waits, if it is the number or its account that was refused and not the message.
pub fn hold(error: &GraphError, attempt: u32, asked: Option<Duration>) -> Option<Duration> {
    let wait = match error.code {
        4 | 80_007 | 130_429 => plan(error.code)?.wait(attempt),
        code if pauses(code) => PAUSE,
        _ => return None,
    };
    Some(wait.max(asked.unwrap_or_default()))
}

impl Plan {
    fn wait(&self, attempt: u32) -> Duration {
        let factor = self.factor.saturating_pow(attempt.saturating_sub(1));
        Duration::from_secs(self.first.saturating_mul(factor)).min(self.longest)
    }
}

const fn plan(code: i64) -> Option<Plan> {
    let (attempts, first, factor, longest) = match code {
        1 | 131_000 => (FEW_ATTEMPTS, 2, 2, MAX_WAIT),
        2 | 131_016 | 133_004 | 131_057 => (MANY_ATTEMPTS, 2, 2, MAX_WAIT),
        4 | 80_007 => (MANY_ATTEMPTS, 60, 2, Duration::from_secs(3600)), // counted by the hour
        130_429 => (MANY_ATTEMPTS, 3, 3, MAX_WAIT),
        131_056 => (PAIR_ATTEMPTS, 4, 4, MAX_WAIT),
        _ => return None,
    };
    Some(Plan { attempts, first, factor, longest })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(code: i64) -> GraphError {
        GraphError { code, message: None, title: None, error_data: None }
    }

    #[test]
    fn a_pair_rate_error_waits_four_to_the_nth_seconds() {
        let waits: Vec<_> = (1..4).map(|attempt| wait(&error(131_056), attempt, None)).collect();
        assert_eq!(waits, [4, 16, 64].map(|secs| Some(Duration::from_secs(secs))));
        assert_eq!(hold(&error(131_056), 1, None), None, "that conversation only");
    }

    #[test]
    fn what_whatsapp_asks_for_is_honoured_when_it_is_longer() {
        let asked = Some(Duration::from_secs(90));
        assert_eq!(wait(&error(130_429), 1, asked), asked);
        assert_eq!(hold(&error(130_429), 1, asked), asked);
        assert_eq!(wait(&error(4), 3, asked), Some(Duration::from_secs(240)));
    }

    #[test]
    fn attempts_end_and_what_does_not_pass_is_not_tried_again() {
        assert_eq!(wait(&error(131_016), MANY_ATTEMPTS, None), None);
        assert_eq!(wait(&error(1), FEW_ATTEMPTS, None), None);
        for code in [0, 100, 190, 131_047, 131_048, 132_001, 999_999] {
            assert_eq!(wait(&error(code), 1, None), None, "{code}");
        }
    }

    #[test]
    fn a_number_that_is_blocked_rests_and_a_country_that_is_blocked_is_that_message_s_alone() {
        for code in [131_048, 368, 131_031] {
            assert_eq!(hold(&error(code), 1, None), Some(PAUSE), "{code}");
        }
        for code in [130_497, 131_026, 131_000, 190] {
            assert_eq!(hold(&error(code), 1, None), None, "{code}");
        }
    }
}
