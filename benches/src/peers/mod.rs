//! Pombo's `send` and `deliver` beside what a careful team would write in TypeScript and in Python (benches/peers), over
//! the same servers and runtime host, in one run.

mod figures;
mod kernel;
mod meter;
mod metered;
mod plan;
mod report;
mod run;
mod same_work;
mod variant;

pub use plan::Plan;

use figures::Figures;
use variant::Variant;

/// Measures all variants in turns, so that drift affects all of them, and returns the figures as a section of Markdown.
/// Progress goes to standard error.
///
/// # Panics
/// When the peers are not built, or do not do the work.
pub async fn report(program: &str, plan: Plan) -> String {
    let mut taken: Vec<(Variant, Vec<Figures>)> = Variant::ALL.map(|variant| (variant, Vec::new())).into();
    for (variant, _) in &taken {
        variant.check_built();
    }
    for run in 1..=plan.runs {
        for (variant, figures) in &mut taken {
            eprintln!("run {run} of {}: {variant}", plan.runs);
            figures.push(run::measure(program, *variant, plan).await);
        }
    }
    report::section(&taken, plan)
}
