//! Webhooks: customers' endpoints, the queue of deliveries to them, their circuit breaker, delivery log and replays (the
//! items `wh_…`, `former#wh_…`, `operator`, `waiting`, `log#…`, `dead#…`, `replay#…` and `event#…`).
//!
//! Keeps promise 6 (every event is delivered or is in the dead-letter queue).

pub mod circuit_breaker;
pub mod dead_letters;
pub mod deleted_webhook;
pub mod delivery;
pub mod delivery_log;
pub mod endpoint_client;
pub mod event_names;
pub mod known_speed;
pub mod message_attempts;
pub mod outbox;
pub mod queue;
pub mod record;
pub mod replay;
pub mod repository;
pub mod signature;
pub mod statuses;
pub mod waiting;

pub use circuit_breaker::{DISABLED_AFTER, DisabledReason, FAILURES_TO_OPEN};
pub use dead_letters::{DeadLetter, SHARDS as DEAD_LETTER_SHARDS};
pub use deleted_webhook::DeletedWebhook;
pub use delivery::WebhookDelivery;
pub use delivery_log::{DeliveryLog, LogPage};
pub use endpoint_client::{AttemptError, AttemptResult, EndpointClient};
pub use event_names::{AnyEventName, EVENTS, EventName, LISTED_EVENTS, OPERATOR_EVENTS};
pub use message_attempts::MessageAttempts;
pub use queue::{FanOut, LogRedaction, WebhookJob, WebhookQueue};
pub use record::{EARLIER_EVENTS, PreviousSecret, Webhook};
pub use replay::{RUNNING_REPLAYS, Replay, ReplayStep};
pub use repository::WebhookChanges;
pub use signature::SignatureHeaders;
pub use statuses::{DeliveryStatus, ReplayStatus, WebhookStatus};
pub use waiting::{DueDeliveries, WaitingAccount};
