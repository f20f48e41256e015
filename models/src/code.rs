//! The places in the code that a model stands for, so that neither changes without the other.

use std::fs;
use std::path::Path;

/// A function of the code, and text in it that the model relies on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Code {
    /// The file, from the root of the project.
    pub file: &'static str,
    /// The function's name.
    pub function: &'static str,
    /// What the function must say; empty when its name is enough.
    pub text: &'static str,
}

impl Code {
    /// A function.
    pub const fn of(file: &'static str, function: &'static str) -> Self {
        Self { file, function, text: "" }
    }

    /// A function that says this.
    pub const fn saying(file: &'static str, function: &'static str, text: &'static str) -> Self {
        Self { file, function, text }
    }

    /// Whether the file has the function and the function says the text, however it is laid out.
    ///
    /// # Panics
    /// When the file can't be read.
    pub fn stands(&self) -> bool {
        let source = source(self.file);
        let body = source.lines().skip_while(|line| !defines(line, self.function));
        let mut body = body.peekable();
        let Some(indent) = body.peek().map(|line| indent(line)) else {
            return false;
        };
        let end = |line: &&str| !(indent == self::indent(line) && line.trim() == "}");
        squeezed(&body.take_while(end).collect::<String>()).contains(&squeezed(self.text))
    }
}

/// A file of the project.
///
/// # Panics
/// When it can't be read.
pub fn source(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn defines(line: &str, function: &str) -> bool {
    line.split_once("fn ").is_some_and(|(before, after)| {
        let name: String = after.chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
        name == function && !before.contains("//")
    })
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|char| !char.is_whitespace()).collect()
}
