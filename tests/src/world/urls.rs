//! Inbound URLs, and what a key, a URL or an instance may do after its end.

use std::time::Duration;

use serde_json::{Value, json};
use shared::clock::Timestamp;

use super::clients::Clients;
use super::credentials::{Credential, OpenedUrl};
use super::orders::Order;

/// How long a process may trust what it read of a key, a URL or an instance (docs/security.md), and a second more.
const UNTIL_SEEN: Duration = Duration::from_secs(61);
/// Whom the last requests are to.
const NOBODY: &str = "5511900000000";

impl Clients<'_> {
    /// Creates an inbound URL.
    pub async fn open_url(&self, url: u32, account: usize, instance: usize, key: usize) {
        let tenant = &self.fixture.tenants[account];
        let body = json!({ "name": "Shop", "instanceId": tenant.instances[instance] });
        let answer = self.manage(&tenant.keys[key], "POST /v1/webhooks/inbound", &body).await;
        let Some((201, created)) = answer else { return };
        let text = |field: &str| created["data"][field].as_str().unwrap_or_default().to_owned();
        let (id, address) = (text("id"), text("url"));
        let token = address.rsplit('/').next().unwrap_or_default().to_owned();
        let path = format!("/webhook/{token}");
        let mut known = self.known();
        known.private.push(token);
        known.urls.insert(url, OpenedUrl { account, instance, key, id, path });
    }

    /// Deletes an inbound URL.
    pub async fn close_url(&self, account: usize, url: u32) {
        let Some(opened) = self.known().urls.get(&url).cloned() else { return };
        let key = &self.fixture.tenants[account].keys[0];
        let answer = self.manage(key, &format!("DELETE /v1/webhooks/{}", opened.id), &Value::Null).await;
        if answer.is_some_and(|(status, _)| status == 204) {
            self.end(Credential::Url(url));
        }
    }

    /// Notes that a key, an instance or a URL was ended.
    pub fn end(&self, credential: Credential) {
        let now = self.fixture.stack.now();
        self.known().ended.entry(credential).or_insert(now);
    }

    /// What an order is allowed by that everybody must have seen the end of.
    pub fn ended(&self, order: &Order<'_>) -> Option<Credential> {
        let known = self.known();
        let own = [Credential::Key(order.account, order.key), Credential::Instance(order.account, order.instance)];
        let url = order.url.map(Credential::Url);
        own.into_iter().chain(url).find(|it| self.is_over(known.ended.get(it)))
    }

    fn is_over(&self, since: Option<&Timestamp>) -> bool {
        since.is_some_and(|since| since.plus(UNTIL_SEEN) <= self.fixture.stack.now())
    }

    /// Whether everybody must have seen the end of it at a time.
    pub fn is_over_at(&self, credential: Credential, at: Timestamp) -> bool {
        self.known().ended.get(&credential).is_some_and(|since| since.plus(UNTIL_SEEN) <= at)
    }

    /// Sends through every URL that was created and has ended: each must be refused, once every process has seen its end.
    pub async fn try_ended_urls(&self) {
        if self.known().ended.is_empty() {
            return;
        }
        self.fixture.stack.pass(UNTIL_SEEN);
        let urls = self.known().urls.clone();
        for (name, url) in urls {
            let has_ended = url.credentials(name).iter().any(|it| self.known().ended.contains_key(it));
            let body = json!({ "to": NOBODY, "message": "PRIVATE-TEXT" });
            let request = format!("POST {}", url.path);
            let answer = if has_ended { self.player.call("", &request, None, &body).await } else { None };
            if let Some((202, answer)) = answer {
                self.known().trespasses.push(format!("the inbound URL {name} sends after its end: {answer}"));
            }
        }
    }
}
