//! Files that customers upload, to be sent by their id, and files of received messages ([`inbound`]): the items `media#…`, the bucket's objects under `outbound/` and `inbound/`,
//! and the queue of what is to be moved (docs/media.md, docs/adr/0050).
//!
//! A file's status only moves forward: `waiting` (no bytes yet), `uploading`, then `ready` or `failed`. Every write that changes
//! it is one of [`writes`], with its condition; none is built elsewhere.

pub mod bucket;
pub mod events;
pub mod inbound;
pub mod queue;
pub mod record;
pub mod usage;
pub mod writes;

pub use bucket::{Bucket, BucketError, PRESIGNED_URL_LIFETIME, StoredFile, UploadUrl};
pub use queue::{MediaJob, MediaQueue};
pub use record::{ARRIVES_WITHIN, Media, MediaStatus, NewMedia};
pub use usage::{MediaBounds, ReceivedBounds, UsageRefusal};
