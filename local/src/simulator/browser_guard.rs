//! Refuses what a web page of another origin has a developer's browser ask of the simulator, which listens on the loopback
//! address without a password. Clients that are no browsers, which send none of these headers, are not affected (docs/adr/0063).

use std::net::IpAddr;

use axum::Json;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Passes a request on unless another origin's page sent it.
pub async fn check(request: Request, next: Next) -> Response {
    match problem(request.method(), request.headers()) {
        None => next.run(request).await,
        Some(problem) => {
            let body = Json(json!({ "error": { "message": problem, "field": null } }));
            (StatusCode::FORBIDDEN, body).into_response()
        }
    }
}

fn problem(method: &Method, headers: &HeaderMap) -> Option<&'static str> {
    let text = |name: &HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let host = text(&header::HOST);
    if host.is_some_and(|host| !is_local(host)) {
        // A page whose name was made to lead here: its requests are of the same origin for the browser.
        return Some("`Host` must be an address or a local name, such as 127.0.0.1 or localhost.");
    }
    let is_own = |origin: &str| origin.strip_prefix("http://").is_some_and(|own| Some(own) == host);
    if text(&header::ORIGIN).is_some_and(|origin| !is_own(origin)) {
        return Some("`Origin` must be the simulator's own.");
    }
    // A link to the phone may be anywhere.
    let is_link = *method == Method::GET && text(&MODE) == Some("navigate");
    if text(&SITE).is_some_and(|site| site != "same-origin" && site != "none") && !is_link {
        return Some("A browser may call the simulator from its own page alone.");
    }
    None
}

/// Whether no public name server can have given out the name: an address, a name without a dot, or one of a reserved domain.
fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !name.ends_with(':') => name,
        _ => host,
    };
    let name = name.to_ascii_lowercase();
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(&name);
    address.parse::<IpAddr>().is_ok()
        || !name.contains('.')
        || name.ends_with(".localhost")
        || name.ends_with(".internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refuses(method: Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")));
        problem(&method, &headers.collect()).is_some()
    }

    #[test]
    fn clients_that_are_no_browsers_pass_under_any_local_name() {
        for host in [
            "127.0.0.1:4000",
            "[::1]:4000",
            "::1",
            "localhost:4000",
            "LOCALHOST",
            "pombo:80",
            "a.localhost:1",
            "host.docker.internal:4000",
            "192.168.1.2",
        ] {
            assert!(!refuses(Method::POST, &[("host", host)]), "{host}");
        }
        assert!(!refuses(Method::DELETE, &[]));
    }

    #[test]
    fn a_public_name_is_refused_whatever_is_asked() {
        for host in ["evil.example:4000", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", ""] {
            assert_eq!(refuses(Method::GET, &[("host", host)]), !host.is_empty(), "{host}");
        }
    }

    #[test]
    fn only_the_simulators_own_page_may_call_it() {
        let host = ("host", "127.0.0.1:4000");
        for origin in
            ["https://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:4000", "https://127.0.0.1:4000"]
        {
            assert!(refuses(Method::POST, &[host, ("origin", origin)]), "{origin}");
        }
        assert!(!refuses(
            Method::POST,
            &[host, ("origin", "http://127.0.0.1:4000"), ("sec-fetch-site", "same-origin")]
        ));
        for site in ["cross-site", "same-site"] {
            assert!(refuses(Method::POST, &[host, ("sec-fetch-site", site)]), "a form");
            assert!(
                refuses(Method::GET, &[host, ("sec-fetch-site", site), ("sec-fetch-mode", "no-cors")]),
                "a picture"
            );
            assert!(!refuses(Method::GET, &[host, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]), "a link");
            assert!(refuses(Method::POST, &[host, ("sec-fetch-site", site), ("sec-fetch-mode", "navigate")]), "a form");
        }
        assert!(!refuses(Method::GET, &[host, ("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")]));
    }
}
