//! JSON that borrows its texts from the message.
//!
//! The parser is that of `serde_json`, so what is JSON and what is not is decided there. A tree of its own
//! does without a copy of each text, and knows which texts were written without an escape.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number that a double can hold.
    Number(Number),
    /// A text; borrowed if it is written in the message as it is, without an escape.
    Text(Cow<'a, str>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// An object: its members in the order of their names (by bytes), each name once.
#[derive(Clone, Debug, PartialEq)]
pub struct Object<'a>(Vec<Member<'a>>);

#[derive(Clone, Debug, PartialEq)]
struct Member<'a> {
    /// The beginning of the name, so that most names are compared in one step.
    head: u64,
    name: Cow<'a, str>,
    value: Json<'a>,
}

/// The first eight bytes of a name, in its order.
fn head(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut head = [0; 8];
    let len = bytes.len().min(8);
    head[..len].copy_from_slice(&bytes[..len]);
    u64::from_be_bytes(head)
}

impl<'a> Object<'a> {
    /// Of members in the order of the message. If a name occurs twice, the last one counts.
    fn of(mut members: Vec<Member<'a>>) -> Self {
        // Stable: equal names stay in their order.
        members.sort_by(|a, b| a.head.cmp(&b.head).then_with(|| a.name.cmp(&b.name)));
        members.dedup_by(|later, kept| {
            let same = later.head == kept.head && later.name == kept.name;
            if same {
                std::mem::swap(later, kept);
            }
            same
        });
        Self(members)
    }

    /// The member of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'a>> {
        let head = head(name);
        let from = self.0.partition_point(|it| it.head < head);
        let mut alike = self.0[from..].iter().take_while(|it| it.head == head);
        alike.find(|it| it.name == name).map(|it| &it.value)
    }

    /// The members.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Json<'a>)> {
        self.0.iter().map(|it| (&*it.name, &it.value))
    }
}

impl<'a> Json<'a> {
    /// The text, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Appends the canonical form: no spaces, the members of every object in the order of their names,
    /// numbers and escapes as `serde_json` writes them. Equal contents have equal bytes.
    pub fn write_canonical(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(number) => write_scalar(number, out),
            Self::Text(text) => write_text(text, out),
            Self::Array(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    item.write_canonical(out);
                }
                out.push(b']');
            }
            Self::Object(Object(members)) => {
                out.push(b'{');
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    write_text(&member.name, out);
                    out.push(b':');
                    member.value.write_canonical(out);
                }
                out.push(b'}');
            }
        }
    }
}

#[expect(clippy::ptr_arg, reason = "whether it is borrowed counts")]
fn write_text(text: &Cow<'_, str>, out: &mut Vec<u8>) {
    match text {
        // What needed no escape in the message needs none here.
        Cow::Borrowed(text) => {
            out.push(b'"');
            out.extend_from_slice(text.as_bytes());
            out.push(b'"');
        }
        Cow::Owned(text) => write_scalar(text, out),
    }
}

#[expect(clippy::expect_used, reason = "a scalar always serializes, and a vector takes all")]
fn write_scalar(scalar: &impl serde::Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, scalar).expect("a scalar serializes");
}

impl<'de> Deserialize<'de> for Json<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OfJson)
    }
}

struct OfJson;

impl<'de> Visitor<'de> for OfJson {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }
    fn visit_bool<E>(self, it: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(it))
    }
    fn visit_u64<E>(self, it: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(it.into()))
    }
    fn visit_i64<E>(self, it: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(it.into()))
    }
    fn visit_f64<E>(self, it: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(it).map_or(Json::Null, Json::Number))
    }
    fn visit_borrowed_str<E>(self, it: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(it)))
    }
    fn visit_str<E>(self, it: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(it.to_owned())))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::Array(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push(Member { head: head(&name), name, value });
        }
        Ok(Json::Object(Object::of(members)))
    }
}

/// The name of a member, borrowed like a text.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(OfName)
    }
}

struct OfName;

impl<'de> Visitor<'de> for OfName {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }
    fn visit_borrowed_str<E>(self, it: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(it)))
    }
    fn visit_str<E>(self, it: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(it.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn canonical(text: &str) -> String {
        let mut out = Vec::new();
        serde_json::from_str::<Json<'_>>(text).unwrap().write_canonical(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn equal_contents_have_one_canonical_form() {
        let form = r#"{"a":1,"b":[1,{"c":null,"d":"A"}]}"#;
        assert_eq!(canonical(r#"{"b":[1,{"d":"\u0041","c":null}],"a":1}"#), form);
        assert_eq!(canonical(r#"{ "a":1, "b":[1,{"c":null,"d":"A"}]}"#), form);
        for (one, other) in [
            (r#"{"a":[1,2]}"#, r#"{"a":[2,1]}"#),
            (r#"{"a":"1"}"#, r#"{"a":1}"#),
            (r#"{"a":"x\",\"b\":\"y"}"#, r#"{"a":"x","b":"y"}"#),
        ] {
            assert_ne!(canonical(one), canonical(other));
        }
    }

    #[test]
    fn of_equal_names_the_last_one_counts() {
        assert_eq!(canonical(r#"{"b":1,"a":1,"\u0062":2,"b":3,"a":2}"#), r#"{"a":2,"b":3}"#);
        let json: Json<'_> = serde_json::from_str(r#"{"b":1,"a":{"x":true},"b":null}"#).unwrap();
        let object = json.as_object().unwrap();
        assert_eq!((object.get("b"), object.get("c")), (Some(&Json::Null), None));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
            "[ -~\u{0}-\u{1f}ğ\"\\\\]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..6)
                    .prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_canonical_form_is_what_serde_json_writes_of_its_sorted_value(value in value(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.unwrap();
            let mut read: Value = serde_json::from_str(&text).unwrap();
            // With the feature `preserve_order`, which any crate may turn on, its maps are not sorted.
            read.sort_all_objects();
            prop_assert_eq!(canonical(&text), read.to_string());
        }
    }
}
