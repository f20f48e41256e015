//! A business account's message templates: the calls about them, and what a message must have to fit one.
//!
//! WhatsApp decides: only what it would certainly refuse is said not to fit.

pub mod calls;
pub mod check;
pub mod definition;

pub use calls::{Template, TemplateQuery, is_template_name};
pub use definition::Definition;
