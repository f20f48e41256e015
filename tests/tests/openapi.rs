//! `docs/openapi.json` is what the code says.

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_document_is_the_one_that_the_code_prints() {
    let printed =
        Command::new(env!("CARGO_BIN_EXE_pombo-under-test")).arg("openapi").output().expect("the program runs");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = std::fs::read(&file).expect("docs/openapi.json");
    assert!(printed.stdout == committed, "docs/openapi.json is old: cargo run -- openapi >docs/openapi.json");
}
