//! S3: `s3s` checks signatures and speaks the protocol, `s3s-fs` keeps objects as files. As on AWS, an object that was put is
//! announced in the queue that the bucket names.

mod announcing_store;
mod http_server;

pub use announcing_store::{Announcement, AnnouncingStore};
pub use http_server::serve;
