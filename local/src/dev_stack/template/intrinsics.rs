//! CloudFormation's intrinsic functions, such as `!Ref`, `!GetAtt` and `!Sub`, as far as the template uses them. An unknown
//! function is an error.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// The values of the names in a template.
#[derive(Debug, Default)]
pub struct Names {
    /// Parameters, pseudo parameters and the `Ref` values of resources.
    pub references: HashMap<String, Value>,
    /// The `GetAtt` values, by `Resource.Attribute`.
    pub attributes: HashMap<String, Value>,
    /// The conditions.
    pub conditions: HashMap<String, Value>,
}

/// The pseudo parameter that removes a property.
const NO_VALUE: &str = "AWS::NoValue";

impl Names {
    /// Replaces every intrinsic function in a value by its result.
    pub fn resolve(&self, value: &Value) -> Result<Value, String> {
        self.resolve_unless_removed(value)?.map_or_else(|| self.reference(NO_VALUE), Ok)
    }

    /// None when the result is `AWS::NoValue`, which removes the property or the item.
    fn resolve_unless_removed(&self, value: &Value) -> Result<Option<Value>, String> {
        let result = match value {
            Value::Array(items) => {
                let items = items.iter().filter_map(|item| self.resolve_unless_removed(item).transpose());
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Value::Object(members) => match function(members) {
                Some(("Ref", name)) if name == NO_VALUE => return Ok(None),
                Some(("Fn::If", Value::Array(parts))) => return self.resolve_unless_removed(self.branch(parts)?),
                Some((name, argument)) => self.call(name, argument)?,
                None => {
                    let members = members.iter().map(|(name, value)| {
                        Ok(self.resolve_unless_removed(value)?.map(|value| (name.clone(), value)))
                    });
                    Value::Object(members.filter_map(Result::transpose).collect::<Result<_, String>>()?)
                }
            },
            plain => plain.clone(),
        };
        Ok(Some(result))
    }

    fn branch<'a>(&self, parts: &'a [Value]) -> Result<&'a Value, String> {
        match parts {
            [Value::String(condition), yes, no] => Ok(if self.is_condition_true(condition)? { yes } else { no }),
            _ => Err("Fn::If requires a condition and two values".to_owned()),
        }
    }

    /// Evaluates a condition of the template.
    pub fn is_condition_true(&self, condition: &str) -> Result<bool, String> {
        let value =
            self.conditions.get(condition).ok_or_else(|| format!("the condition {condition} does not exist"))?;
        truth(&self.resolve(value)?)
    }

    fn call(&self, name: &str, argument: &Value) -> Result<Value, String> {
        match (name, argument) {
            ("Ref", Value::String(name)) => self.reference(name),
            ("Condition", Value::String(name)) => self.is_condition_true(name).map(Value::Bool),
            ("Fn::GetAtt", Value::Array(path)) => self.attribute(path),
            ("Fn::Sub", Value::String(text)) => self.substitute(text, &Map::new()),
            ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
                [Value::String(text), Value::Object(own)] => self.substitute(text, own),
                _ => Err("Fn::Sub requires a text and a map of variables".to_owned()),
            },
            ("Fn::Join", Value::Array(parts)) => self.join(parts),
            ("Fn::Equals", Value::Array(pair)) if pair.len() == 2 => {
                Ok(Value::Bool(as_text(&self.resolve(&pair[0])?) == as_text(&self.resolve(&pair[1])?)))
            }
            ("Fn::Not", Value::Array(one)) if one.len() == 1 => Ok(Value::Bool(!truth(&self.resolve(&one[0])?)?)),
            ("Fn::And", Value::Array(all)) => self.truths(all).map(|all| Value::Bool(all.into_iter().all(|each| each))),
            ("Fn::Or", Value::Array(any)) => self.truths(any).map(|any| Value::Bool(any.into_iter().any(|each| each))),
            (name, _) => Err(format!("{name} is not supported locally, or not in this form")),
        }
    }

    fn reference(&self, name: &str) -> Result<Value, String> {
        self.references.get(name).cloned().ok_or_else(|| format!("!Ref {name}: no such parameter or resource"))
    }

    fn attribute(&self, path: &[Value]) -> Result<Value, String> {
        let path = path.iter().map(as_text).collect::<Vec<_>>().join(".");
        self.attributes.get(&path).cloned().ok_or_else(|| format!("!GetAtt {path}: no such attribute"))
    }

    /// Substitutes variables: `${Name}` is a reference, `${Name.Attribute}` an attribute, `${!Name}` the literal `${Name}`.
    fn substitute(&self, text: &str, own: &Map<String, Value>) -> Result<Value, String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("!Sub {text}: a brace is not closed"))?;
            filled.push_str(before);
            if let Some(literal) = name.strip_prefix('!') {
                filled.push_str(&format!("${{{literal}}}"));
            } else if let Some(value) = own.get(name) {
                filled.push_str(&as_text(&self.resolve(value)?));
            } else if name.contains('.') {
                filled.push_str(&as_text(&self.attribute(&[Value::from(name)])?));
            } else {
                filled.push_str(&as_text(&self.reference(name)?));
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(Value::String(filled))
    }

    fn join(&self, parts: &[Value]) -> Result<Value, String> {
        let [Value::String(separator), list] = parts else {
            return Err("Fn::Join requires a separator and a list".to_owned());
        };
        let Value::Array(items) = self.resolve(list)? else {
            return Err("Fn::Join requires a list".to_owned());
        };
        Ok(Value::String(items.iter().map(as_text).collect::<Vec<_>>().join(separator)))
    }

    fn truths(&self, values: &[Value]) -> Result<Vec<bool>, String> {
        values.iter().map(|value| truth(&self.resolve(value)?)).collect()
    }
}

fn function(members: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (name, argument) = members.iter().next().filter(|_| members.len() == 1)?;
    (name == "Ref" || name == "Condition" && argument.is_string() || name.starts_with("Fn::"))
        .then_some((name, argument))
}

fn truth(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| "a condition is neither true nor false".to_owned())
}

/// A value as CloudFormation inserts it into a text.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names() -> Names {
        Names {
            references: HashMap::from([("Stage".to_owned(), json!("prod")), ("Days".to_owned(), json!(90))]),
            attributes: HashMap::from([("Queue.Arn".to_owned(), json!("arn:q"))]),
            conditions: HashMap::from([
                ("IsProd".to_owned(), json!({"Fn::Equals": [{"Ref": "Stage"}, "prod"]})),
                ("IsTest".to_owned(), json!({"Fn::Not": [{"Condition": "IsProd"}]})),
            ]),
        }
    }

    #[test]
    fn functions_are_replaced_by_their_results() {
        for (given, expected) in [
            (json!({"Ref": "Days"}), json!(90)),
            (json!({"Fn::GetAtt": ["Queue", "Arn"]}), json!("arn:q")),
            (json!({"Fn::Sub": "${Stage}/${Days}/${Queue.Arn}/${!Kept}"}), json!("prod/90/arn:q/${Kept}")),
            (json!({"Fn::Sub": ["${a}-${Stage}", {"a": {"Ref": "Days"}}]}), json!("90-prod")),
            (json!({"Fn::Join": [":", ["a", {"Ref": "Stage"}]]}), json!("a:prod")),
            (json!({"Fn::If": ["IsProd", {"Ref": "Days"}, 1]}), json!(90)),
            (json!({"a": {"Fn::If": ["IsTest", 1, {"Ref": "AWS::NoValue"}]}, "b": 2}), json!({"b": 2})),
            (json!([1, {"Ref": "AWS::NoValue"}]), json!([1])),
            (json!({"Fn::Or": [{"Condition": "IsTest"}, {"Condition": "IsProd"}]}), json!(true)),
            (json!({"Fn::And": [{"Condition": "IsTest"}, {"Condition": "IsProd"}]}), json!(false)),
        ] {
            assert_eq!(names().resolve(&given), Ok(expected), "{given}");
        }
    }

    #[test]
    fn unknown_names_and_functions_are_errors() {
        for given in [
            json!({"Ref": "Nobody"}),
            json!({"Fn::GetAtt": ["Queue", "Colour"]}),
            json!({"Fn::Sub": "${Nobody}"}),
            json!({"Fn::Sub": "${open"}),
            json!({"Fn::ImportValue": "x"}),
            json!({"Fn::If": ["NoCondition", 1, 2]}),
        ] {
            assert!(names().resolve(&given).is_err(), "{given}");
        }
    }
}
