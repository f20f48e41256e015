//! Updates that were not read, put together so that few writes keep them.

use crate::whatsapp::callback_change::number_ids;
use crate::whatsapp::unread_update::{MAX_PACK, UnreadReason, UnreadUpdate, kilobytes};

/// Updates that were not read, as a callback of their own.
#[derive(Debug)]
pub struct UnreadPack {
    /// Why they were not read.
    pub reasons: Vec<UnreadReason>,
    /// The numbers that they are about.
    pub number_ids: Vec<String>,
    /// The callback.
    pub callback: String,
}

impl UnreadPack {
    /// A body of which nothing could be read.
    pub fn body(body: &[u8]) -> Self {
        let callback = String::from_utf8_lossy(body).into_owned();
        Self { reasons: vec![UnreadReason::UnreadableCallback], number_ids: number_ids(body), callback }
    }

    /// Packs updates, so that a callback of a thousand of them is kept with few writes.
    pub fn pack(mut updates: &[UnreadUpdate]) -> Vec<Self> {
        let mut packs = Vec::new();
        while !updates.is_empty() {
            let mut size = 0;
            let fits = updates.iter().take_while(|update| {
                size += update.entry.len();
                size <= MAX_PACK
            });
            let (packed, rest) = updates.split_at(fits.count().max(1));
            packs.push(Self::new(packed));
            updates = rest;
        }
        packs
    }

    fn new(updates: &[UnreadUpdate]) -> Self {
        let mut reasons: Vec<_> = updates.iter().map(|update| update.reason).collect();
        let mut number_ids: Vec<_> = updates.iter().filter_map(|update| update.number_id.clone()).collect();
        reasons.sort_unstable();
        reasons.dedup();
        number_ids.sort_unstable();
        number_ids.dedup();
        let entries: Vec<&str> = updates.iter().map(|update| update.entry.as_str()).collect();
        let callback = format!(r#"{{"object":"whatsapp_business_account","entry":[{}]}}"#, entries.join(","));
        Self { reasons, number_ids, callback }
    }

    /// Kilobytes of it, as the quota counts them.
    pub fn kilobytes(&self) -> i64 {
        kilobytes(&self.callback)
    }
}
