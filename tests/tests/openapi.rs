//! `docs/openapi.json` matches the code.

use std::path::Path;
use std::process::Command;

#[test]
fn the_committed_openapi_document_is_up_to_date() {
    let printed =
        Command::new(env!("CARGO_BIN_EXE_pombo-under-test")).arg("openapi").output().expect("the program runs");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = std::fs::read(&file).expect("docs/openapi.json");
    assert!(printed.stdout == committed, "docs/openapi.json is old: cargo run -- openapi >docs/openapi.json");
}
