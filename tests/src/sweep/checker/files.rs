//! Promises 1 and 6 for files: none stays between two states, and each that ends has its event.

use shared::media::inbound::InboundStatus;

use crate::sweep::evidence::Evidence;

/// Each file is ready or has failed, and its event is in the outbox.
pub fn each_ends_with_its_event(evidence: &Evidence) -> Vec<String> {
    let broken = evidence.files.iter().filter_map(|(file, event)| {
        let expected = format!("media.{}", file.status.name());
        match event {
            _ if file.open.is_some() => Some(format!("{} is {} for ever", file.id, file.status.name())),
            Some(event) if *event == expected => None,
            event => Some(format!("{} has the event {event:?}", file.id)),
        }
    });
    broken.collect()
}

/// Each file that a person sent is in the bucket, or WhatsApp has it no more.
pub fn each_received_file_is_fetched(evidence: &Evidence) -> Vec<String> {
    let fetching = evidence.received_files.iter().filter(|file| file.status == InboundStatus::Fetching);
    fetching.map(|file| format!("a received file is being fetched for ever: {file:?}")).collect()
}
