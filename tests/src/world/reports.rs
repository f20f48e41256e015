//! The posting of callbacks, which are repeated until they are acknowledged.

use futures::future::join_all;
use tokio::time::Instant;

use super::callbacks::{About, Report};
use super::clients::Clients;
use crate::sweep::evidence::InboundEvidence;

/// The account and the instance that have a number.
type Owner = Option<(String, String)>;

impl Clients<'_> {
    /// Posts a callback once. One that is not acknowledged is repeated later.
    pub async fn report(&self, report: Report) {
        let number = match &report.about {
            About::Messages { number, .. } => Some(number.clone()),
            About::Template(_) | About::Account => None,
        };
        let (moves, before) = (self.finished_moves(), self.owner_of(number.as_deref()).await);
        if self.player.post_callback(&report.body, None).await != 200 {
            self.known().unacknowledged.push(report);
            return;
        }
        let after = self.owner_of(number.as_deref()).await;
        let is_certain = before == after && moves.is_some() && moves == self.finished_moves();
        let owners = match (before, after) {
            (Some(before), Some(after)) => vec![before, after],
            _ => Vec::new(),
        };
        let mut known = self.known();
        match report.about {
            About::Messages { wamids, named, .. } => known.inbound.extend(wamids.into_iter().map(|wamid| {
                let (owners, named, acknowledged) = (owners.clone(), named.clone(), Instant::now());
                InboundEvidence { wamid, owners, is_certain, named, acknowledged }
            })),
            About::Template(name) => drop(known.templates.insert(name)),
            About::Account => {}
        }
    }

    /// Posts the callbacks again that were not acknowledged, and returns how many there were.
    pub async fn report_again(&self) -> usize {
        let reports = std::mem::take(&mut self.known().unacknowledged);
        let count = reports.len();
        join_all(reports.into_iter().map(|report| self.report(report))).await;
        count
    }

    /// Who has a number.
    pub async fn owner(&self, number: &str) -> Owner {
        let owner = self.fixture.stack.accounts.number_owner(number).await.expect("the table answers")?;
        Some((owner.account_id.to_string(), owner.instance_id.to_string()))
    }

    async fn owner_of(&self, number: Option<&str>) -> Owner {
        self.owner(number?).await
    }

    /// How many numbers were moved; none while one is being moved.
    fn finished_moves(&self) -> Option<usize> {
        let known = self.known();
        (known.moving == 0).then_some(known.moves)
    }
}
