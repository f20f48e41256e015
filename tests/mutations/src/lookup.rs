//! Finds functions by name in a folder of Rust source, and tokens inside them.
//!
//! A function is looked up by its name in all files of the folder, so that it may move from file to file. Where several
//! have the name, parts of its path distinguish them: the type of its `impl`, or the modules that it is in. All of these
//! name the same function: `grant`, `Ledger::grant`, `credits::Ledger::grant`.
//!
//! What is looked for inside a function is compared token by token ([`crate::tokens`]).

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::{fs, io};

use proc_macro2::{LexError, TokenStream};
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, ItemFn, ItemImpl, ItemMod, ItemTrait, Signature, TraitItemFn, Type};

use crate::tokens::{self, Token, flatten, tokens};

/// A function that was found.
#[derive(Clone, Debug)]
pub struct Function {
    /// The file that has it.
    pub file: PathBuf,
    /// Its name with its modules and the type that it belongs to.
    pub path: String,
    /// Its tokens, from `fn` to the closing brace.
    pub tokens: Vec<Token>,
}

/// A part of a file.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The bytes in the file.
    pub range: Range<usize>,
}

/// Why a function, or tokens in it, were not found.
#[derive(Debug, thiserror::Error)]
pub enum LookupError {
    /// A file or folder could not be read.
    #[error("{0}: {1}")]
    Unreadable(PathBuf, io::Error),
    /// A file is not Rust.
    #[error("{0} is not Rust: {1}")]
    NotRust(PathBuf, String),
    /// What is looked for is not a sequence of Rust tokens.
    #[error("`{0}` is not a sequence of Rust tokens: {1}")]
    NotTokens(String, LexError),
    /// No function has the name.
    #[error("no function `{1}` in {0}")]
    NoFunction(PathBuf, String),
    /// Several functions have the name, and only one was expected.
    #[error("several functions `{0}`: {1}; name its type or module as well, as in `module::Type::function`")]
    SeveralFunctions(String, String),
    /// The tokens are not in the function.
    #[error("`{0}` does not contain `{1}`")]
    NotFound(String, String),
    /// The tokens are in the function more than once.
    #[error("`{0}` contains `{1}` {2} times instead of once")]
    SeveralTimes(String, String, usize),
}

/// Finds the functions with a name, at least one.
pub fn functions(folder: &Path, name: &str) -> Result<Vec<Function>, LookupError> {
    let mut found = Vec::new();
    for file in rust_files(folder)? {
        let source = fs::read_to_string(&file).map_err(|error| LookupError::Unreadable(file.clone(), error))?;
        let last = name.rsplit("::").next().unwrap_or(name);
        if source.contains(&format!("fn {last}")) {
            found.extend(functions_of_file(folder, &file, &source)?.into_iter().filter(|found| found.is_named(name)));
        }
    }
    if found.is_empty() {
        return Err(LookupError::NoFunction(folder.to_owned(), name.to_owned()));
    }
    Ok(found)
}

/// Finds the only function with a name.
pub fn function(folder: &Path, name: &str) -> Result<Function, LookupError> {
    let mut found = functions(folder, name)?;
    if found.len() > 1 {
        let paths: Vec<&str> = found.iter().map(|function| function.path.as_str()).collect();
        return Err(LookupError::SeveralFunctions(name.to_owned(), paths.join(", ")));
    }
    Ok(found.remove(0))
}

/// Finds every place where tokens occur in the functions with a name, at least one.
pub fn occurrences(folder: &Path, function: &str, wanted: &str) -> Result<Vec<Place>, LookupError> {
    let run = tokens(wanted).map_err(|error| LookupError::NotTokens(wanted.to_owned(), error))?;
    let mut places = Vec::new();
    for Function { file, tokens, .. } in functions(folder, function)? {
        let ranges = tokens::occurrences(&tokens, &run).into_iter();
        places.extend(ranges.map(|range| Place { file: file.clone(), range }));
    }
    if places.is_empty() {
        return Err(LookupError::NotFound(function.to_owned(), wanted.to_owned()));
    }
    Ok(places)
}

/// Finds the only place where tokens occur in the functions with a name.
pub fn occurrence(folder: &Path, function: &str, wanted: &str) -> Result<Place, LookupError> {
    let mut places = occurrences(folder, function, wanted)?;
    if places.len() > 1 {
        return Err(LookupError::SeveralTimes(function.to_owned(), wanted.to_owned(), places.len()));
    }
    Ok(places.remove(0))
}

impl Function {
    fn is_named(&self, name: &str) -> bool {
        let rest = self.path.strip_suffix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
    }
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>, LookupError> {
    let unreadable = |error| LookupError::Unreadable(folder.to_owned(), error);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn functions_of_file(folder: &Path, file: &Path, source: &str) -> Result<Vec<Function>, LookupError> {
    let not_rust = |error: String| LookupError::NotRust(file.to_owned(), error);
    let stream: TokenStream = source.parse().map_err(|error: LexError| not_rust(error.to_string()))?;
    let parsed: syn::File = syn::parse2(stream.clone()).map_err(|error| not_rust(error.to_string()))?;
    let mut collector = Collector {
        file,
        scopes: modules_of_file(file.strip_prefix(folder).unwrap_or(file)),
        tokens: flatten(stream),
        functions: Vec::new(),
    };
    collector.visit_file(&parsed);
    Ok(collector.functions)
}

/// The module path of a file: `charge/model.rs` is `charge::model`, `charge/mod.rs` is `charge`.
fn modules_of_file(file: &Path) -> Vec<String> {
    let path = file.with_extension("");
    let mut modules: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    modules.pop_if(|last| ["lib", "main", "mod"].contains(&last.as_str()));
    modules
}

/// Collects the functions of a file.
struct Collector<'a> {
    file: &'a Path,
    /// The modules and types around what is visited.
    scopes: Vec<String>,
    tokens: Vec<Token>,
    functions: Vec<Function>,
}

impl Collector<'_> {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let start = signature.fn_token.span.byte_range().start;
        let end = block.brace_token.span.close().byte_range().end;
        let inside = |token: &&Token| start <= token.range.start && token.range.end <= end;
        let tokens = self.tokens.iter().filter(inside).cloned().collect();
        let path = self.scopes.iter().cloned().chain([signature.ident.to_string()]).collect::<Vec<_>>().join("::");
        self.functions.push(Function { file: self.file.to_owned(), path, tokens });
    }

    fn within(&mut self, scope: String, visit: impl FnOnce(&mut Self)) {
        self.scopes.push(scope);
        visit(self);
        self.scopes.pop();
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_mod(&mut self, module: &'ast ItemMod) {
        self.within(module.ident.to_string(), |this| visit::visit_item_mod(this, module));
    }

    fn visit_item_impl(&mut self, block: &'ast ItemImpl) {
        let name = match block.self_ty.as_ref() {
            Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
            _ => None,
        };
        self.within(name.unwrap_or_default(), |this| visit::visit_item_impl(this, block));
    }

    fn visit_item_trait(&mut self, definition: &'ast ItemTrait) {
        self.within(definition.ident.to_string(), |this| visit::visit_item_trait(this, definition));
    }

    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}
