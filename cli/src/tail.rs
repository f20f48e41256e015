//! `webhooks tail`: an account's events, live, as a listener gets them. What happens while nobody polls, or while there is no
//! connection, is not shown: webhooks are the reliable way.

use std::collections::VecDeque;
use std::error::Error;
use std::io::{Write, stdout};
use std::time::Duration;

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::api::{Api, Call, CallError};
use crate::arguments::Tail;
use crate::output;
use crate::settings::{Key, Settings};

/// The events without `--events`: those of messages, for which a key needs no further scope.
const EVENTS: [&str; 5] = ["message.sent", "message.delivered", "message.read", "message.failed", "message.received"];
/// The wait after an error, twice as long after each further one.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(30);
/// How long the address that events are forwarded to may take.
const FORWARD_TIME: Duration = Duration::from_secs(10);
/// Ids of events that are remembered: seldom is one shown twice, a moment later.
const REMEMBERED: usize = 1000;

/// Shows events until the user ends it (Ctrl-C, or SIGTERM), or until nobody reads them any more.
pub async fn run(tail: &Tail, settings: &Settings, is_json: bool) -> Result<(), Box<dyn Error>> {
    let api = Api::new(settings.url()?, settings.key(Key::Customer)?);
    let mut listener = None;
    let mut events = Events { api: &api, tail, is_json, seen: VecDeque::new(), http: Client::new() };
    let shown = tokio::select! {
        shown = events.show(&mut listener) => shown,
        () = ended_by_user() => Ok(()),
    };
    if let Some(id) = listener {
        // At once, since an account has few; without this it ends by itself within a minute.
        drop(api.call(&call(Method::DELETE, &["listeners", &id])).await);
    }
    shown
}

/// What shows events.
struct Events<'a> {
    api: &'a Api<'a>,
    tail: &'a Tail,
    is_json: bool,
    seen: VecDeque<String>,
    http: Client,
}

impl Events<'_> {
    /// Polls for ever. After an error that may pass it tries again; when its listener has ended it makes another one.
    async fn show(&mut self, listener: &mut Option<String>) -> Result<(), Box<dyn Error>> {
        let (mut after, mut wait, mut is_first) = (None::<String>, FIRST_WAIT, true);
        loop {
            let polled = match listener {
                Some(id) => self.poll(id, after.as_deref()).await,
                None => {
                    let id = self.listen(is_first).await?;
                    eprintln!("pombo: listening; Ctrl-C ends it");
                    (*listener, after, is_first) = (Some(id), None, false);
                    continue;
                }
            };
            match polled {
                Ok(page) => {
                    wait = FIRST_WAIT;
                    if !self.show_page(&page).await? {
                        return Ok(());
                    }
                    after = page["pagination"]["nextCursor"].as_str().map(str::to_owned).or(after);
                }
                Err(CallError::Refused { code, .. }) if code == "listener_not_found" => {
                    eprintln!("pombo: the connection was away for more than a minute: events may be missing");
                    *listener = None;
                }
                Err(error) if !error.may_pass() => return Err(error.into()),
                Err(error) => {
                    eprintln!("pombo: {error}; trying again");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    /// Makes a listener. The first one must succeed at once: the address or the key may be wrong.
    async fn listen(&self, is_first: bool) -> Result<String, Box<dyn Error>> {
        let events = if self.tail.events.is_empty() { json!(EVENTS) } else { json!(self.tail.events) };
        let mut body = json!({ "events": events });
        if let Some(instance) = &self.tail.instance {
            body["instanceId"] = json!(instance);
        }
        let create = Call { body: Some(body), ..call(Method::POST, &["listeners"]) };
        let mut wait = FIRST_WAIT;
        loop {
            match self.api.call(&create).await {
                Ok(answer) => return Ok(answer["data"]["id"].as_str().unwrap_or_default().to_owned()),
                Err(error) if is_first || !error.may_pass() => return Err(error.into()),
                Err(error) => {
                    eprintln!("pombo: {error}; trying again");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
    }

    async fn poll(&self, listener: &str, after: Option<&str>) -> Result<Value, CallError> {
        let mut poll = call(Method::GET, &["listeners", listener, "events"]);
        poll.query.extend(after.map(|after| ("after", after.to_owned())));
        self.api.call(&poll).await
    }

    /// Shows and forwards the events of an answer, each once. `false` when nobody reads them any more.
    async fn show_page(&mut self, page: &Value) -> Result<bool, Box<dyn Error>> {
        for event in page["data"].as_array().into_iter().flatten() {
            let id = event["id"].as_str().unwrap_or_default().to_owned();
            if self.seen.contains(&id) {
                continue;
            }
            let line = if self.is_json { output::json_line(event) } else { output::event(&event["body"]) };
            if writeln!(stdout(), "{line}").and_then(|()| stdout().flush()).is_err() {
                return Ok(false);
            }
            self.forward(&id, &event["body"]).await;
            self.seen.push_back(id);
            if self.seen.len() > REMEMBERED {
                self.seen.pop_front();
            }
        }
        match page["pagination"]["skipped"].as_u64() {
            Some(skipped) if skipped > 0 => eprintln!("pombo: {skipped} more events at once were left out"),
            _ => {}
        }
        Ok(true)
    }

    /// Posts an event to the address that the user named, if any. One that fails is told of, and not tried again.
    async fn forward(&self, id: &str, body: &Value) {
        let Some(url) = &self.tail.forward_to else { return };
        let post = self.http.post(url.clone()).timeout(FORWARD_TIME).header("content-type", "application/json");
        match post.header("webhook-id", id).body(body.to_string()).send().await {
            Ok(answer) if answer.status().is_success() => {}
            Ok(answer) => eprintln!("pombo: {url} answered {} to {id}", answer.status()),
            Err(error) => eprintln!("pombo: {url} did not answer to {id}: {}", error.without_url()),
        }
    }
}

fn call(method: Method, path: &[&str]) -> Call {
    let path = path.iter().map(|segment| (*segment).to_owned()).collect();
    Call { method, path, query: Vec::new(), body: None, idempotency_key: None }
}

/// Waits until the user ends the program.
async fn ended_by_user() {
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminated.recv() => {}
        }
        return;
    }
    drop(tokio::signal::ctrl_c().await);
}
