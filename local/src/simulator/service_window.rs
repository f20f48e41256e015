//! The service window: a business may write freely to a person for 24 hours after the person last wrote to the number.

/// How long the window is open, in milliseconds (whatsapp-cloud-api-2026, section 11).
const WINDOW: i64 = 24 * 60 * 60 * 1_000;

/// Whether the simulator refuses what is not a template outside the service window, as Meta does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, clap::ValueEnum)]
pub enum ServiceWindow {
    /// It does, with error 131047.
    #[default]
    On,
    /// It accepts messages to people who have never written.
    Off,
}

impl ServiceWindow {
    /// Whether a message that is no template reaches a person who last wrote at `wrote_at`, if ever.
    pub fn is_open(self, wrote_at: Option<i64>, now: i64) -> bool {
        self == Self::Off || wrote_at.is_some_and(|at| now < end(at))
    }
}

/// When the window of a person who last wrote at `wrote_at` closes, in milliseconds since the epoch.
pub const fn end(wrote_at: i64) -> i64 {
    wrote_at + WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_open_for_exactly_a_day() {
        for (now, is_open) in [(0, true), (WINDOW - 1, true), (WINDOW, false), (WINDOW + 1, false)] {
            assert_eq!(ServiceWindow::On.is_open(Some(1_000), 1_000 + now), is_open, "{now}");
        }
        assert!(!ServiceWindow::On.is_open(None, 0) && ServiceWindow::Off.is_open(None, 0));
    }
}
