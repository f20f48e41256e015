//! For tests: a DynamoDB in memory, and a client some of whose calls fail as DynamoDB's do.

use std::fmt;
use std::sync::Mutex;

use aws_config::{BehaviorVersion, Region};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::config::interceptors::{
    BeforeDeserializationInterceptorContextMut, BeforeTransmitInterceptorContextMut,
};
use aws_sdk_dynamodb::config::{ConfigBag, Credentials, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_s3::primitives::SdkBody;
use dynoxide::Database;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::aws::AccountsTable;
use crate::message::MessageRepository;
use crate::mutex::lock;

/// How a call fails.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is not applied, and gets this answer with status 400.
    Refused(Value),
    /// It is applied, and its answer is lost.
    AnswerLost,
}

impl Fault {
    /// The cancellation of a transaction one of whose writes has this code.
    pub fn canceled(code: &str) -> Self {
        let reasons = json!([{ "Code": "None" }, { "Code": code, "Message": "a test" }]);
        Self::Refused(json!({ "__type": "TransactionCanceledException", "CancellationReasons": reasons }))
    }

    /// The refusal of a request that DynamoDB never takes.
    pub fn invalid() -> Self {
        Self::Refused(json!({ "__type": "com.amazon.coral.validate#ValidationException", "message": "a test" }))
    }
}

/// Says of a request's body whether its call fails.
type Decide = dyn FnMut(&Value) -> Option<Fault> + Send;

struct Faults {
    decide: Mutex<Box<Decide>>,
    /// Of the call in progress: such a client is used for one at a time.
    fault: Mutex<Option<Fault>>,
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Faults")
    }
}

impl Intercept for Faults {
    fn name(&self) -> &'static str {
        "Faults"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request().body().bytes().expect("a body in memory");
        let fault = lock(&self.decide)(&serde_json::from_slice(body)?);
        if matches!(fault, Some(Fault::Refused(_))) {
            let nothing = format!("{:width$}", "{}", width = body.len()); // the length is in the header
            *context.request_mut().body_mut() = SdkBody::from(nothing);
        }
        *lock(&self.fault) = fault;
        Ok(())
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (status, body) = match lock(&self.fault).take() {
            None => return Ok(()),
            Some(Fault::Refused(answer)) => (400, answer),
            Some(Fault::AnswerLost) => (500, json!({ "__type": "InternalServerError" })),
        };
        *context.response_mut() = HttpResponse::new(u16::try_into(status)?, SdkBody::from(body.to_string()));
        Ok(())
    }
}

/// A client of a new database, whose calls fail as `decide` says.
async fn client(tables: &[Value], decide: impl FnMut(&Value) -> Option<Fault> + Send + 'static) -> Client {
    let database = Database::memory().expect("a database in memory");
    for table in tables {
        database.create_table(serde_json::from_value(table.clone()).expect("a request")).expect("a table");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "a test"))
        .endpoint_url(url)
        .load()
        .await;
    let faults = Faults { decide: Mutex::new(Box::new(decide)), fault: Mutex::default() };
    let config = aws_sdk_dynamodb::config::Builder::from(&config).interceptor(faults).build();
    Client::from_conf(config)
}

/// The tables of accounts and of messages, the latter with the index `byChat`. Calls fail as `decide` says of the bodies of their
/// requests.
pub async fn tables(
    decide: impl FnMut(&Value) -> Option<Fault> + Send + 'static,
) -> (AccountsTable, MessageRepository) {
    let text = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let keys = |hash: &str, range: Option<&str>| {
        let range = range.map(|name| json!({ "AttributeName": name, "KeyType": "RANGE" }));
        std::iter::once(json!({ "AttributeName": hash, "KeyType": "HASH" })).chain(range).collect::<Vec<_>>()
    };
    let accounts = json!({
        "TableName": "Accounts", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [text("pk"), text("sk")], "KeySchema": keys("pk", Some("sk")),
    });
    let by_chat = json!({
        "IndexName": "byChat", "KeySchema": keys("chat", Some("at")), "Projection": { "ProjectionType": "KEYS_ONLY" },
    });
    let messages = json!({
        "TableName": "Messages", "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [text("id"), text("chat"), text("at")], "KeySchema": keys("id", None),
        "GlobalSecondaryIndexes": [by_chat],
    });
    let client = client(&[accounts, messages], decide).await;
    (AccountsTable::new(client.clone(), "Accounts".to_owned()), MessageRepository::new(client, "Messages".to_owned()))
}
