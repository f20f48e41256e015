//! The size of the side-by-side measurement.

/// The size of the measurement.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Messages of each run of each variant.
    pub messages: usize,
    /// Messages a second: few enough for a deliver that posts the messages of a batch one after another.
    pub rate: u32,
    /// Runs of each variant.
    pub runs: usize,
}
