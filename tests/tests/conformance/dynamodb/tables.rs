//! The server under test, and a table per test.

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType,
};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use local::clock::Clock;
use local::dev_stack::Clients;
use local::dev_stack::DynamoDb;
use shared::ids;
use tests::wait::eventually;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A server, and the name of a table that is only this test's.
pub struct Tables {
    /// Clients of the server.
    pub clients: Clients,
    /// The table: key `id`, a keys-only index `byGroup` over `group` and `at`, a stream of both images.
    pub table: String,
    server: Option<JoinHandle<()>>,
}

impl Tables {
    /// The server that `CONFORMANCE_URL` names, or ours on a free port, with the table.
    pub async fn start() -> Self {
        let (url, server) = match std::env::var("CONFORMANCE_URL") {
            Ok(url) => (url, None),
            Err(_) => {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
                let url = format!("http://{}", listener.local_addr().expect("an address"));
                let server = DynamoDb::open(None, &Clock::new()).expect("a database").serve(listener);
                (url, Some(server))
            }
        };
        let table = format!("conformance-{}", hex::encode(ids::random::<8>()));
        let tables = Self { clients: Clients::new(&url, &url, "conformance").await, table, server };
        tables.create().await;
        tables
    }

    /// The client of the tables.
    pub const fn client(&self) -> &Client {
        &self.clients.dynamodb
    }

    async fn create(&self) {
        let attribute = |name: &str| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .expect("whole")
        };
        let key = |name: &str, kind: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().expect("whole")
        };
        let index = GlobalSecondaryIndex::builder()
            .index_name("byGroup")
            .key_schema(key("group", KeyType::Hash))
            .key_schema(key("at", KeyType::Range))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build());
        let stream =
            StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewAndOldImages);
        let request = self
            .client()
            .create_table()
            .table_name(&self.table)
            .billing_mode(BillingMode::PayPerRequest)
            .attribute_definitions(attribute("id"))
            .attribute_definitions(attribute("group"))
            .attribute_definitions(attribute("at"))
            .key_schema(key("id", KeyType::Hash))
            .global_secondary_indexes(index.build().expect("whole"))
            .stream_specification(stream.build().expect("whole"));
        request.send().await.expect("a table");
        eventually("the table", || async {
            let described = self.client().describe_table().table_name(&self.table).send().await.ok()?;
            (described.table()?.table_status()?.as_str() == "ACTIVE").then_some(())
        })
        .await;
    }
}

impl Drop for Tables {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

/// A text attribute.
pub fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// A number attribute.
pub fn number(number: i64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}
