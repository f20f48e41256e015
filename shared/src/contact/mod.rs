//! Contacts: which phone numbers and user ids are one person, as WhatsApp says, and which conversation that person has. The
//! table `Contacts`, one item for each alias of a person with several (docs/adr/0037).
//!
//! [`Contacts::join`] is the only write that adds an alias, and WhatsApp's word the only reason for one: aliases are never
//! guessed from digits. Records keep the key of the alias that was used; a contact says which keys belong together and which
//! alias names the conversation. A contact that gets another alias is an event of its own, in the same transaction.

mod event;
mod item;
mod join;
mod removal;
mod repository;
mod sides;
mod sighting;

pub use item::Contact;
pub use repository::Contacts;
pub use sighting::{Joined, MAX_CACHE_AGE, Sighting};
