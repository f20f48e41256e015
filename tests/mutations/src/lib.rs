//! Directed mutations: each removes one mechanism from the code, and a test must notice.
//!
//! - [`mutation`]: what a mutation is, where it is defined (`by-promise/*.toml`) and how it is applied.
//! - [`lookup`]: finds a function by its name, and tokens inside it. `models` uses it as well, to name the code that a
//!   model describes.
//! - [`tokens`]: Rust source as tokens, so that comments and layout do not matter.
//!
//! This crate depends on no other crate of the workspace: it works even if the code that it reads does not compile.

pub mod lookup;
pub mod mutation;
pub mod tokens;
