//! Why a call to a customer's URL got no answer, in words that are the customer's to act on: without addresses, and without the
//! client's own text, which names the URL.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter::successors;

use rustls::CertificateError;

use crate::outbound::resolver::NameNotFound;

/// Why a call got no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CallFailure {
    /// Its name has no address.
    #[error("The endpoint's name was not found: DNS has no address for it, or did not answer.")]
    NameNotFound,
    /// Nobody listens there, or a firewall says so.
    #[error("The endpoint refused the connection: nothing listens at its port.")]
    Refused,
    /// No secure connection was established; the end of the sentence.
    #[error("No secure connection (TLS) to the endpoint was possible: {0}.")]
    Tls(String),
    /// The connection ended before the answer.
    #[error("The endpoint closed the connection without an answer.")]
    Closed,
    /// What came is no HTTP.
    #[error("The endpoint's answer is not HTTP.")]
    NotHttp,
    /// Anything else, such as an address without a route.
    #[error("The endpoint could not be reached.")]
    Unreachable,
}

impl From<&reqwest::Error> for CallFailure {
    fn from(error: &reqwest::Error) -> Self {
        causes(error).find_map(known).unwrap_or(Self::Unreachable)
    }
}

/// The causes of an error, outermost first. What an `io::Error` wraps is not its source.
pub fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |&cause| {
        let wrapped = cause.downcast_ref().and_then(io::Error::get_ref);
        wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| cause.source())
    })
}

/// What a cause says by itself.
fn known(cause: &(dyn Error + 'static)) -> Option<CallFailure> {
    if cause.is::<NameNotFound>() {
        return Some(CallFailure::NameNotFound);
    }
    if let Some(error) = cause.downcast_ref() {
        return Some(CallFailure::Tls(tls_failure(error)));
    }
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        let is_closed = error.is_incomplete_message();
        return if error.is_parse() { Some(CallFailure::NotHttp) } else { is_closed.then_some(CallFailure::Closed) };
    }
    match cause.downcast_ref().map(io::Error::kind)? {
        ErrorKind::ConnectionRefused => Some(CallFailure::Refused),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => Some(CallFailure::Closed),
        _ => None,
    }
}

fn tls_failure(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => certificate_failure(error).to_owned(),
        rustls::Error::AlertReceived(alert) => format!("it ended the handshake with the alert {alert:?}"),
        rustls::Error::PeerIncompatible(_) => {
            "it offers neither TLS 1.2 nor 1.3 with ciphers that are secure".to_owned()
        }
        rustls::Error::InvalidMessage(_) => "its port does not speak TLS".to_owned(),
        _ => "the handshake failed".to_owned(),
    }
}

fn certificate_failure(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet"
        }
        CertificateError::Revoked => "its certificate was revoked",
        CertificateError::UnknownIssuer => {
            "its certificate is self-signed, of an unknown authority, or sent without its intermediate certificates"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name"
        }
        _ => "its certificate is not valid for a server",
    }
}
