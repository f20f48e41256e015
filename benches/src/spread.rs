//! A figure that was measured several times.

use std::fmt;

/// Values of the same figure, in order.
#[derive(Clone, Debug)]
pub struct Spread(Vec<f64>);

impl Spread {
    /// Of these values.
    ///
    /// # Panics
    /// When there are none.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        assert!(!values.is_empty(), "nothing was measured");
        values.sort_unstable_by(f64::total_cmp);
        Self(values)
    }

    /// The one in the middle, or between the two in the middle.
    pub fn median(&self) -> f64 {
        let (low, high) = (self.0[(self.0.len() - 1) / 2], self.0[self.0.len() / 2]);
        f64::midpoint(low, high)
    }

    /// The least.
    pub fn least(&self) -> f64 {
        self.0[0]
    }

    /// The most.
    pub fn most(&self) -> f64 {
        self.0[self.0.len() - 1]
    }
}

/// The median, and in brackets the least and the most.
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [median, least, most] = [self.median(), self.least(), self.most()].map(|value| number(value, self.most()));
        if self.0.len() == 1 { write!(f, "{median}") } else { write!(f, "{median} ({least}–{most})") }
    }
}

/// With as many digits as a value of this size needs.
fn number(value: f64, size: f64) -> String {
    let digits = match size.abs() {
        100.0.. => 0,
        10.0.. => 1,
        _ => 2,
    };
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_shows_the_median_and_the_ends() {
        assert_eq!(Spread::of([3.0, 1.0, 2.0]).to_string(), "2.00 (1.00–3.00)");
        assert_eq!(Spread::of([4.0, 1.0, 2.0, 130.0]).to_string(), "3 (1–130)");
        assert_eq!(Spread::of([12.34]).to_string(), "12.3");
    }
}
