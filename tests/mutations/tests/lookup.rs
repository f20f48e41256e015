//! What the lookup sees of a function, and what it does not.

use std::fs;
use std::path::Path;

use mutations::lookup::{self, LookupError};
use mutations::mutation::{Edit, Mutation};

const CODE: &str = r#"
//! A function named in a comment: fn commented() {}

impl<T> Display for Wrapper<T> {
    /// Writes `value.first()`.
    fn write(&self) -> bool {
        // value.second() is only mentioned
        self.value
            .change("rank", /* the rank */ State::Queued,)
    }
}

mod inner {
    fn write(value: Value) { value.second(); value.second() }
}

trait Shape {
    fn area(&self) -> u32 { 1 }
}
"#;

fn with_code(check: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir_all(folder.path().join("src/file")).expect("a folder in it");
    fs::write(folder.path().join("src/file/mod.rs"), CODE).expect("a file in it");
    check(folder.path());
}

#[test]
fn tokens_are_found_whatever_comments_and_layout_are_between_them() {
    with_code(|folder| {
        let place = lookup::occurrence(folder, "write", r#"self.value.change("rank", State::Queued)"#).expect("found");
        let source = fs::read_to_string(place.file).expect("the file");
        assert!(source[place.range].starts_with("self.value\n"));
    });
}

#[test]
fn comments_are_not_searched() {
    with_code(|folder| {
        assert!(matches!(
            lookup::occurrence(folder, "Wrapper::write", "value.first()"),
            Err(LookupError::NotFound(..))
        ));
        assert!(matches!(lookup::function(folder, "commented"), Err(LookupError::NoFunction(..))));
    });
}

#[test]
fn a_whole_token_has_to_match() {
    with_code(|folder| {
        assert!(matches!(lookup::occurrence(folder, "Wrapper::write", "Queue"), Err(LookupError::NotFound(..))));
        assert!(lookup::occurrence(folder, "Wrapper::write", "Queued").is_ok());
    });
}

#[test]
fn tokens_that_occur_twice_name_no_place() {
    with_code(|folder| {
        let twice = lookup::occurrence(folder, "inner::write", "value.second()");
        assert!(matches!(twice, Err(LookupError::SeveralTimes(.., 2))));
        assert_eq!(lookup::occurrences(folder, "inner::write", "value.second()").expect("found").len(), 2);
    });
}

#[test]
fn functions_of_one_name_are_told_apart_by_type_or_module() {
    with_code(|folder| {
        assert!(matches!(lookup::function(folder, "write"), Err(LookupError::SeveralFunctions(..))));
        for name in ["Wrapper::write", "inner::write", "file::inner::write", "Shape::area", "area"] {
            assert!(lookup::function(folder, name).is_ok(), "{name}");
        }
        assert!(matches!(lookup::function(folder, "per::write"), Err(LookupError::NoFunction(..))));
    });
}

#[test]
fn a_mutation_changes_only_the_tokens_that_it_names() {
    let edit = |function: &str, find: &str, replace: &str| Edit {
        folder: String::new(),
        function: function.to_owned(),
        find: find.to_owned(),
        replace: replace.to_owned(),
    };
    let edits = vec![edit("area", "1", "200"), edit("write", "State::Queued", "State::Sent")];
    let mutation = Mutation { removes: String::new(), caught_by: Vec::new(), edits };
    with_code(|folder| {
        let files = mutation.apply(folder).expect("it applies");
        let changed = CODE.replace("State::Queued", "State::Sent").replace("{ 1 }", "{ 200 }");
        assert_eq!(files.into_values().collect::<Vec<_>>(), [changed]);
    });
}
