//! The functions' logs: one JSON object a line, with the function's name as `service` and a dotted name as `event`.
//!
//! CloudWatch charges 0.50 dollars a GB for logs, so a line holds only what distinguishes it.
//!
//! It redacts nothing: a line has what its event names. The types keep private data out: `Debug` of [`PhoneNumber`](crate::phone_number::PhoneNumber)
//! shows its last two digits, and `secrecy` hides secrets. Two checks look for private data in all logs: the end-to-end test
//! `tests/tests/end_to_end/log_privacy.rs`, and `tests/src/sweep/checker/privacy.rs` after every run of the sweep.

use std::fmt;

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::{JsonFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::{LookupSpan, Scope};

use crate::clock;

/// Writes this process's logs to standard output, from `AWS_LAMBDA_LOG_LEVEL` up (info when it is not set).
pub fn init(service: &'static str) {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .fmt_fields(JsonFields::new())
        .event_format(Line { service })
        .init();
}

/// The fields of spans that lines carry.
const SPAN_FIELDS: [&str; 2] = ["requestId", "request"];

struct Line {
    service: &'static str,
}

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut line = Map::from_iter([
            ("timestamp".to_owned(), json!(clock::now().to_string())),
            ("level".to_owned(), json!(event.metadata().level().as_str())),
            ("service".to_owned(), json!(self.service)),
        ]);
        // Lambda's id of the event at work, which the runtime's own span carries, and that of an API request.
        for span in context.event_scope().into_iter().flat_map(Scope::from_root) {
            let extensions = span.extensions();
            let fields = extensions.get::<FormattedFields<N>>().map(|fields| fields.fields.as_str());
            let fields = fields.and_then(|fields| serde_json::from_str::<Map<String, Value>>(fields).ok());
            line.extend(fields.into_iter().flatten().filter(|(name, _)| SPAN_FIELDS.contains(&name.as_str())));
        }
        event.record(&mut Fields(&mut line));
        writeln!(writer, "{}", Value::Object(line))
    }
}

struct Fields<'a>(&'a mut Map<String, Value>);

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: Value) {
        // tracing calls the text of an event its message; here it is the event's name.
        let name = if field.name() == "message" { "event" } else { field.name() };
        self.0.insert(name.to_owned(), value);
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, json!(format!("{value:?}")));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, json!(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, json!(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, json!(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, json!(value));
    }
}
