//! The record of a message, its queues, and every write that changes its state: the table `Messages`, and the items
//! `late#…`.
//!
//! Keeps promises 1 (accepted is durable), 2 (never twice) and 5 (status only moves forward). Every write that changes a
//! state is one named function in [`transitions`]; no other module builds one.

pub mod batch_row;
pub mod bulk_lane_check;
pub mod content;
pub mod delivery_queue;
pub mod events;
pub mod expiry_check;
pub mod failed_index;
pub mod failure;
pub mod history;
pub mod history_span;
pub mod inbound;
pub mod large_details;
pub mod late_events;
pub mod pricing;
pub mod queue_entry;
pub mod queued_message;
pub mod received;
pub mod received_file;
pub mod record;
mod record_item;
pub mod record_keys;
pub mod repository;
pub mod reservation_outcome;
pub mod settle_queue;
pub mod state;
pub mod tombstone;
pub mod transitions;
pub mod unknown_outcome_queue;
pub mod waiting;
pub mod waiting_place;
mod without_content;

pub use batch_row::BatchRow;
pub use bulk_lane_check::BulkLaneCheck;
pub use content::{Content, MediaType, ObjectType, Quoted, UploadedFile};
pub use delivery_queue::DeliveryQueues;
pub use expiry_check::ExpiryCheck;
pub use failed_index::failed_key;
pub use failure::{Failure, FailureCode};
pub use history::{Earlier, History, HistoryPage, MAX_PAGE};
pub use history_span::{Entry, Span};
pub use inbound::inbound_id;
pub use late_events::LateEvent;
pub use pricing::Pricing;
pub use queue_entry::QueueEntry;
pub use queued_message::QueuedMessage;
pub use received_file::{MessageFile, ReceivedFile};
pub use record::{CHAT_ID_PREFIX, Direction, Draft, MAX_REFERENCE, Message};
pub use repository::MessageRepository;
pub use reservation_outcome::ReservationOutcome;
pub use settle_queue::{BatchesOf, MovedBack, SETTLE_QUEUE, ScheduledMessages, SettleJob, SettleQueue};
pub use state::{AcceptedStatus, MessageEvent, MessageStatus, STATUSES, State};
pub use tombstone::{Stored, Tombstone};
pub use transitions::{
    Advance, Claim, ClaimConflict, FailureWrite, MAX_FAILURES_TOGETHER, StatusFields, StatusReport, Transitions,
};
pub use unknown_outcome_queue::{UnknownOutcome, UnknownOutcomeQueue};
pub use waiting::WaitingMessage;
pub use waiting_place::WAITING_SHARDS;
