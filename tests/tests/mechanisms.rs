//! The patches in `mechanisms`, each of which takes a mechanism out: they apply to the tree as it is, and what must notice
//! them is there. That it does notice shows `without-mechanisms`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::fault::Injection;

fn patches() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("mechanisms");
    let patches = fs::read_dir(folder).expect("a folder of patches");
    patches.map(|patch| patch.expect("a file").path()).collect()
}

#[test]
fn every_patch_applies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for patch in patches() {
        let mut git = Command::new("git");
        git.arg("-C").arg(&root).args(["apply", "--check", "--verbose"]).arg(&patch);
        let output = git.output().expect("git checks whether patches apply");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("Skipped patch"), "{}: {said}", patch.display());
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

fn is_there(catcher: &str) -> bool {
    if let Some(faults) = catcher.strip_prefix("target/debug/sweep --case ") {
        return faults.split(" --case ").all(|fault| fault.trim_matches('\'').parse::<Injection>().is_ok());
    }
    let test = catcher.strip_prefix("cargo test --test end_to_end -- ").and_then(|path| path.split_once("::"));
    let Some((module, name)) = test else { return false };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/end_to_end/{module}.rs"));
    fs::read_to_string(file).is_ok_and(|text| text.contains(&format!("async fn {name}(")))
}
