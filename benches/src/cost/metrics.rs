//! The functions' own metrics, which they write as lines of the log (CloudWatch embedded metric format).

use std::collections::BTreeSet;

use serde_json::Value;

/// How many metrics these logs make: each name with each combination of its dimensions' values is billed as one.
pub fn count(logs: &str) -> usize {
    let mut metrics = BTreeSet::new();
    for line in logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten() {
            for dimensions in directive["Dimensions"].as_array().into_iter().flatten() {
                let dimensions = dimensions.as_array().into_iter().flatten();
                let values: Vec<_> =
                    dimensions.map(|name| line[name.as_str().unwrap_or_default()].to_string()).collect();
                for metric in directive["Metrics"].as_array().into_iter().flatten() {
                    metrics.insert((directive["Namespace"].to_string(), values.clone(), metric["Name"].to_string()));
                }
            }
        }
    }
    metrics.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_billed_for_each_combination_of_its_dimensions_values() {
        let line = |names: &str, dimensions: &str, code: &str| {
            format!(
                r#"{{"_aws":{{"CloudWatchMetrics":[{{"Namespace":"n","Dimensions":[{dimensions}],"Metrics":[{names}]}}]}},"Code":"{code}"}}"#
            )
        };
        let (a, b) = (r#"{"Name":"A"}"#, r#"{"Name":"A"},{"Name":"B"}"#);
        assert_eq!(count("not JSON\n{}"), 0);
        assert_eq!(count(&[line(a, "[]", "1"), line(b, "[]", "2")].join("\n")), 2);
        assert_eq!(
            count(&[line(a, r#"["Code"]"#, "1"), line(a, r#"["Code"]"#, "2"), line(a, "[]", "1")].join("\n")),
            3
        );
    }
}
