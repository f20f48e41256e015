//! The price table: AWS's list prices in us-east-1, first tier, without any free tier.

/// The date of the table: the newest prices that could be looked up in November 2026.
pub const MONTH: &str = "June 2026";

/// A price.
#[derive(Clone, Copy, Debug)]
pub struct Price {
    /// Dollars for `per` units.
    pub dollars: f64,
    /// How many units that is.
    pub per: f64,
    /// What the unit is called, with the number.
    pub unit: &'static str,
    /// AWS's page that lists the price.
    pub page: &'static str,
}

impl Price {
    /// Dollars for so many units.
    pub fn of(&self, units: f64) -> f64 {
        units * self.dollars / self.per
    }
}

/// Dollars for a million units of provisioned capacity, when all of it is used.
pub fn provisioned_million(hourly: Price) -> f64 {
    hourly.of(1e6 / 3600.0)
}

const fn price(dollars: f64, per: f64, unit: &'static str, page: &'static str) -> Price {
    Price { dollars, per, unit, page }
}

const MILLION: f64 = 1e6;
/// AWS counts the bytes that it stores and transfers in binary gigabytes.
const GB: f64 = 1024.0 * 1024.0 * 1024.0;

const DYNAMODB: &str = "Amazon DynamoDB pricing, on-demand capacity";
const PROVISIONED: &str = "Amazon DynamoDB pricing, provisioned capacity";
const SQS: &str = "Amazon SQS pricing";
const S3: &str = "Amazon S3 pricing, S3 Standard";
const LAMBDA: &str = "AWS Lambda pricing";
const CLOUDWATCH: &str = "Amazon CloudWatch pricing";

/// DynamoDB's write request units.
pub const WRITE_UNIT: Price = price(0.625, MILLION, "million write units", DYNAMODB);
/// DynamoDB's read request units.
pub const READ_UNIT: Price = price(0.125, MILLION, "million read units", DYNAMODB);
/// A provisioned write unit a second, used or not.
pub const PROVISIONED_WRITE: Price = price(0.00065, 1.0, "write unit a second and hour", PROVISIONED);
/// A provisioned read unit a second, used or not.
pub const PROVISIONED_READ: Price = price(0.00013, 1.0, "read unit a second and hour", PROVISIONED);
/// Storage of DynamoDB's tables and indexes for a month.
pub const TABLE_STORAGE: Price = price(0.25, GB, "GB and month", DYNAMODB);
/// Point-in-time recovery of tables for a month.
pub const RECOVERY: Price = price(0.20, GB, "GB and month", DYNAMODB);
/// Requests to a FIFO queue.
pub const FIFO_REQUEST: Price = price(0.50, MILLION, "million requests", SQS);
/// Requests to a standard queue.
pub const STANDARD_REQUEST: Price = price(0.40, MILLION, "million requests", SQS);
/// Requests to a standard queue with message groups, which makes it a fair one.
pub const FAIR_REQUEST: Price = price(0.50, MILLION, "million requests", SQS);
/// Requests to an HTTP API.
pub const API_REQUEST: Price = price(1.00, MILLION, "million requests", "Amazon API Gateway pricing, HTTP APIs");
/// Lambda's requests.
pub const INVOCATION: Price = price(0.20, MILLION, "million requests", LAMBDA);
/// Lambda's duration on arm64.
pub const GB_SECOND: Price = price(13.3334, MILLION, "million GB-seconds", LAMBDA);
/// Ingestion of logs.
pub const LOG: Price = price(0.50, GB, "GB", CLOUDWATCH);
/// Storage of compressed logs for a month.
pub const LOG_STORAGE: Price = price(0.03, GB, "GB and month", CLOUDWATCH);
/// Egress to the internet.
pub const EGRESS: Price = price(0.09, GB, "GB", "Amazon EC2 on-demand pricing, data transfer");
/// An alarm for a month, by the number of its metrics.
pub const ALARM: Price = price(0.10, 1.0, "metric of an alarm and month", CLOUDWATCH);
/// A dashboard, for a month.
pub const DASHBOARD: Price = price(3.00, 1.0, "dashboard and month", CLOUDWATCH);
/// A custom metric for a month.
pub const METRIC: Price = price(0.30, 1.0, "metric and month", CLOUDWATCH);
/// A secret, for a month.
pub const SECRET: Price = price(0.40, 1.0, "secret and month", "AWS Secrets Manager pricing");

/// S3's PUT, COPY, POST and LIST requests.
pub const OBJECT_WRITE: Price = price(0.005, 1_000.0, "thousand requests", S3);
/// S3's GET and all other requests.
pub const OBJECT_READ: Price = price(0.0004, 1_000.0, "thousand requests", S3);
/// Storage of S3 Standard for a month.
pub const OBJECT_STORAGE: Price = price(0.023, GB, "GB and month", S3);

/// What AWS gives each account free each month, without an end.
#[derive(Clone, Copy, Debug)]
pub struct Free {
    /// How many units.
    pub units: f64,
    /// What the lines of a bill call them.
    pub unit: &'static str,
    /// The page of their price, which says that they are free.
    pub page: &'static str,
}

/// The free tier that does not end, as far as lines at rest have it.
pub const FREE: [Free; 4] = [
    Free { units: MILLION, unit: "requests", page: SQS },
    Free { units: MILLION, unit: "requests", page: LAMBDA },
    Free { units: 400_000.0, unit: "GB-seconds", page: LAMBDA },
    Free { units: 10.0, unit: "metrics", page: CLOUDWATCH },
];

/// All prices by name, for the document's table.
pub const ALL: [(&str, Price); 22] = [
    ("DynamoDB: writes", WRITE_UNIT),
    ("DynamoDB: reads", READ_UNIT),
    ("DynamoDB: provisioned writes", PROVISIONED_WRITE),
    ("DynamoDB: provisioned reads", PROVISIONED_READ),
    ("DynamoDB: storage", TABLE_STORAGE),
    ("DynamoDB: point-in-time recovery", RECOVERY),
    ("SQS: FIFO", FIFO_REQUEST),
    ("SQS: standard", STANDARD_REQUEST),
    ("SQS: standard with message groups", FAIR_REQUEST),
    ("API Gateway: HTTP API", API_REQUEST),
    ("Lambda: requests", INVOCATION),
    ("Lambda: duration, arm64", GB_SECOND),
    ("CloudWatch Logs: ingestion", LOG),
    ("CloudWatch Logs: storage", LOG_STORAGE),
    ("Data transfer to the internet", EGRESS),
    ("CloudWatch: alarms", ALARM),
    ("CloudWatch: dashboards", DASHBOARD),
    ("CloudWatch: custom metrics", METRIC),
    ("Secrets Manager: secrets", SECRET),
    ("S3: writes", OBJECT_WRITE),
    ("S3: reads", OBJECT_READ),
    ("S3: storage", OBJECT_STORAGE),
];
