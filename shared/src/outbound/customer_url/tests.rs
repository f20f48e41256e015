//! Which URLs are refused, and as what, however they are spelled.

use super::Reach::{Public, PublicAndLoopback};
use super::*;
use hostile::{HOSTILE, SCHEMES};
use proptest::prelude::*;

mod hostile;

fn webhook(text: &str, reach: Reach) -> Result<(), UrlError> {
    CustomerUrl::webhook(text, reach).map(drop)
}

fn media(text: &str, reach: Reach) -> Result<(), UrlError> {
    CustomerUrl::media(text, reach).map(drop)
}

#[test]
fn a_webhook_is_https_and_a_file_http_or_https() {
    for (text, as_webhook, as_media) in [
        ("https://example.com/hook", Ok(()), Ok(())),
        ("HTTPS://EXAMPLE.com:8443/hook?a=b#c", Ok(()), Ok(())),
        ("https://8.8.8.8/", Ok(()), Ok(())),
        ("https://[2606:4700::1]/", Ok(()), Ok(())),
        ("https://пример.рф/", Ok(()), Ok(())),
        ("http://example.com/a.jpg", Err(UrlError::NotHttps), Ok(())),
        ("http://localhost/", Err(UrlError::NotHttps), Ok(())), // a name: refused where it is connected to
    ] {
        assert_eq!((webhook(text, Public), media(text, Public)), (as_webhook, as_media), "{text}");
    }
}

#[test]
fn each_hostile_url_is_refused_as_a_webhook_and_as_a_file() {
    for (text, refused) in HOSTILE {
        let verdicts = (webhook(text, Public), media(text, Public));
        assert_eq!(verdicts, (Err(*refused), Err(*refused)), "{text:?} is {:?}", Url::parse(text));
    }
}

#[test]
fn a_file_over_http_is_refused_as_over_https() {
    for (text, refused) in HOSTILE.iter().filter(|(text, _)| text.starts_with("https:")) {
        let text = text.replacen("https:", "http:", 1);
        assert_eq!(media(&text, Public), Err(*refused), "{text:?}");
    }
}

#[test]
fn only_http_and_https_are_called() {
    for text in SCHEMES {
        for reach in [Public, PublicAndLoopback] {
            let verdicts = (webhook(text, reach), media(text, reach));
            assert_eq!(verdicts, (Err(UrlError::NotHttps), Err(UrlError::NotHttp)), "{text}");
        }
    }
}

#[test]
fn the_local_stack_allows_loopback_and_no_other_private_address() {
    for text in ["http://127.0.0.1:9000/hook", "http://[::1]/", "http://localhost:80/", "https://127.8.8.8/"] {
        assert_eq!((webhook(text, PublicAndLoopback), media(text, PublicAndLoopback)), (Ok(()), Ok(())), "{text}");
    }
    assert_eq!(webhook("http://example.com/", PublicAndLoopback), Err(UrlError::NotHttps));
    for text in ["https://10.0.0.1/", "https://169.254.169.254/", "https://0.0.0.0/", "https://[::ffff:127.0.0.1]/"] {
        assert_eq!(webhook(text, PublicAndLoopback), Err(UrlError::NotPublic), "{text}");
        assert_eq!(media(text, PublicAndLoopback), Err(UrlError::NotPublic), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_becomes_a_url_that_spells_out_a_private_address(text in "https?://[0-9a-fx.:\\[\\]%@/]{1,24}") {
        if let Ok(CustomerUrl(url)) = CustomerUrl::media(&text, Public) {
            let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
            prop_assert!(host.parse().map_or(true, is_public), "{text} is {url}");
        }
    }
}
