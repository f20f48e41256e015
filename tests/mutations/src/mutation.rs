//! What a mutation is, where it is defined and how it is applied.
//!
//! The files `by-promise/*.toml` define the mutations, one table each:
//!
//! ```toml
//! [lease-check-before-post]                    # its name: the mechanism that it removes
//! removes = "…"                                # a sentence: what happens without the mechanism
//! caught_by = ["cargo test …", "…"]            # commands, of which at least one must fail with the mutation
//!
//! [[lease-check-before-post.edits]]            # one or more
//! crate = "functions/deliver"                  # the crate's folder
//! function = "prepare"                         # a name as `lookup` accepts it; every file of the crate is searched
//! find = 'lease <= clock::now()'               # tokens that the function contains exactly once
//! replace = 'false'                            # what replaces them
//! ```

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Deserialize;

use crate::lookup::{LookupError, Place, occurrence};

/// A change to the code that removes one mechanism.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mutation {
    /// What happens without the mechanism.
    pub removes: String,
    /// Commands, of which at least one must fail.
    pub caught_by: Vec<String>,
    /// The changes to the source.
    pub edits: Vec<Edit>,
}

/// A change to one function.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// The folder of the crate that has the function, from the root of the project.
    #[serde(rename = "crate")]
    pub folder: String,
    /// The function's name, as [`crate::lookup`] accepts it.
    pub function: String,
    /// Tokens that the function contains exactly once.
    pub find: String,
    /// What replaces them.
    pub replace: String,
}

/// Why a mutation could not be read or applied.
#[derive(Debug, thiserror::Error)]
pub enum MutationError {
    /// A file could not be read or written.
    #[error("{0}: {1}")]
    File(PathBuf, io::Error),
    /// A file of definitions is not in the form that this module's documentation describes.
    #[error("{0}: {1}")]
    Malformed(PathBuf, toml::de::Error),
    /// Two files define mutations of the same name.
    #[error("{0} is defined twice")]
    DefinedTwice(String),
    /// No mutation has the name.
    #[error("there is no mutation {0}")]
    Unknown(String),
    /// An edit does not fit the code.
    #[error(transparent)]
    Lookup(#[from] LookupError),
}

/// All mutations, by name.
pub fn all() -> Result<BTreeMap<String, Mutation>, MutationError> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("by-promise");
    let failed = |error| MutationError::File(folder.clone(), error);
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let file = entry.map_err(failed)?.path();
        let text = fs::read_to_string(&file).map_err(|error| MutationError::File(file.clone(), error))?;
        let defined: BTreeMap<String, Mutation> =
            toml::from_str(&text).map_err(|error| MutationError::Malformed(file, error))?;
        for (name, mutation) in defined {
            if all.insert(name.clone(), mutation).is_some() {
                return Err(MutationError::DefinedTwice(name));
            }
        }
    }
    Ok(all)
}

/// The mutation with a name.
pub fn named(name: &str) -> Result<Mutation, MutationError> {
    all()?.remove(name).ok_or_else(|| MutationError::Unknown(name.to_owned()))
}

impl Mutation {
    /// Makes the edits and returns the files that they change, each with its new text. Writes nothing.
    pub fn apply(&self, root: &Path) -> Result<BTreeMap<PathBuf, String>, MutationError> {
        let mut edits: Vec<(Place, &str)> = Vec::new();
        for edit in &self.edits {
            let source = root.join(&edit.folder).join("src");
            edits.push((occurrence(&source, &edit.function, &edit.find)?, &edit.replace));
        }
        edits.sort_by_key(|(place, _)| place.range.start);
        let mut files = BTreeMap::new();
        // From the end of a file to its start, so that the places of the others stay right.
        for (Place { file, range }, replacement) in edits.into_iter().rev() {
            if !files.contains_key(&file) {
                files.insert(file.clone(), read(&file)?);
            }
            if let Some(text) = files.get_mut(&file) {
                text.replace_range(range, replacement);
            }
        }
        Ok(files)
    }
}

fn read(file: &Path) -> Result<String, MutationError> {
    fs::read_to_string(file).map_err(|error| MutationError::File(file.to_owned(), error))
}
