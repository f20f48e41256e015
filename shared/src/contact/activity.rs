//! What is known of what a person did: when they last wrote or called, on which the service window depends, and whether they
//! want marketing. It only moves forward, so that callbacks may come late, repeated and in any order (docs/adr/0048).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;

/// How far a contact's place in the list of an instance may be behind its last message: a move costs two write units.
const LISTED_PRECISION: Duration = Duration::from_secs(10 * 60);

/// What a person did, as one callback says, or as the table knows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Activity {
    /// When the person last sent a message or called: each of these opens the service window.
    pub last_inbound_at: Option<Timestamp>,
    /// When the person last did something that may open it: WhatsApp does not say whether a reaction does.
    pub last_other_at: Option<Timestamp>,
    /// The profile name.
    pub name: Option<String>,
    /// The username.
    pub username: Option<String>,
    /// What the person last said about marketing messages.
    pub marketing: Option<MarketingWish>,
    /// The contact's place in the list of its instance.
    pub(super) listed_at: Option<Timestamp>,
}

/// What a person said about marketing messages. The later one counts; of one time, the one that wants none.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MarketingWish {
    /// When.
    pub at: Timestamp,
    /// Whether the person wants no more of them.
    pub is_opt_out: bool,
}

impl Activity {
    /// A message, or a call.
    pub fn inbound(at: Timestamp) -> Self {
        Self { last_inbound_at: Some(at), ..Self::default() }
    }

    /// Something that may be none for WhatsApp's window.
    pub fn other(at: Timestamp) -> Self {
        Self { last_other_at: Some(at), ..Self::default() }
    }

    /// A wish about marketing messages.
    pub fn wish(wish: MarketingWish) -> Self {
        Self { marketing: Some(wish), ..Self::default() }
    }

    /// The same with what the person is called.
    #[must_use]
    pub fn named(self, name: Option<String>, username: Option<String>) -> Self {
        Self { name, username, ..self }
    }

    /// Whether the person wants no marketing messages.
    pub fn is_opted_out(&self) -> bool {
        self.marketing.is_some_and(|wish| wish.is_opt_out)
    }

    /// When the person last did anything that may open the window.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.last_inbound_at.max(self.last_other_at)
    }

    /// What one callback and another, or two messages of one, say together.
    #[must_use]
    pub fn together(self, other: Self) -> Self {
        Self { listed_at: None, ..self.merged(other) }
    }

    /// Whether it says nothing.
    pub(super) fn is_nothing(&self) -> bool {
        self.latest().is_none() && self.marketing.is_none()
    }

    /// Whether it knows all that another one says, or something later.
    pub(super) fn includes(&self, news: &Self) -> bool {
        self.last_inbound_at >= news.last_inbound_at
            && self.latest() >= news.last_other_at
            && self.marketing >= news.marketing
    }

    /// What both say together: the later of each. The same in whatever order they come.
    #[must_use]
    pub(super) fn merged(self, other: Self) -> Self {
        let (newer, older) = if self.latest() >= other.latest() { (self, other) } else { (other, self) };
        let last_inbound_at = newer.last_inbound_at.max(older.last_inbound_at);
        Self {
            last_inbound_at,
            last_other_at: newer.last_other_at.max(older.last_other_at),
            name: newer.name.or(older.name),
            username: newer.username.or(older.username),
            marketing: newer.marketing.max(older.marketing),
            listed_at: listed_at(newer.listed_at.max(older.listed_at), last_inbound_at),
        }
    }
}

/// The place in the list of who was last heard of then: the one before while it is precise enough.
fn listed_at(before: Option<Timestamp>, last_inbound_at: Option<Timestamp>) -> Option<Timestamp> {
    let is_precise = |listed: &Timestamp| last_inbound_at.is_some_and(|at| at < listed.plus(LISTED_PRECISION));
    before.filter(is_precise).or(last_inbound_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_760_000_000);

    fn earlier(seconds: u64) -> Timestamp {
        NOW.minus(Duration::from_secs(seconds))
    }

    #[test]
    fn the_later_of_each_stays_in_whatever_order_they_come() {
        let wish = |at, is_opt_out| MarketingWish { at, is_opt_out };
        let news = [
            Activity::inbound(earlier(60)).named(Some("Ana".to_owned()), Some("ana".to_owned())),
            Activity::inbound(NOW).named(Some("Ana B.".to_owned()), None),
            Activity::other(earlier(30)),
            Activity::wish(wish(earlier(10), true)),
            Activity::wish(wish(earlier(5), false)),
            Activity::wish(wish(earlier(7), true)),
        ];
        let all =
            |order: &[usize]| order.iter().fold(Activity::default(), |known, place| known.merged(news[*place].clone()));
        let known = all(&[0, 1, 2, 3, 4, 5]);
        assert_eq!((known.last_inbound_at, known.last_other_at), (Some(NOW), Some(earlier(30))));
        assert_eq!((known.name.as_deref(), known.username.as_deref()), (Some("Ana B."), Some("ana")));
        assert!(!known.is_opted_out() && news.iter().all(|one| known.includes(one)));
        for order in [[5, 4, 3, 2, 1, 0], [1, 0, 5, 4, 2, 3], [2, 5, 1, 3, 0, 4]] {
            assert_eq!(Activity { listed_at: None, ..all(&order) }, Activity { listed_at: None, ..known.clone() });
        }
        assert!(
            Activity::wish(wish(NOW, true)).merged(Activity::wish(wish(NOW, false))).is_opted_out(),
            "of one second"
        );
        assert!(!known.includes(&Activity::inbound(NOW.plus(Duration::from_millis(1)))));
    }

    #[test]
    fn the_window_is_open_for_a_day_and_what_may_open_it_counts() {
        let day = 24 * 60 * 60;
        assert!(!Activity::default().may_be_open(NOW));
        assert!(
            Activity::inbound(earlier(day - 1)).may_be_open(NOW) && !Activity::inbound(earlier(day)).may_be_open(NOW)
        );
        let reacted = Activity::inbound(earlier(2 * day)).merged(Activity::other(earlier(60)));
        assert!(reacted.may_be_open(NOW));
        assert_eq!(reacted.window_closes_at(), Some(earlier(day)), "what is shown is certain");
    }

    #[test]
    fn the_place_in_the_list_moves_seldom_and_never_lags_by_more_than_its_precision() {
        let mut known = Activity::default();
        let mut places = Vec::new();
        for minute in 0..30 {
            known = known.merged(Activity::inbound(NOW.plus(Duration::from_secs(60 * minute))));
            let (listed, last) = (known.listed_at.expect("listed"), known.last_inbound_at.expect("heard of"));
            assert!(listed <= last && last < listed.plus(LISTED_PRECISION));
            places.push(listed);
        }
        places.dedup();
        assert_eq!(places.len(), 3);
        assert_eq!(known.clone().merged(Activity::inbound(NOW)), known, "a late one moves nothing");
        assert!(Activity::other(NOW).merged(Activity::default()).listed_at.is_none(), "a reaction lists nobody");
    }
}
