//! `docs/openapi.json` matches the code, and the examples of events are shown as they are.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn the_committed_openapi_document_is_up_to_date() {
    let printed =
        Command::new(env!("CARGO_BIN_EXE_pombo-under-test")).arg("openapi").output().expect("the program runs");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed = std::fs::read(&file).expect("docs/openapi.json");
    assert!(printed.stdout == committed, "docs/openapi.json is old: cargo run -- openapi >docs/openapi.json");
}

#[test]
fn the_page_about_webhooks_shows_each_event_as_the_examples_have_it() {
    let read = |name: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(name)).expect("a page")
    };
    let examples: BTreeMap<String, Value> = serde_json::from_str(&read("events.json")).expect("JSON");
    let page = read("webhooks.md");
    let blocks = page.split("```json\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let shown: Vec<Value> = blocks.map(|block| serde_json::from_str(block).expect("JSON")).collect();
    assert_eq!(shown.len(), examples.len());
    for event in shown {
        let name = event["event"].as_str().expect("a name");
        assert_eq!(event, examples[name], "docs/webhooks.md shows another body than docs/events.json");
    }
}
