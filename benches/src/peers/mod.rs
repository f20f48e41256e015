//! Pombo beside what a careful team would write (benches/peers), in one run: its `send` and `deliver` beside those in
//! TypeScript, over the same servers and runtime host; and the whole of it beside a server that the team runs itself.

mod figures;
mod gateway;
mod kernel;
mod load;
mod meter;
mod metered;
mod plan;
mod report;
mod run;
mod same_work;
mod server;
mod server_report;
mod variant;
mod whole;

pub use plan::Plan;

use figures::Figures;
use variant::Variant;
use whole::Whole;

/// Measures all of them in turns, so that drift affects all, and returns the figures as a section of Markdown. Progress goes
/// to standard error.
///
/// # Panics
/// When the peers are not built, or do not do the work.
pub async fn report(program: &str, plan: Plan) -> String {
    let mut taken: Vec<(Variant, Vec<Figures>)> = Variant::ALL.map(|variant| (variant, Vec::new())).into();
    let mut of_server: Vec<Whole> = Vec::new();
    for (variant, _) in &taken {
        variant.check_built();
    }
    server::check_built();
    for run in 1..=plan.runs {
        for (variant, figures) in &mut taken {
            eprintln!("run {run} of {}: {variant}", plan.runs);
            figures.push(run::measure(program, *variant, plan).await);
        }
        eprintln!("run {run} of {}: the server", plan.runs);
        of_server.push(server::measure(plan).await);
    }
    let of_pombo: Vec<&Whole> = taken[0].1.iter().map(|figures| &figures.whole).collect();
    report::section(&taken, plan) + "\n" + &server_report::section(&of_pombo, &of_server, plan)
}
