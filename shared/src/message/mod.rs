//! The record of a message, its queues, and every write that changes its state: the table `Messages`, and the items
//! `late#…`.
//!
//! Keeps promises 1 (accepted is durable), 2 (never twice) and 5 (status only moves forward). Every write that changes a
//! state is one named function in [`transitions`]; no other module builds one.

pub mod bulk_lane_check;
pub mod content;
pub mod delivery_queue;
pub mod events;
pub mod expiry_check;
pub mod failure;
pub mod history;
pub mod inbound;
pub mod large_details;
pub mod late_events;
pub mod pricing;
pub mod received;
pub mod record;
pub mod repository;
pub mod reservation_outcome;
pub mod state;
pub mod tombstone;
pub mod transitions;
pub mod unknown_outcomes;
pub mod waiting;
pub mod waiting_place;

pub use bulk_lane_check::BulkLaneCheck;
pub use content::{Content, MediaType, ObjectType, Quoted};
pub use delivery_queue::{DeliveryQueues, MovedBack, QueuedMessage};
pub use expiry_check::ExpiryCheck;
pub use failure::{Failure, FailureCode};
pub use history::{Earlier, History, HistoryPage, MAX_PAGE, Page};
pub use inbound::inbound_id;
pub use late_events::LateEvent;
pub use pricing::Pricing;
pub use record::{CHAT_ID_PREFIX, Direction, Draft, MAX_REFERENCE, Message};
pub use repository::MessageRepository;
pub use reservation_outcome::ReservationOutcome;
pub use state::{MessageEvent, MessageStatus, QueuedStatus, STATUSES, State};
pub use tombstone::{Stored, Tombstone};
pub use transitions::{Advance, Claim, ClaimConflict, FailureWrite, StatusFields, StatusReport, Transitions};
pub use unknown_outcomes::{UNKNOWN_OUTCOME_QUEUE, UnknownOutcome, UnknownOutcomeQueue};
pub use waiting::WaitingMessage;
pub use waiting_place::WAITING_SHARDS;
