//! Contacts: which phone numbers and user ids are one person, as WhatsApp says, which conversation that person has, when the
//! person last wrote, and whether the person wants marketing. The table `Contacts`, one item for each alias of a person with
//! several, or who has written (docs/adr/0037, docs/adr/0048).
//!
//! [`Contacts::join`] is the only write that adds an alias, and WhatsApp's word the only reason for one: aliases are never
//! guessed from digits. Records keep the key of the alias that was used; a contact says which keys belong together and which
//! alias names the conversation. A contact that gets another alias is an event of its own, in the same transaction.

mod activity;
mod chats;
pub mod event;
mod item;
mod join;
mod merge;
mod note;
mod observed_contact;
mod other_spelling;
mod people_removal;
mod removal;
mod repository;
mod service_window;

pub use activity::{Activity, MarketingWish};
pub use chats::{ChatCursor, ChatPage};
pub use item::Contact;
pub use observed_contact::{Joined, MAX_CACHE_AGE, ObservedContact};
pub use other_spelling::other_spelling;
pub use repository::Contacts;
pub use service_window::SERVICE_WINDOW;
