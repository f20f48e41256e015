//! Shows an answer.

use serde_json::Value;

/// The fields that a row shows, by their names in the API.
pub type Columns = &'static [&'static str];

/// The answer as JSON: `data` with its `pagination` of a list, `data` alone of anything else.
pub fn json(answer: &Value) -> String {
    let shown = if answer["pagination"].is_object() { answer } else { content(answer) };
    if shown.is_null() { String::new() } else { escaped(&format!("{shown:#}\n")) }
}

/// An event as JSON in one line.
pub fn json_line(event: &Value) -> String {
    escaped(&event.to_string())
}

/// The answer as text: a list as a table with these columns, anything else as a line for each field.
pub fn text(answer: &Value, columns: Columns) -> String {
    match content(answer) {
        Value::Array(rows) => table(rows, columns) + &more(&answer["pagination"]),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, value)| !value.is_null() && *name != "success")
            .map(|(name, value)| format!("{name:<16}  {}\n", cell(value)))
            .collect(),
        Value::Null => "done\n".to_owned(),
        other => format!("{}\n", cell(other)),
    }
}

/// Lists within the answer, by their JSON pointers (RFC 6901), each as a table, without those that are empty.
pub fn tables(answer: &Value, lists: &[(&str, Columns)]) -> String {
    let rows = |pointer: &str| content(answer).pointer(pointer)?.as_array().filter(|rows| !rows.is_empty());
    let shown = lists.iter().filter_map(|(pointer, columns)| Some(table(rows(pointer)?, columns)));
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() { "nothing\n".to_owned() } else { shown.join("\n") }
}

/// An event in one line.
pub fn event(body: &Value) -> String {
    let data = &body["data"];
    let cells = [
        &body["timestamp"],
        &body["event"],
        field(data, "messageId|instanceId"),
        field(data, "to|from"),
        field(data, "type"),
        field(data, "error.code"),
        field(data, "content"),
    ];
    let cells = cells.into_iter().filter(|value| !value.is_null()).map(cell);
    cells.collect::<Vec<_>>().join("  ")
}

fn content(answer: &Value) -> &Value {
    answer.get("data").unwrap_or(answer)
}

/// The rows of a list below the names of their fields.
fn table(rows: &[Value], columns: Columns) -> String {
    let heading = columns.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let cells = rows.iter().map(|row| columns.iter().map(|name| cell(field(row, name))).collect());
    let lines: Vec<Vec<String>> = std::iter::once(heading).chain(cells).collect();
    aligned(&lines)
}

/// Lines of as many cells each, in columns as wide as their widest cell.
pub fn aligned(lines: &[Vec<String>]) -> String {
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..lines.first().map_or(0, Vec::len)).map(width).collect();
    let shown = lines.iter().map(|line| {
        let padded = line.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    });
    shown.collect()
}

/// A field, or one within a field: `error.code`. `to|from` is the first of the two that there is.
fn field<'a>(row: &'a Value, path: &str) -> &'a Value {
    let found = path.split('|').map(|path| path.split('.').fold(row, |value, name| &value[name]));
    found.fold(&Value::Null, |found, other| if found.is_null() { other } else { found })
}

fn more(pagination: &Value) -> String {
    match (&pagination["hasMore"], &pagination["nextCursor"]) {
        (Value::Bool(true), Value::String(cursor)) => format!("more follow: --cursor {cursor}\n"),
        (Value::Bool(true), _) => "more follow: --offset\n".to_owned(),
        _ => String::new(),
    }
}

/// A value in one line, as [`plain`] shows it.
pub fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => plain(&other.to_string()),
    }
}

/// A text without control characters: what a stranger wrote cannot move the cursor, change colors or turn the order of a line round.
pub fn plain(text: &str) -> String {
    text.chars().map(|character| if acts_on_terminal(character) { ' ' } else { character }).collect()
}

/// JSON text in which such characters are escaped that JSON lets stand: the same value.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && acts_on_terminal(character) {
            text.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            text.push(character);
        }
    }
    text
}

/// Whether a character is a control, of C0 or C1, or an explicit direction of text (Unicode Standard Annex 9, section 2).
fn acts_on_terminal(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_table_and_says_how_to_go_on() {
        let rows = json!([{"messageId": "msg_1", "to": "55", "error": {"code": "expired"}}, {"messageId": "msg_22", "from": "1"}]);
        let answer = json!({"success": true, "data": rows, "pagination": {"hasMore": true, "nextCursor": "c"}});
        let shown =
            "messageId  to|from  error.code\nmsg_1      55       expired\nmsg_22     1\nmore follow: --cursor c\n";
        assert_eq!(text(&answer, &["messageId", "to|from", "error.code"]), shown);
    }

    #[test]
    fn a_text_of_a_stranger_is_shown_without_control_characters() {
        let answer = json!({"success": true, "data": {"content": "a\u{1b}[2Jb\nc\u{9b}d\u{202e}e", "empty": null}});
        assert_eq!(text(&answer, &[]), "content           a [2Jb c d e\n");
        assert_eq!(text(&Value::Null, &[]), "done\n");
    }

    #[test]
    fn json_acts_on_no_terminal_and_says_the_same() {
        let answer = json!({"content": "a\u{1b}[2J\n\u{9b}2J\u{7f}\u{202e}b"});
        for shown in [json(&answer), json_line(&answer)] {
            assert!(!shown.trim_end().chars().any(|it| it != '\n' && acts_on_terminal(it)), "{shown:?}");
            assert_eq!(serde_json::from_str::<Value>(&shown).expect("JSON"), answer);
        }
    }

    #[test]
    fn an_event_is_one_line_whatever_a_stranger_wrote() {
        let data = json!({"messageId": "msg_1", "from": "55", "type": "text", "content": "Hi\n\u{1b}[2Jthere"});
        let body = json!({"event": "message.received", "timestamp": "2026-02-03T12:00:00.000Z", "data": data});
        assert_eq!(event(&body), "2026-02-03T12:00:00.000Z  message.received  msg_1  55  text  Hi  [2Jthere");
    }

    #[test]
    fn json_is_the_answer_with_the_pagination_of_a_list() {
        let page = json!({"success": true, "data": [], "pagination": {"hasMore": false}});
        assert_eq!(serde_json::from_str::<Value>(&json(&page)).expect("JSON"), page);
        assert_eq!(json(&json!({"success": true, "data": {"a": 1}})), "{\n  \"a\": 1\n}\n");
        assert_eq!(json(&Value::Null), "");
    }
}
