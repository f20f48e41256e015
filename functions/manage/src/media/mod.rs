//! Files that customers upload, to be sent by their id.

pub mod create;
pub mod get;
mod media_response;
