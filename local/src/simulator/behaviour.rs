//! How the simulator behaves towards a recipient. The magic numbers are in docs/simulator.md.

/// What it does with a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Behaviour {
    /// Takes it, answers, reports sent, delivered and read.
    Ordinary,
    /// Does not take it and does not answer.
    NeverTakes,
    /// Takes it, never answers, never reports.
    TakesAndHangs,
    /// Takes it, never answers, reports all the same.
    TakesReportsAndHangs,
    /// Refuses it with this code.
    Refuses(i64),
    /// Refuses so many posts with this code, and takes what comes then.
    RefusesFirst(usize, i64),
}

/// Fictional numbers: a North American 555 exchange and a four-digit wish.
const MAGIC: &str = "1555010";
/// And the numbers whose last digits are an error code: 1555, then six digits.
const REFUSING: &str = "1555";
/// And those that come round: 1556, how many posts are refused, then the code.
const REFUSING_AT_FIRST: &str = "1556";

impl Behaviour {
    /// The behaviour towards a recipient, digits only.
    pub fn towards(recipient: &str) -> Self {
        match recipient.strip_prefix(MAGIC) {
            Some("0001") => return Self::NeverTakes,
            Some("0002") => return Self::TakesAndHangs,
            Some("0003") => return Self::TakesReportsAndHangs,
            _ => {}
        }
        if let Some((count, code)) = recipient.strip_prefix(REFUSING_AT_FIRST).and_then(|rest| rest.split_at_checked(1))
            && let (Ok(count), Some(code)) = (count.parse(), error_code(code))
        {
            return Self::RefusesFirst(count, code);
        }
        recipient.strip_prefix(REFUSING).and_then(error_code).map_or(Self::Ordinary, Self::Refuses)
    }
}

/// Six digits, as most of WhatsApp's codes have.
fn error_code(digits: &str) -> Option<i64> {
    digits.parse().ok().filter(|_| digits.len() == 6 && digits.starts_with('1'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn magic_numbers_are_told_from_ordinary_ones() {
        assert_eq!(Behaviour::towards("5511999999999"), Behaviour::Ordinary);
        assert_eq!(Behaviour::towards("15550100001"), Behaviour::NeverTakes);
        assert_eq!(Behaviour::towards("1555131047"), Behaviour::Refuses(131_047));
        assert_eq!(Behaviour::towards("15562131000"), Behaviour::RefusesFirst(2, 131_000));
        assert_eq!(Behaviour::towards("15550109999"), Behaviour::Ordinary);
    }
}
