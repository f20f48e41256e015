//! Erasures, and what must be left of people at rest: one conversation each, and nothing of whoever is erased.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use futures::future::join_all;
use serde_json::Value;
use shared::account::Scope;
use shared::aws::Item;
use tokio::time::Instant;

use super::aliases::People;
use super::callbacks::{About, Report};
use super::clients::Clients;
use super::people::{introduction, renumbering};
use crate::sweep::checker::Violation;
use crate::sweep::evidence::ErasureEvidence;
use crate::sweep::quiescence::wait_until_idle;

const ONE_PERSON: &str = "a person has one conversation";
/// The promise of an erasure.
const ERASED: &str = "nothing of an erased person is left";
/// Until the second redaction of delivery logs (docs/erasure.md).
const UNTIL_REDACTED: Duration = Duration::from_secs(16 * 60);
/// How often an erasure may say that it had too little time.
const REQUESTS: usize = 20;

/// Who was told which aliases of a person.
#[derive(Default)]
struct Introduced {
    instances: BTreeSet<String>,
    aliases: BTreeSet<String>,
}

impl Clients<'_> {
    /// Erases a person through an alias.
    pub async fn erase(&self, account: usize, alias: &str) {
        self.known().erased.push((account, alias.to_owned()));
        let began = Instant::now();
        let is_complete = self.erase_once(account, alias).await == Some((0, false));
        let account_id = self.fixture.tenants[account].account.to_string();
        let erasure =
            ErasureEvidence { account: account_id, tenant: account, alias: alias.to_owned(), began, is_complete };
        self.known().erasures.push(erasure);
    }

    /// What remains after a request, and whether it had too little time.
    async fn erase_once(&self, account: usize, alias: &str) -> Option<(u64, bool)> {
        let key = self.fixture.stack.stack.secrets.text("AdminKey").unwrap_or_default();
        let list = if alias.contains('.') { "users" } else { "phones" };
        let path = format!("DELETE /v1/admin/accounts/{}/{list}/{alias}", self.fixture.tenants[account].account);
        let (status, answer) = self.player.call(&key, &path, None, &Value::Null).await?;
        let data = &answer["data"];
        (status == 200).then(|| Some((data["remaining"].as_u64()?, data["hasMore"].as_bool()?)))?
    }

    /// Checks that each history of an instance is the same by any two aliases that an acknowledged callback named together,
    /// unless the account has erased that person.
    pub async fn check_conversations(&self, people: &People) {
        let (inbound, erased) = {
            let known = self.known();
            (known.inbound.clone(), known.erased.clone())
        };
        let mut pairs = BTreeSet::new();
        for message in inbound.into_iter().filter(|message| message.is_certain && message.named.len() > 1) {
            let Some((account, instance)) = message.owners.first().cloned() else { continue };
            let tenants = &self.fixture.tenants;
            let Some(place) = tenants.iter().position(|tenant| tenant.account.as_str() == account) else { continue };
            let aliases = people.aliases(&message.named[0]);
            if erased.iter().any(|(of, alias)| *of == place && aliases.contains(alias)) {
                continue;
            }
            let others = message.named.iter().skip(1).cloned();
            pairs.extend(others.map(|other| (place, instance.clone(), message.named[0].clone(), other)));
        }
        for (place, instance, one, other) in pairs {
            let histories = [self.history(place, &instance, &one).await, self.history(place, &instance, &other).await];
            if let [Some(first), Some(second)] = &histories
                && first != second
            {
                let seen = format!("{instance} has {first:?} by {one} and {second:?} by {other}");
                self.known().noticed.push(Violation { promise: ONE_PERSON, seen });
            }
        }
    }

    /// The ids of the newest messages with somebody; none if the instance was deleted.
    async fn history(&self, account: usize, instance: &str, alias: &str) -> Option<Vec<String>> {
        let stack = &self.fixture.stack;
        // A key of its own, since the limits of the customer's are low.
        let key = stack.key(&self.fixture.tenants[account].account, Scope::ALL, None).await;
        let by = if alias.contains('.') { "userId" } else { "phone" };
        let request = format!("GET /v1/messages?instanceId={instance}&{by}={alias}");
        let (status, page) = self.player.call(&key, &request, None, &Value::Null).await?;
        let rows = page["data"].as_array().filter(|_| status == 200)?;
        Some(rows.iter().map(|row| row["messageId"].as_str().unwrap_or_default().to_owned()).collect())
    }

    /// Erases everybody again whom an operation has erased, when nothing is in progress any more, and checks that nothing of
    /// them is left. Before it, WhatsApp names all aliases to each of the account's instances that has a number.
    ///
    /// # Errors
    /// What does not become idle.
    pub async fn erase_finally(&self, people: &People) -> Result<(), String> {
        let erased: BTreeSet<(usize, String)> = self.known().erased.iter().cloned().collect();
        if erased.is_empty() {
            return Ok(());
        }
        let mut introduced = Vec::new();
        for (number, (account, alias)) in erased.iter().enumerate() {
            introduced.push(self.introduce(people, *account, alias, number).await);
        }
        wait_until_idle(self.fixture).await?;
        let requests = erased.iter().map(|(account, alias)| async move {
            let mut left = None;
            for _ in 0..REQUESTS {
                left = self.erase_once(*account, alias).await;
                if !matches!(left, Some((_, true))) {
                    break;
                }
            }
            left
        });
        for (left, (account, alias)) in join_all(requests).await.into_iter().zip(&erased) {
            if left != Some((0, false)) {
                let seen = format!("erasing {alias} of account {account} at rest leaves {left:?}");
                self.known().noticed.push(Violation { promise: ERASED, seen });
            }
        }
        for _ in 0..2 {
            wait_until_idle(self.fixture).await?;
            self.fixture.stack.pass(UNTIL_REDACTED);
        }
        wait_until_idle(self.fixture).await?;
        for ((account, alias), introduced) in erased.iter().zip(&introduced) {
            self.check_erased(*account, alias, introduced).await;
        }
        Ok(())
    }

    /// Has WhatsApp name the aliases of a person to each instance of an account that has a number.
    async fn introduce(&self, people: &People, account: usize, alias: &str, round: usize) -> Introduced {
        let (aliases, now) = (people.aliases(alias), self.fixture.stack.now().secs());
        let tenant = &self.fixture.tenants[account];
        let mut introduced = Introduced::default();
        for number in self.numbers() {
            let owner = self.owner(&number).await;
            let Some((_, instance)) = owner.filter(|(owner, _)| *owner == tenant.account.as_str()) else { continue };
            let wamid = |it: usize| format!("wamid.LAST{round}.{it}");
            let phones: Vec<&String> = aliases.iter().filter(|alias| !alias.contains('.')).collect();
            let mut reports: Vec<Report> = Vec::new();
            for (place, phone) in phones.iter().enumerate() {
                reports.push(introduction(&wamid(place), now, &number, phone));
            }
            for (place, (from, to)) in people.changes.iter().filter(|(from, _)| aliases.contains(from)).enumerate() {
                reports.push(renumbering(&wamid(phones.len() + place), now, &number, from, to));
            }
            let before = self.known().unacknowledged.len();
            for report in reports {
                if let About::Messages { named, .. } = &report.about {
                    introduced.aliases.extend(named.iter().cloned());
                }
                self.report(report).await;
            }
            if self.known().unacknowledged.len() == before {
                introduced.instances.insert(instance);
            }
        }
        introduced
    }

    /// Looks for what is left: in the instances that know them of all aliases, in others of the one that was erased.
    async fn check_erased(&self, account: usize, alias: &str, Introduced { instances, aliases }: &Introduced) {
        let given = BTreeSet::from([alias.to_owned()]);
        let all = if aliases.contains(alias) { aliases } else { &given };
        let tenant = &self.fixture.tenants[account];
        let mut left = Vec::new();
        for table in ["Messages", "Contacts", "Accounts"] {
            for item in self.items(table).await {
                let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
                let (id, content) = (text("id"), format!("{item:?}"));
                let is_of = |instance: &str| id.starts_with(&format!("{instance}#")) || text("instanceId") == instance;
                let own = tenant.instances.iter().any(|instance| is_of(instance.as_str()))
                    || text("accountId") == tenant.account.as_str()
                    || text("pk") == tenant.account.as_str()
                    || tenant.webhooks.iter().any(|webhook| text("pk") == format!("log#{}", webhook.id));
                let aliases = if instances.iter().any(|instance| is_of(instance)) { all } else { &given };
                if own && aliases.iter().any(|alias| content.contains(alias.as_str())) {
                    left.push(format!("{alias} of account {account} was erased, and {table} has {id}{}", text("sk")));
                }
            }
        }
        left.extend(self.orphaned_details().await);
        self.known().noticed.extend(left.into_iter().map(|seen| Violation { promise: ERASED, seen }));
    }

    /// The parts of large objects whose messages are gone.
    async fn orphaned_details(&self) -> Vec<String> {
        let items = self.items("Messages").await;
        let id = |item: &Item| item.get("id").and_then(|id| id.as_s().ok()).cloned().unwrap_or_default();
        let whole = items.iter().filter(|item| item.contains_key("status"));
        let whole: BTreeSet<String> = whole.map(id).collect();
        let parts = items.iter().map(id).filter_map(|id| Some((id.split_once(".details.")?.0.to_owned(), id)));
        let orphans = parts.filter(|(message, _)| !whole.contains(message));
        orphans.map(|(_, part)| format!("{part} has no message")).collect()
    }

    async fn items(&self, table: &str) -> Vec<std::collections::HashMap<String, AttributeValue>> {
        let stack = &self.fixture.stack.stack;
        let scan = stack.clients.dynamodb.scan().table_name(&stack.tables[table]).consistent_read(true);
        scan.into_paginator().items().send().try_collect().await.expect("the table answers")
    }
}
