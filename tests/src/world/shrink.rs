//! Shrinks a world that breaks a promise to the operations that it needs: delta debugging (Zeller and Hildebrandt, 2002).

use futures::StreamExt as _;

use super::plan::{Plan, Step};

/// How a world is shrunk.
#[derive(Clone, Debug)]
pub struct Effort {
    /// Concurrent runs.
    pub jobs: usize,
    /// How often each candidate is run at most: what depends on timing does not fail every time.
    pub tries: usize,
    /// The most runs of all.
    pub runs: usize,
}

/// The shortest list of operations that was found to fail.
pub async fn shrink<F: Future<Output = bool>>(plan: Plan, effort: &Effort, fails: impl Fn(Plan) -> F) -> Plan {
    let (mut plan, mut chunks, mut runs) = (plan, 2, 0);
    while runs < effort.runs && plan.steps.len() > 1 {
        let candidates = without_each_chunk(&plan, chunks);
        let tried = first_failing(candidates, effort, &fails).await;
        runs += tried.runs;
        match tried.failing {
            Some(smaller) => {
                eprintln!("    {} operations after {runs} runs", smaller.steps.len());
                plan = smaller;
                chunks = chunks.saturating_sub(1).max(2);
            }
            None if chunks >= plan.steps.len() => break,
            None => chunks = (chunks * 2).min(plan.steps.len()),
        }
    }
    plan
}

/// The plans that lack one of so many chunks of the operations.
fn without_each_chunk(plan: &Plan, chunks: usize) -> Vec<Plan> {
    let size = plan.steps.len().div_ceil(chunks);
    let starts = (0..plan.steps.len()).step_by(size);
    let without = starts.map(|start| {
        let kept = plan.steps.iter().enumerate().filter(|(place, _)| !(start..start + size).contains(place));
        let steps: Vec<Step> = kept.map(|(_, step)| step.clone()).collect();
        Plan { accounts: plan.accounts.clone(), steps }
    });
    without.collect()
}

struct Tried {
    failing: Option<Plan>,
    runs: usize,
}

/// Runs candidates in parallel until one fails.
async fn first_failing<F: Future<Output = bool>>(
    candidates: Vec<Plan>,
    effort: &Effort,
    fails: &impl Fn(Plan) -> F,
) -> Tried {
    let mut runs = 0;
    for _ in 0..effort.tries {
        let started = candidates.iter().map(|plan| async move { (plan, fails(plan.clone()).await) });
        let mut started = futures::stream::iter(started).buffer_unordered(effort.jobs);
        while let Some((plan, fails)) = started.next().await {
            runs += 1;
            if fails {
                return Tried { failing: Some(plan.clone()), runs };
            }
        }
    }
    Tried { failing: None, runs }
}
