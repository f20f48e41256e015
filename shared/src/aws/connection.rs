//! The first connection to DynamoDB, which a function opens while it starts, so that its first event does not wait for the name, TCP and TLS.

use std::time::Duration;

use aws_sdk_dynamodb::Client;

/// How long a start waits for the connection at most: as long as the clients wait for one (`config`).
const CONNECT_WAIT: Duration = Duration::from_secs(1);

/// Opens a connection that the client's next request uses, while the caller goes on. The future that it returns ends when the
/// connection is there, or after a second without one: then the first request opens it.
///
/// The SDK's pool has no connection without a request. So this asks for the path `/`, which DynamoDB answers to anybody with its
/// health: no permission, no unit, and no line in CloudTrail.
pub fn open(client: &Client) -> impl Future<Output = ()> + use<> {
    let request = client.list_tables().customize().mutate_request(|request| {
        // It can fail for a method that is none.
        drop(request.set_method("GET"));
        request.headers_mut().remove("x-amz-target");
        request.headers_mut().remove("content-length");
        *request.body_mut() = "".into();
    });
    let opened = tokio::spawn(tokio::time::timeout(CONNECT_WAIT, request.send()));
    async move { drop(opened.await) } // its answer is not one of ListTables
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::sync::{Arc, Mutex};

    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
    use aws_sdk_dynamodb::types::AttributeValue;

    use super::*;
    use crate::mutex::lock;

    /// The requests of each connection, by their first lines.
    type Connections = Arc<Mutex<Vec<Vec<String>>>>;

    /// A server that answers every request with `answer`.
    fn serve(answer: &'static str) -> (Client, Connections) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let client = client(listener.local_addr().expect("an address").port());
        let connections = Connections::default();
        let seen = connections.clone();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                lock(&seen).push(Vec::new());
                let (stream, seen) = (stream.expect("a connection"), seen.clone());
                std::thread::spawn(move || while answer_one(&stream, answer, |line| lock(&seen)[number].push(line)) {});
            }
        });
        (client, connections)
    }

    /// Returns false when the connection is closed.
    fn answer_one(stream: &TcpStream, answer: &str, note: impl FnOnce(String)) -> bool {
        let (mut reader, mut first, mut length) = (BufReader::new(stream), String::new(), 0);
        if !matches!(reader.read_line(&mut first), Ok(1..)) {
            return false;
        }
        note(first.trim_end().to_owned());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).expect("a header");
            match line.to_lowercase().strip_prefix("content-length:") {
                Some(value) => length = value.trim().parse().expect("a length"),
                None if line.trim().is_empty() => break,
                None => {}
            }
        }
        reader.read_exact(&mut vec![0; length]).expect("a body");
        let mut stream = stream;
        write!(stream, "{answer}").is_ok()
    }

    fn client(port: u16) -> Client {
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .endpoint_url(format!("http://127.0.0.1:{port}"));
        Client::from_conf(config.build())
    }

    async fn get(client: &Client) -> bool {
        let request = client.get_item().table_name("Accounts").key("pk", AttributeValue::S("acc_1".to_owned()));
        request.send().await.is_ok()
    }

    #[tokio::test]
    async fn the_connection_that_a_start_opens_serves_the_first_request() {
        let healthy = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: 2\r\n\r\n{}";
        let (client, connections) = serve(healthy);
        open(&client).await;
        assert_eq!(*lock(&connections), [["GET / HTTP/1.1"]]);
        assert!(get(&client).await);
        assert_eq!(*lock(&connections), [["GET / HTTP/1.1", "POST / HTTP/1.1"]]);
    }

    #[tokio::test]
    async fn a_start_goes_on_whatever_answers_it() {
        let refused = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n";
        for answer in [refused, "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\nhealthy", "no HTTP", ""] {
            let (client, _) = serve(answer);
            tokio::time::timeout(CONNECT_WAIT * 3, open(&client)).await.expect(answer);
        }
        let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        tokio::time::timeout(CONNECT_WAIT * 3, open(&client(nobody))).await.expect("nobody listens");
    }
}
