//! Parts of JSON schemas that `utoipa` does not derive: texts that are one of some words, and tidier alternatives.

use serde_json::{Map, Value};
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, Type};

/// The schema of a text that is one of some words.
pub fn one_of_words<'a>(description: &str, words: impl IntoIterator<Item = &'a str>) -> RefOr<Schema> {
    let words: Vec<&str> = words.into_iter().collect();
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(description)).into()
}

/// Declares types of the OpenAPI document alone: texts that are one of the words of a list, which the code has for other
/// reasons as well.
#[macro_export]
macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:expr;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug)]
        pub struct $name;

        impl ::utoipa::PartialSchema for $name {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                $crate::http::schema::one_of_words(concat!($($doc),+).trim(), $words)
            }
        }

        impl ::utoipa::ToSchema for $name {}
    )+};
}

/// Moves what `utoipa` writes about a member that may be absent to where readers look for it: `oneOf` of one type and null
/// becomes that type or null, and a description beside a reference in `oneOf` becomes the member's.
pub fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            members.values_mut().for_each(tidy);
            describe_inlined(members);
            let Some(Value::Array(mut types)) = members.remove("oneOf") else { return };
            if let Some(description) = types.first_mut().and_then(|first| first.as_object_mut()?.remove("description"))
            {
                members.entry("description").or_insert(description);
            }
            let is_null = |schema: &Value| schema["type"] == "null";
            let (first, is_nullable) = match types.as_slice() {
                [first] => (first, false),
                [null, first] | [first, null] if is_null(null) => (first, true),
                _ => {
                    members.insert("oneOf".to_owned(), Value::Array(types));
                    return;
                }
            };
            let mut first = first.clone();
            if is_nullable && !nullable(&mut first) {
                members.insert("oneOf".to_owned(), Value::Array(types));
            } else if let Value::Object(first) = first {
                for (name, value) in first {
                    members.entry(name).or_insert(value);
                }
            }
        }
        Value::Array(schemas) => schemas.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// `allOf` of a schema and of an object that has nothing but its description becomes that schema with the description.
fn describe_inlined(members: &mut Map<String, Value>) {
    let Some(Value::Array(parts)) = members.get_mut("allOf") else { return };
    let [Value::Object(schema), Value::Object(described)] = parts.as_mut_slice() else { return };
    if described.keys().all(|name| ["type", "description"].contains(&name.as_str())) {
        let (mut schema, description) = (std::mem::take(schema), described.remove("description"));
        schema.extend(description.map(|description| ("description".to_owned(), description)));
        *members = schema;
    }
}

/// Makes a schema accept null too; `false` if it has no type of its own, as a reference.
fn nullable(schema: &mut Value) -> bool {
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(own) => *own = Value::Array(vec![own.take(), "null".into()]),
        None => return false,
    }
    if let Some(Value::Array(words)) = schema.get_mut("enum") {
        words.push(Value::Null);
    }
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_type_or_null_is_one_schema_and_a_description_is_the_members() {
        for (untidy, tidied) in [
            (
                json!({ "allOf": [{ "type": "string" }, { "type": "object", "description": "one" }] }),
                json!({ "type": "string", "description": "one" }),
            ),
            (
                json!({ "oneOf": [{ "type": "string", "enum": ["a"], "description": "one" }, { "type": "null" }] }),
                json!({ "type": ["string", "null"], "enum": ["a", null], "description": "one" }),
            ),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/a", "description": "one" }], "description": "two" }),
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/a", "description": "one" }], "description": "two" }),
            ),
            (
                json!({ "oneOf": [{ "$ref": "#/a", "description": "one" }, { "type": "null" }] }),
                json!({ "oneOf": [{ "$ref": "#/a" }, { "type": "null" }], "description": "one" }),
            ),
            (
                json!({ "oneOf": [{ "type": "string" }], "description": "one" }),
                json!({ "type": "string", "description": "one" }),
            ),
            (
                json!([{ "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }] }]),
                json!([{ "oneOf": [{ "$ref": "#/a" }, { "$ref": "#/b" }] }]),
            ),
        ] {
            let mut schema = untidy;
            tidy(&mut schema);
            assert_eq!(schema, tidied);
        }
    }
}
