//! The members of an object of a callback, read once: an object that repeats a name says two things, and is not read at all.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The most members of an object that are looked at; WhatsApp's envelopes have five.
const MAX_MEMBERS: usize = 64;

/// The members of an object, in its order, by their names as they are written.
#[derive(Debug, Default)]
pub(super) struct Members<'a>(Vec<(&'a str, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Those of an object; none of anything else, of an object that repeats a name, and of one with more than 64.
    pub fn read(object: &'a RawValue) -> Option<Self> {
        let members = serde_json::Deserializer::from_str(object.get()).deserialize_map(Read).ok()??;
        let is_repeated = |(place, (name, _)): (usize, &(&str, _))| members[..place].iter().any(|(it, _)| it == name);
        let has_repeats = members.iter().enumerate().any(is_repeated);
        (!has_repeats).then_some(Self(members))
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(it, _)| *it == name).map(|(_, value)| *value)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a RawValue)> {
        self.0.iter().copied()
    }

    /// The lists and objects under other names than these that are not empty: what WhatsApp reports is in them, so they may be reports of
    /// a kind that is not known yet.
    pub fn others(&self, known: &[&str]) -> impl Iterator<Item = (&'a str, &'a RawValue)> {
        self.iter().filter(move |(name, value)| !known.contains(name) && has_content(value))
    }
}

/// Whether a value is a list or an object with something in it.
pub(super) fn has_content(value: &RawValue) -> bool {
    let inner = value.get().strip_prefix(['[', '{']).map(str::trim_start);
    inner.is_some_and(|inner| !inner.starts_with([']', '}']))
}

struct Read;

impl<'de> Visitor<'de> for Read {
    type Value = Option<Vec<(&'de str, &'de RawValue)>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        let mut count = 0;
        // Names are compared as they are written: one with a lone surrogate cannot be parsed.
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            count += 1;
            if count <= MAX_MEMBERS {
                let name = name.get();
                members.push((&name[1..name.len() - 1], value));
            }
        }
        Ok((count <= MAX_MEMBERS).then_some(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<Members<'_>> {
        Members::read(serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn an_object_that_repeats_a_name_or_has_too_many_members_is_not_read() {
        let members = read(r#"{"a":1e400,"\ud83d":{"a":0},"b":"\ud83d"}"#).expect("members");
        assert_eq!((members.get("a").map(RawValue::get), members.get("c").map(RawValue::get)), (Some("1e400"), None));
        for odd in ["[]", "5", "null", r#"{"a":1,"b":2,"a":1}"#] {
            assert!(read(odd).is_none(), "{odd}");
        }
        let many = |count: usize| {
            let members: Vec<_> = (0..count).map(|name| format!(r#""{name}":0"#)).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(read(&many(MAX_MEMBERS)).is_some() && read(&many(MAX_MEMBERS + 1)).is_none());
    }

    #[test]
    fn lists_and_objects_of_other_names_may_be_reports() {
        let members =
            read(r#"{"a":[1],"b":[ ],"c":[{}],"d":{"e":[1]},"f":"x","g":{},"me\u0073sages":[1]}"#).expect("members");
        let others: Vec<_> = members.others(&["a", "messages"]).map(|(name, _)| name).collect();
        assert_eq!(others, ["c", "d", r"me\u0073sages"]);
    }
}
