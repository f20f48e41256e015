//! The patches in `mechanisms`, each of which takes a mechanism out: they apply to the tree as it is, and what must notice
//! them is there. That it does notice shows `without-mechanisms`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tests::fault::Injection;

fn patches() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mechanisms");
    let patches = fs::read_dir(folder).expect("a folder of patches");
    patches.map(|patch| patch.expect("a file").path()).collect()
}

fn git(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    Command::new("git").arg("-C").arg(root).args(arguments).output().expect("git looks at the patches")
}

#[test]
fn every_patch_applies() {
    for patch in patches() {
        let patch = patch.to_str().expect("a name in UTF-8");
        let output = git(&["apply", "--check", "--verbose", patch]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("Skipped patch"), "{patch}: {said}");
    }
}

#[test]
fn every_patch_names_what_must_catch_it() {
    for patch in patches() {
        let text = fs::read_to_string(&patch).expect("a text");
        let catchers: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("Caught by: ")).collect();
        assert!(!catchers.is_empty(), "{} is caught by nothing", patch.display());
        for catcher in catchers {
            assert!(is_there(catcher), "{}: there is no {catcher}", patch.display());
        }
    }
}

/// Whether a command's faults are faults, or its test is one.
fn is_there(command: &str) -> bool {
    if let Some(faults) = command.strip_prefix("target/debug/sweep --case ") {
        return faults.split(" --case ").all(|fault| fault.trim_matches('\'').parse::<Injection>().is_ok());
    }
    let name = command.strip_prefix("cargo test --").and_then(|test| test.rsplit("::").next());
    name.is_some_and(|name| git(&["grep", "--quiet", &format!("fn {name}(")]).status.success())
}
