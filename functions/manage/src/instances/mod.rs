//! Instances: the WhatsApp numbers that customers send from.

pub mod connect;
pub mod create;
pub mod delete;
pub mod disconnect;
pub mod instance_fields;
pub mod instance_response;
pub mod list;
pub mod status;
pub mod update;
