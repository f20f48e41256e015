//! Which of WhatsApp's refusals pass, and how long to wait before the next attempt (whatsapp-cloud-api, Errors).

use std::time::Duration;

use shared::graph_error::GraphError;

/// The longest wait between two attempts that we choose ourselves.
const MAX_WAIT: Duration = Duration::from_secs(300);
/// Attempts at a message that WhatsApp refuses for the moment.
const MAX_ATTEMPTS: u32 = 6;
/// Attempts when WhatsApp's word for it is as good as "unknown".
const FEW_ATTEMPTS: u32 = 3;

/// How long to wait after the `attempt`th attempt, the first being 1, before jitter; nothing when it is over.
///
/// `asked` is the `Retry-After` that came with the refusal.
pub fn wait(error: &GraphError, attempt: u32, asked: Option<Duration>) -> Option<Duration> {
    let (most, base) = attempts_and_base(error.code)?;
    if attempt >= most {
        return None;
    }
    let backoff = Duration::from_secs(u64::from(base).saturating_pow(attempt)).min(MAX_WAIT);
    Some(asked.map_or(backoff, |asked| asked.max(backoff)))
}

/// How many attempts, and the base of the backoff in seconds, for a refusal that passes.
const fn attempts_and_base(code: i64) -> Option<(u32, u32)> {
    match code {
        1 | 131_000 => Some((FEW_ATTEMPTS, 2)),
        2 | 131_016 | 133_004 | 131_057 => Some((MAX_ATTEMPTS, 2)),
        4 | 80_007 | 130_429 => Some((MAX_ATTEMPTS, 3)),
        131_056 => Some((MAX_ATTEMPTS, 4)),
        _ => None,
    }
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
    }

    #[test]
    fn retry_after_is_honoured_when_it_is_longer() {
        let asked = Some(Duration::from_secs(90));
        assert_eq!(wait(&error(130_429), 1, asked), asked);
    }

    #[test]
    fn attempts_end_and_what_does_not_pass_is_not_tried_again() {
        assert_eq!(wait(&error(131_016), MAX_ATTEMPTS, None), None);
        assert_eq!(wait(&error(1), FEW_ATTEMPTS, None), None);
        for code in [0, 100, 190, 131_047, 132_001, 999_999] {
            assert_eq!(wait(&error(code), 1, None), None, "{code}");
        }
    }
}
