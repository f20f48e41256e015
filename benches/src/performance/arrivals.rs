//! An open model: requests arrive independently of the answers to earlier ones, and each one's time is counted from its
//! arrival. A client that waited for answers would not see the requests that a stall delays.

use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::runtime::Handle;

/// The arrival times of requests since the start: a Poisson process, different each time.
pub fn poisson(rate: f64, count: usize) -> Vec<Duration> {
    let mut at = 0.0;
    let times = std::iter::repeat_with(|| {
        at -= (1.0 - uniform()).ln() / rate;
        Duration::from_secs_f64(at)
    });
    times.take(count).collect()
}

/// Starts each request at its arrival, as a separate task, and waits for all. A request gets its number and its arrival.
///
/// # Panics
/// When a request does.
pub async fn arrive<T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    times: Vec<Duration>,
    request: impl Fn(usize, Instant) -> F + Send + 'static,
) -> Vec<T> {
    let runtime = Handle::current();
    // A separate thread, since the runtime's timers have a precision of a millisecond.
    let begun = tokio::task::spawn_blocking(move || {
        let begin = Instant::now();
        let arrivals = times.into_iter().enumerate().map(|(number, after)| {
            let at = begin + after;
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            runtime.spawn(request(number, at))
        });
        arrivals.collect::<Vec<_>>()
    });
    let requests = join_all(begun.await.expect("a thread")).await;
    requests.into_iter().map(|answer| answer.expect("an answer")).collect()
}

/// A number from 0 to 1, without 1.
fn uniform() -> f64 {
    (u64::from_le_bytes(shared::ids::random::<8>()) >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrivals_have_the_rate_and_the_spread_of_a_poisson_process() {
        let times = poisson(50.0, 20_000);
        let gaps: Vec<f64> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs_f64()).collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let variance = gaps.iter().map(|gap| (gap - mean).powi(2)).sum::<f64>() / gaps.len() as f64;
        assert!((mean * 50.0 - 1.0).abs() < 0.05, "{mean}");
        assert!((variance.sqrt() / mean - 1.0).abs() < 0.1, "{variance}"); // of an exponential distribution they are the same
    }
}
