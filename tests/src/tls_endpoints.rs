//! Endpoints with certificates of an authority that functions can be made to trust: one that is as it should be, one for another
//! name, one that has expired, and one of an authority that nobody trusts.

use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Where the endpoints listen.
const HOST: &str = "127.0.0.1";

/// Endpoints, each of which answers 200. Dropping them stops them.
pub struct TlsEndpoints {
    /// With a certificate that is as it should be.
    pub good: String,
    /// With one for another name.
    pub other_name: String,
    /// With one that has expired.
    pub expired: String,
    /// With one of an authority that is not trusted.
    pub untrusted: String,
    servers: Vec<JoinHandle<()>>,
}

type Authority = Issuer<'static, KeyPair>;

impl TlsEndpoints {
    /// Listens on free ports, and writes the certificate of the authority to a file.
    ///
    /// # Panics
    /// When there is no free port, or the file cannot be written.
    pub async fn start(authority_file: &Path) -> Self {
        let ((trusted, pem), (untrusted, _)) = (authority("Trusted"), authority("Nobody's"));
        std::fs::write(authority_file, pem).expect("a file");
        let mut servers = Vec::new();
        let mut serve = async |authority: &Authority, name: &str, until: i32| {
            let listener = TcpListener::bind((HOST, 0)).await.expect("a free port");
            let url = format!("https://{}/", listener.local_addr().expect("an address"));
            servers.push(tokio::spawn(answer(listener, acceptor(authority, name, until))));
            url
        };
        let good = serve(&trusted, HOST, 4096).await;
        let other_name = serve(&trusted, "example.com", 4096).await;
        let expired = serve(&trusted, HOST, 2020).await;
        let untrusted = serve(&untrusted, HOST, 4096).await;
        Self { good, other_name, expired, untrusted, servers }
    }
}

impl Drop for TlsEndpoints {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

/// An authority, and its certificate in PEM.
fn authority(name: &str) -> (Authority, String) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap_or_default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    let key = KeyPair::generate().expect("a key");
    let der = params.self_signed(&key).expect("a certificate").der().clone();
    let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der));
    (Issuer::new(params, key), pem)
}

/// Accepts connections with a certificate for a name that is valid until the beginning of a year.
fn acceptor(authority: &Authority, name: &str, until: i32) -> TlsAcceptor {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    params.not_after = date_time_ymd(until, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let certificate = params.signed_by(&key, authority).expect("a certificate");
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], key);
    TlsAcceptor::from(Arc::new(config.expect("a key that fits its certificate")))
}

async fn answer(listener: TcpListener, acceptor: TlsAcceptor) {
    while let Ok((connection, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let mut connection = BufReader::new(acceptor.accept(connection).await.ok()?);
            let mut line = String::new();
            while connection.read_line(&mut line).await.ok()? > 2 {
                line.clear();
            }
            let answer = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
            connection.write_all(answer).await.ok()?;
            connection.shutdown().await.ok()
        });
    }
}
