//! Every mutation applies to the code as it is, and what it leaves is Rust.

use std::path::Path;

use mutations::mutation;

#[test]
fn every_mutation_applies_and_leaves_valid_rust() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut wrong = Vec::new();
    for (name, mutation) in mutation::all().expect("the definitions are well formed") {
        let files = match mutation.apply(&root) {
            Ok(files) => files,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        assert!(!files.is_empty(), "{name} changes nothing");
        for (file, text) in files {
            if let Err(error) = syn::parse_file(&text) {
                wrong.push(format!("{name} makes {} invalid: {error}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
