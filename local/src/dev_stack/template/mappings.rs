//! Event source mappings that are resources of their own: Lambda maps a stream to a function's alias once, so a second mapping
//! of a stream needs an alias that SAM does not make.

use std::collections::BTreeSet;

use serde_json::Value;

use super::event_sources::{EventSource, parse};
use super::functions::Function;
use super::intrinsics::{Names, as_text};
use super::resources::published_alias;
use crate::lambda::event_sources::StreamMapping;

/// Adds the mappings to the event sources of the functions that they invoke.
pub fn add_to<'a>(
    functions: &mut [Function],
    names: &Names,
    resources: impl Iterator<Item = &'a (&'a String, &'a Value)>,
) -> Result<(), String> {
    let mut mapped: BTreeSet<(String, String)> = BTreeSet::new();
    for function in functions.iter() {
        for mapping in function.event_sources.iter().filter_map(stream) {
            insert_once(&mut mapped, &published_alias(&function.name), mapping)?;
        }
    }
    for (id, resource) in resources {
        let (target, mapping) = read(names, id, resource).map_err(|problem| format!("Resources.{id}: {problem}"))?;
        let function = target.split_once(':').map(|(function, _alias)| function);
        let function = functions.iter_mut().find(|known| Some(known.name.as_str()) == function);
        let function = function.ok_or_else(|| format!("Resources.{id}: FunctionName must refer to an alias"))?;
        insert_once(&mut mapped, &target, &mapping)?;
        function.event_sources.push(EventSource::Stream(mapping));
    }
    Ok(())
}

fn read(names: &Names, id: &str, resource: &Value) -> Result<(String, StreamMapping), String> {
    let mut properties = names.resolve(&resource["Properties"])?;
    let members = properties.as_object_mut().ok_or("it has no Properties")?;
    let target = members.remove("FunctionName").as_ref().map(as_text).unwrap_or_default();
    let stream = members.remove("EventSourceArn").ok_or("it has no EventSourceArn")?;
    members.insert("Stream".to_owned(), stream); // SAM's name of the property
    Ok((target, parse::<StreamMapping>(properties)?.named(id.to_owned())))
}

const fn stream(source: &EventSource) -> Option<&StreamMapping> {
    match source {
        EventSource::Stream(mapping) => Some(mapping),
        _ => None,
    }
}

/// Refuses what Lambda answers with `ResourceConflictException`.
fn insert_once(mapped: &mut BTreeSet<(String, String)>, target: &str, mapping: &StreamMapping) -> Result<(), String> {
    match mapped.insert((target.to_owned(), mapping.table.clone())) {
        true => Ok(()),
        false => Err(format!("{}: the stream of {} is mapped to {target} twice", mapping.id, mapping.table)),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::path::Path;

    use serde_json::json;
    use shared::message::MessageEvent;

    use super::*;
    use crate::dev_stack::template::{Template, TemplateContext};
    use crate::lambda::event_sources::FilterCriteria;

    fn context() -> TemplateContext {
        let parameters = [("EarlierKeys", "false"), ("WhatsAppAppSecret", "secret"), ("WhatsAppVerifyToken", "verify")];
        let parameters = parameters.map(|(name, value)| (name, value.to_owned()));
        let (sqs_url, callback_url) = ("http://127.0.0.1:9324".to_owned(), "http://127.0.0.1:9325".to_owned());
        TemplateContext { sqs_url, callback_url, parameters: HashMap::from(parameters) }
    }

    fn project_template() -> Template {
        Template::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../template.yaml")).expect("the project's template")
    }

    /// The mappings of the stream of messages.
    fn readers() -> Vec<StreamMapping> {
        let functions = project_template().resolve(&context()).expect("a supported template").functions;
        let sources = functions.into_iter().flat_map(|function| function.event_sources);
        let streams = sources.filter_map(|source| match source {
            EventSource::Stream(mapping) => Some(mapping),
            _ => None,
        });
        streams.filter(|mapping| mapping.table == "Messages").collect()
    }

    /// The ids of the mappings that take a change of a message's item.
    fn takers(new_image: &Value) -> Vec<String> {
        let record = json!({ "eventName": "MODIFY", "dynamodb": { "Keys": { "id": { "S": "msg_1" } },
            "OldImage": { "id": { "S": "msg_1" }, "ev": { "S": "sent" } }, "NewImage": new_image } });
        let takes =
            |reader: &StreamMapping| FilterCriteria::new(&reader.filter_patterns).expect("patterns").matches(&record);
        readers().into_iter().filter(takes).map(|reader| reader.id).collect()
    }

    fn takers_of(event: &str) -> Vec<String> {
        takers(&json!({ "id": { "S": "msg_1" }, "ev": { "S": event } }))
    }

    #[test]
    fn each_event_of_a_message_comes_through_exactly_one_of_two_readers() {
        for event in MessageEvent::ALL {
            let taken_by = match event {
                MessageEvent::Sent | MessageEvent::Delivered | MessageEvent::Read => "notifyStatuses",
                MessageEvent::Failed | MessageEvent::Received => "notifyChanges",
            };
            let written = serde_json::to_value(event).expect("a text");
            assert_eq!(takers_of(written.as_str().expect("a text")), [taken_by], "{event:?}");
        }
        for of_a_later_version in ["held", "readReceipt", "", "SENT"] {
            assert_eq!(takers_of(of_a_later_version), ["notifyChanges"], "{of_a_later_version}");
        }
    }

    #[test]
    fn a_tombstone_comes_at_once_and_a_write_without_an_event_not_at_all() {
        let tombstone = json!({ "id": { "S": "msg_1" }, "nonce": { "S": "n" }, "erased": { "BOOL": true },
            "expiresAt": { "N": "1" } });
        assert_eq!(takers(&tombstone), ["notifyChanges"]);
        assert_eq!(takers(&json!({ "id": { "S": "msg_1" }, "status": { "S": "sending" } })), [""; 0]);
        assert_eq!(takers(&Value::Null), [""; 0], "a record that expired");
    }

    #[test]
    fn only_routine_statuses_are_gathered() {
        let windows = readers().into_iter().map(|reader| (reader.id, reader.batching_window_seconds));
        let expected = [("notifyChanges".to_owned(), 0), ("notifyStatuses".to_owned(), 1)];
        assert_eq!(windows.collect::<Vec<_>>(), expected);
        let mut at_once = context();
        at_once.parameters.insert("StatusWindowSeconds", "0".to_owned());
        let functions = project_template().resolve(&at_once).expect("a supported template").functions;
        let mut mappings = functions.iter().flat_map(|function| &function.event_sources).filter_map(stream);
        assert!(mappings.all(|mapping| mapping.batching_window_seconds == 0));
    }

    #[test]
    fn a_stream_that_is_mapped_to_an_alias_twice_is_refused_as_lambda_does() {
        let twice = |(place, from): (&str, &str)| {
            let mut template = project_template();
            let copy = template.part(from).expect("a mapping").clone();
            template.json["Resources"].pointer_mut(place).expect("a place")["Again"] = copy;
            template.resolve(&context()).expect_err("a conflict").to_string()
        };
        let connections = "/Resources/notify/Properties/Events/Connections";
        for (again, table) in [
            (("/notify/Properties/Events", connections), "Accounts"),
            (("", "/Resources/notifyStatuses"), "Messages"),
            (("", "/Resources/notifyChanges"), "Messages"),
        ] {
            let error = twice(again);
            assert!(error.contains(&format!("the stream of {table} is mapped")) && error.contains("twice"), "{error}");
        }
    }

    #[test]
    fn a_mapping_to_a_function_instead_of_an_alias_is_refused() {
        let mut template = project_template();
        template.json["Resources"]["notifyStatuses"]["Properties"]["FunctionName"] = json!({ "Ref": "notify" });
        let error = template.resolve(&context()).expect_err("no alias").to_string();
        assert!(error.contains("notifyStatuses") && error.contains("alias"), "{error}");
    }
}
