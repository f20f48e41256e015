//! Promise 7: messages of a conversation are sent in the order in which they were accepted.

use std::collections::{BTreeMap, HashMap};

use tokio::time::Instant;

use crate::sweep::evidence::Evidence;

/// When a message was requested first, and when it was known to be accepted.
struct Accepted<'a> {
    id: &'a str,
    began: Instant,
    ended: Instant,
    /// Where it stands among the messages that WhatsApp accepted.
    place: usize,
}

/// Of two messages to one recipient that were accepted one after the other, WhatsApp got the first one first. Requests
/// in progress at the same time have no order.
pub fn of_each_conversation(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for accepted in conversations(evidence).values() {
        for (number, first) in accepted.iter().enumerate() {
            let later = accepted.iter().skip(number + 1).filter(|later| first.ended < later.began);
            let overtaking = later.filter(|later| later.place < first.place);
            broken.extend(
                overtaking.map(|it| format!("{} left before {}, which was accepted before it", it.id, first.id)),
            );
        }
    }
    broken
}

/// The accepted messages that WhatsApp got, by customer, instance and recipient, in the order of their requests.
fn conversations(evidence: &Evidence) -> BTreeMap<(usize, usize, &str), Vec<Accepted<'_>>> {
    let places: HashMap<&str, usize> =
        evidence.taken.iter().enumerate().map(|(place, (id, _))| (id.as_str(), place)).collect();
    let mut began: HashMap<&str, Instant> = HashMap::new();
    for request in &evidence.requests {
        let first = began.entry(&request.reference).or_insert(request.began);
        *first = request.began.min(*first);
    }
    let mut conversations: BTreeMap<_, Vec<Accepted<'_>>> = BTreeMap::new();
    for request in &evidence.requests {
        let Some(id) = request.accepted() else { continue };
        let Some(place) = places.get(id) else { continue };
        let conversation = conversations.entry((request.tenant, request.instance, request.to.as_str())).or_default();
        // A repeat of a request names the same message.
        match conversation.iter_mut().find(|known| known.id == id) {
            Some(known) => known.ended = known.ended.min(request.ended),
            None => {
                let began = began[request.reference.as_str()];
                conversation.push(Accepted { id, began, ended: request.ended, place: *place });
            }
        }
    }
    for conversation in conversations.values_mut() {
        conversation.sort_by_key(|accepted| accepted.began);
    }
    conversations
}
