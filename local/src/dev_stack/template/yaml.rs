//! Converts the template's YAML to JSON, with CloudFormation's short tags in their long form: `!Ref X` to `{"Ref": "X"}`.

use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

use super::intrinsics::as_text;

/// Parses one YAML document. The error names the line.
pub fn read(text: &str) -> Result<Value, String> {
    let documents = Yaml::load_from_str(text).map_err(|error| error.to_string())?;
    match documents.as_slice() {
        [document] => to_json(document),
        documents => Err(format!("it has {} YAML documents instead of one", documents.len())),
    }
}

fn to_json(yaml: &Yaml<'_>) -> Result<Value, String> {
    Ok(match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.0),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => Value::Array(items.iter().map(to_json).collect::<Result<_, _>>()?),
        Yaml::Mapping(members) => {
            let members = members.iter().map(|(key, value)| Ok((as_text(&to_json(key)?), to_json(value)?)));
            Value::Object(members.collect::<Result<Map<_, _>, String>>()?)
        }
        Yaml::Tagged(tag, value) => long_form(&tag.suffix, to_json(value)?),
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => {
            return Err("it uses a YAML feature that CloudFormation does not support".to_owned());
        }
    })
}

fn long_form(tag: &str, value: Value) -> Value {
    match (tag, value) {
        ("Ref" | "Condition", value) => json!({ tag: value }),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap_or((&path, ""));
            json!({ "Fn::GetAtt": [resource, attribute] })
        }
        (function, value) => json!({ format!("Fn::{function}"): value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_tags_become_their_long_forms() {
        let json =
            read("a: !Ref X\nb: !GetAtt Q.Arn\nc: !Sub 'x-${Y}'\nd: !If [C, 1, !Ref Z]\ne: !Join ['', [a, !Ref B]]\n");
        assert_eq!(
            json,
            Ok(json!({
                "a": {"Ref": "X"},
                "b": {"Fn::GetAtt": ["Q", "Arn"]},
                "c": {"Fn::Sub": "x-${Y}"},
                "d": {"Fn::If": ["C", 1, {"Ref": "Z"}]},
                "e": {"Fn::Join": ["", ["a", {"Ref": "B"}]]},
            }))
        );
    }

    #[test]
    fn invalid_yaml_is_refused_with_the_line() {
        let error = read("a: [1, 2\nb: }").expect_err("not YAML");
        assert!(error.contains("line"), "{error}");
    }
}
