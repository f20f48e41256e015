//! `GET /console/local-keys`: gives the console of this stack the demo's keys, so that one click signs in (docs/adr/0062). No deployment
//! has it: it is no part of a function.
//!
//! Only the console's own page may have them. Another page in a browser of this machine is of another origin, which the browser says in
//! `Sec-Fetch-Site`, a header that no page can set; a page whose name was made to point at this machine (DNS rebinding) is of the same
//! origin, but its `Host` is that name.

use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

/// The keys that the console gets, once there are some.
#[derive(Clone, Debug, Default)]
pub struct ConsoleKeys(Arc<OnceLock<Keys>>);

#[derive(Debug)]
struct Keys {
    api_key: SecretString,
    admin_key: SecretString,
}

impl ConsoleKeys {
    /// Gives the console these keys from now on.
    pub fn give(&self, api_key: SecretString, admin_key: SecretString) {
        self.0.get_or_init(|| Keys { api_key, admin_key });
    }

    /// Answers the console.
    pub fn router(&self) -> Router {
        Router::new().route("/console/local-keys", get(answer)).with_state(self.clone())
    }
}

async fn answer(
    State(keys): State<ConsoleKeys>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
) -> Response {
    let Some(keys) = keys.0.get() else { return StatusCode::NOT_FOUND.into_response() };
    if !peer.ip().is_loopback() || !is_own_page(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let body = json!({ "apiKey": keys.api_key.expose_secret(), "adminKey": keys.admin_key.expose_secret() });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// Whether a browser says that a page of this stack asks, which was opened by an address of this machine.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_local = ["127.0.0.1", "localhost", "[::1]"].contains(&name);
    let is_same_origin = text(HeaderName::from_static("sec-fetch-site")) == Some("same-origin");
    is_local && is_same_origin && text(header::ORIGIN).is_none_or(|origin| origin == format!("http://{host}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_page_of_this_stack_gets_the_keys() {
        let own = [("host", "127.0.0.1:3000"), ("sec-fetch-site", "same-origin")];
        let other = |name, value| own.into_iter().filter(move |(own, _)| *own != name).chain([(name, value)]);
        let headers = |pairs: &mut dyn Iterator<Item = (&'static str, &'static str)>| {
            pairs.map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value"))).collect()
        };
        assert!(is_own_page(&headers(&mut own.into_iter())));
        assert!(is_own_page(&headers(&mut other("host", "localhost:3000"))));
        assert!(is_own_page(&headers(&mut other("origin", "http://127.0.0.1:3000"))));
        for (name, value) in [
            ("host", "rebound.example:3000"), // DNS rebinding
            ("host", "127.0.0.1.rebound.example:3000"),
            ("sec-fetch-site", "cross-site"), // a page of the internet
            ("sec-fetch-site", "same-site"),  // a page of another port of this machine
            ("sec-fetch-site", "none"),       // typed by somebody
            ("origin", "http://localhost:8080"),
            ("origin", "null"),
        ] {
            assert!(!is_own_page(&headers(&mut other(name, value))), "{name}: {value}");
        }
        assert!(!is_own_page(&headers(&mut own.into_iter().take(1))), "no browser says whose page it is");
    }
}
