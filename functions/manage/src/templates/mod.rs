//! Message templates, which WhatsApp keeps for each business account: list, get, create, delete. WhatsApp is asked at once.

pub mod create;
pub mod delete;
mod find;
pub mod list;
mod template_response;
