//! The API reference, which needs no key: `GET /docs` with its files, and `GET /v1/openapi.json`.

use std::path::Path;

use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, HeaderMap,
    HeaderName, IF_NONE_MATCH,
};
use reqwest::{Method, Response, StatusCode};
use serde_json::Value;
use tests::test_stack::TestStack;

use crate::PROGRAM;

async fn ask(stack: &TestStack, method: Method, path: &str, header: Option<(HeaderName, &str)>) -> Response {
    let mut request = stack.http.request(method, format!("{}{path}", stack.stack.addresses.api));
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.send().await.expect("the API answers")
}

fn text(headers: &HeaderMap, name: HeaderName) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_reference_is_read_without_a_key_and_loads_nothing_from_elsewhere() {
    let stack = TestStack::start(PROGRAM).await;
    let page = ask(&stack, Method::GET, "/docs", None).await;
    let headers = page.headers().clone();
    assert_eq!((page.status(), text(&headers, CONTENT_TYPE).as_str()), (StatusCode::OK, "text/html; charset=utf-8"));
    let policy = text(&headers, CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    let page = page.text().await.expect("a page");
    let links = page.split('"').filter(|text| text.starts_with("docs/") || text.contains("//"));
    let links: Vec<&str> = links.collect();
    assert_eq!(links, ["docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/page.js"]);
    for (link, content_type) in links.iter().zip(["text/css", "text/javascript", "text/javascript"]) {
        let file = ask(&stack, Method::GET, &format!("/{link}"), None).await;
        assert_eq!(file.status(), StatusCode::OK, "{link}");
        assert!(text(file.headers(), CONTENT_TYPE).starts_with(content_type), "{link}");
        assert_eq!(text(file.headers(), CACHE_CONTROL), "public, max-age=300", "{link}");
        let length = file.bytes().await.expect("the file").len();
        assert!(length > 100, "{link}");
    }
    let wrong = ask(&stack, Method::POST, "/docs", None).await;
    assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
    let unknown = ask(&stack, Method::GET, "/docs/other.js", None).await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_document_is_that_of_the_repository_compressed_where_the_client_takes_it_and_kept_by_its_tag() {
    const PATH: &str = "/v1/openapi.json";
    let stack = TestStack::start(PROGRAM).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let committed: Value = serde_json::from_slice(&std::fs::read(file).expect("docs/openapi.json")).expect("JSON");
    let plain = ask(&stack, Method::GET, PATH, None).await;
    assert_eq!(text(plain.headers(), CONTENT_ENCODING), "");
    let tag = text(plain.headers(), ETAG);
    let answered: Value = serde_json::from_slice(&plain.bytes().await.expect("bytes")).expect("JSON");
    assert!(committed == answered);

    let compressed = ask(&stack, Method::GET, PATH, Some((ACCEPT_ENCODING, "br, gzip;q=0.9"))).await;
    let headers = compressed.headers().clone();
    assert_eq!((text(&headers, CONTENT_ENCODING).as_str(), text(&headers, ETAG)), ("gzip", tag.clone()));
    let bytes = compressed.bytes().await.expect("bytes");
    assert!(bytes.starts_with(b"\x1f\x8b") && bytes.len() < 100_000, "{}", bytes.len());

    let known = ask(&stack, Method::GET, PATH, Some((IF_NONE_MATCH, &tag))).await;
    assert_eq!((known.status(), known.bytes().await.map(|body| body.len()).ok()), (StatusCode::NOT_MODIFIED, Some(0)));
}
