//! Queues, tables, buckets and secrets, and the names by which the rest of the template refers to resources.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::intrinsics::{Names, as_text};
use crate::aws::{ACCOUNT_ID, REGION};

/// The values that a template needs from this machine.
#[derive(Debug)]
pub struct TemplateContext {
    /// The base URL of SQS, without a trailing slash.
    pub sqs_url: String,
    /// The URL of the function that has one.
    pub callback_url: String,
    /// Values of the template's parameters; others have their defaults.
    pub parameters: HashMap<&'static str, String>,
}

/// A queue.
#[derive(Debug)]
pub struct Queue {
    /// The name, including `.fifo`.
    pub name: String,
    /// The attributes, as in `CreateQueue`.
    pub attributes: HashMap<String, String>,
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// The logical id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The request of `CreateTable`.
    pub create: Value,
    /// The time-to-live attribute.
    pub ttl_attribute: Option<String>,
}

/// A bucket.
#[derive(Debug)]
pub struct Bucket {
    /// The name.
    pub name: String,
    /// The beginnings of the keys of objects that are announced, each with the name of the queue.
    pub announcements: Vec<(String, String)>,
}

/// The properties of a bucket that are followed here, or make no difference on this machine, where nothing is deleted by its age.
const BUCKET_PROPERTIES: [&str; 6] = [
    "BucketEncryption",
    "CorsConfiguration",
    "LifecycleConfiguration",
    "NotificationConfiguration",
    "OwnershipControls",
    "PublicAccessBlockConfiguration",
];

/// A secret.
#[derive(Debug)]
pub struct Secret {
    /// The ARN.
    pub arn: String,
    /// The value, if the template has it.
    pub text: Option<String>,
    /// The length of a generated value.
    pub length: usize,
}

/// Adds the values of `Ref` and `GetAtt` for a resource.
pub fn add_names(names: &mut Names, context: &TemplateContext, id: &str, resource: &Value) -> Result<(), String> {
    let properties = &resource["Properties"];
    let kind = resource["Type"].as_str().ok_or_else(|| format!("Resources.{id} has no Type"))?;
    if kind == "AWS::Serverless::Function" {
        names.references.insert(format!("{id}.Alias"), json!(published_alias(id))); // as SAM resolves it
    }
    let mut attribute = |name: &str, value: String| names.attributes.insert(format!("{id}.{name}"), json!(value));
    let reference = match kind {
        "AWS::SQS::Queue" => {
            let name = queue_name(id, properties);
            attribute("Arn", format!("arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"));
            attribute("QueueName", name.clone());
            format!("{}/{ACCOUNT_ID}/{name}", context.sqs_url)
        }
        "AWS::DynamoDB::Table" => {
            let name = properties["TableName"].as_str().unwrap_or(id);
            let arn = format!("arn:aws:dynamodb:{REGION}:{ACCOUNT_ID}:table/{name}");
            attribute("StreamArn", format!("{arn}/stream/latest"));
            attribute("Arn", arn);
            name.to_owned()
        }
        "AWS::S3::Bucket" => {
            let name = bucket_name(id);
            attribute("Arn", format!("arn:aws:s3:::{name}"));
            name
        }
        "AWS::Serverless::Function" if properties["FunctionUrlConfig"].is_object() => {
            attribute("Arn", format!("arn:aws:serverless:{REGION}:{ACCOUNT_ID}:{id}"));
            names.attributes.insert(format!("{id}Url.FunctionUrl"), json!(context.callback_url));
            id.to_owned()
        }
        "AWS::Lambda::Alias" => {
            let (function, alias) = (properties["FunctionName"]["Ref"].as_str(), properties["Name"].as_str());
            format!("{}:{}", function.unwrap_or_default(), alias.unwrap_or_default())
        }
        "AWS::SecretsManager::Secret" => format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT_ID}:secret:{id}"),
        kind => {
            let service = kind.split("::").nth(1).unwrap_or("local").to_lowercase();
            attribute("Arn", format!("arn:aws:{service}:{REGION}:{ACCOUNT_ID}:{id}"));
            id.to_owned()
        }
    };
    names.references.insert(id.to_owned(), json!(reference));
    Ok(())
}

/// The alias of a function that SAM makes, to which `Events` go.
pub fn published_alias(function: &str) -> String {
    format!("{function}:published")
}

/// Reads a queue.
pub fn queue(names: &Names, id: &str, resource: &Value) -> Result<Queue, String> {
    let properties = resolve(names, id, resource)?;
    let attributes = properties.as_object().into_iter().flatten();
    let attributes = attributes.filter(|(property, _)| !["QueueName", "Tags"].contains(&property.as_str()));
    let attributes = attributes.map(|(property, value)| (property.clone(), as_text(value))).collect();
    Ok(Queue { name: queue_name(id, &properties), attributes })
}

/// Reads a table. Most of CloudFormation's properties are the fields of `CreateTable`.
pub fn table(names: &Names, id: &str, resource: &Value) -> Result<Table, String> {
    let properties = resolve(names, id, resource)?;
    let name = properties["TableName"].as_str().unwrap_or(id).to_owned();
    let mut create = json!({ "TableName": name });
    for field in ["AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes", "BillingMode"]
    {
        if let Some(value) = properties.get(field) {
            create[field] = value.clone();
        }
    }
    if let Some(view) = properties["StreamSpecification"].get("StreamViewType") {
        create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view });
    }
    let ttl = &properties["TimeToLiveSpecification"];
    let ttl_attribute = ttl["AttributeName"].as_str().filter(|_| as_text(&ttl["Enabled"]) == "true").map(str::to_owned);
    Ok(Table { id: id.to_owned(), name, create, ttl_attribute })
}

/// Reads a bucket.
pub fn bucket(names: &Names, id: &str, resource: &Value) -> Result<Bucket, String> {
    let properties = resolve(names, id, resource)?;
    let given = properties.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    if let Some(unknown) = given.clone().find(|name| !BUCKET_PROPERTIES.contains(name)) {
        return Err(format!("Resources.{id}: the property {unknown} of a bucket is not supported locally"));
    }
    let queues = properties["NotificationConfiguration"]["QueueConfigurations"].as_array();
    let announcements = queues.into_iter().flatten().map(|announced| {
        let [rule] = announced["Filter"]["S3Key"]["Rules"].as_array().map_or(&[][..], Vec::as_slice) else {
            return Err(format!("Resources.{id}: a notification must have one rule, on the prefix"));
        };
        let event = announced["Event"].as_str().unwrap_or_default();
        if rule["Name"] != "prefix" || event != "s3:ObjectCreated:*" {
            return Err(format!("Resources.{id}: this notification is not supported locally"));
        }
        let queue = as_text(&announced["Queue"]);
        Ok((as_text(&rule["Value"]), queue.rsplit(':').next().unwrap_or_default().to_owned()))
    });
    Ok(Bucket { name: bucket_name(id), announcements: announcements.collect::<Result<_, _>>()? })
}

/// Reads a secret.
pub fn secret(names: &Names, id: &str, resource: &Value) -> Result<Secret, String> {
    let properties = resolve(names, id, resource)?;
    let length = properties["GenerateSecretString"]["PasswordLength"].as_u64();
    Ok(Secret {
        arn: names.references.get(id).map(as_text).unwrap_or_default(),
        text: properties["SecretString"].as_str().map(str::to_owned),
        length: length.and_then(|length| usize::try_from(length).ok()).unwrap_or(32),
    })
}

fn resolve(names: &Names, id: &str, resource: &Value) -> Result<Value, String> {
    names.resolve(&resource["Properties"]).map_err(|problem| format!("Resources.{id}: {problem}"))
}

/// A bucket's name has no capital letters.
fn bucket_name(id: &str) -> String {
    id.to_lowercase()
}

fn queue_name(id: &str, properties: &Value) -> String {
    let fifo = as_text(&properties["FifoQueue"]) == "true";
    let generated = if fifo { format!("{id}.fifo") } else { id.to_owned() };
    properties["QueueName"].as_str().map_or(generated, str::to_owned)
}
