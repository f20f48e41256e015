//! What must notice a mutation exists. That it does notice shows `tests/mutation-test`; that every mutation applies to the
//! code as it is shows the crate `mutations`.

use std::path::{Path, PathBuf};

use mutations::{lookup, mutation};
use tests::fault::Injection;

#[test]
fn every_mutation_names_a_test_or_a_fault_that_must_catch_it() {
    for (name, mutation) in mutation::all().expect("the definitions are well formed") {
        assert!(!mutation.caught_by.is_empty(), "{name} is caught by nothing");
        for command in &mutation.caught_by {
            assert!(exists(command), "{name}: {command} names no test and no fault");
        }
    }
}

/// Whether a command's faults are faults, or its test is one.
fn exists(command: &str) -> bool {
    if let Some(faults) = command.strip_prefix("target/debug/sweep --case ") {
        return faults.split(" --case ").all(|fault| fault.trim_matches('\'').parse::<Injection>().is_ok());
    }
    let Some((target, test)) = command.strip_prefix("cargo test --").and_then(|rest| rest.split_once(" -- ")) else {
        return false;
    };
    folders(target).iter().any(|folder| lookup::function(folder, test).is_ok())
}

/// Where a target's tests are.
fn folders(target: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    match target.split_once(' ') {
        Some(("test", name)) => vec![root.join("tests/tests").join(name)],
        _ => ["functions", "local", "shared"].map(|folder| root.join(folder)).into(),
    }
}
