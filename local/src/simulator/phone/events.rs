//! `GET /phone/events`: whose phone has changed, as server-sent events. The page then asks for what the phone shows.

use std::collections::{BTreeSet, VecDeque};
use std::convert::Infallible;

use axum::extract::{Query, State};
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use futures::stream::unfold;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::super::people::{ControlError, PersonPlace};
use super::super::state::Simulator;

/// The most phones of a page.
const MAX_PHONES: usize = 50;

#[derive(Deserialize)]
pub struct EventQuery {
    /// Phone numbers or user ids, with commas between them.
    people: String,
}

/// The people whose phones a page shows.
struct Watch {
    simulator: Simulator,
    people: BTreeSet<PersonPlace>,
    changes: Receiver<PersonPlace>,
    /// Whose event is due.
    due: VecDeque<PersonPlace>,
}

/// Tells of each person at once, and again after each change. The event has the person, who may have another number by then.
pub async fn stream(
    State(simulator): State<Simulator>,
    Query(EventQuery { people }): Query<EventQuery>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ControlError> {
    let changes = simulator.people.changes(); // before anything is told, so that no change is missed
    let places: Result<BTreeSet<PersonPlace>, ControlError> =
        people.split(',').take(MAX_PHONES).map(|alias| simulator.people.place(alias)).collect();
    let people = places?;
    let due = people.iter().copied().collect();
    let events = unfold(Watch { simulator, people, changes, due }, |mut watch| async {
        let event = watch.next().await?;
        Some((Ok(event), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

impl Watch {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(place) = self.due.pop_front() {
                return self.event(place);
            }
            match self.changes.recv().await {
                Ok(place) if self.people.contains(&place) => self.due.push_back(place),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => self.due.extend(&self.people),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn event(&self, place: PersonPlace) -> Option<Event> {
        let person = self.simulator.people.at(place, |profile| {
            let mut person = profile.to_json();
            person["aliases"] = json!(profile.aliases);
            person["unread"] = json!(profile.inbox.unread());
            person
        })?;
        Some(Event::default().event("phone").data(person.to_string()))
    }
}
