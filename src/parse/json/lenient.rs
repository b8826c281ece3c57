//! A JSON value of any type, of which no more is kept than is wanted.

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A value: objects are read as `T`, and of an array the first `MAX` elements are kept.
///
/// Whoever asks it for something that it is not gets nothing, so a wrong type is no error.
#[derive(Debug, Default)]
pub(super) enum Value<T, const MAX: usize> {
    /// Not there, `null`, true or false.
    #[default]
    Nothing,
    /// A string, or a number as it is written in decimal.
    Text(String),
    /// An object.
    Object(Box<T>),
    /// An array.
    List(Vec<Self>),
}

/// A value of which only text is wanted.
pub(super) type Scalar = Value<IgnoredAny, 0>;

impl<T, const MAX: usize> Value<T, MAX> {
    /// Returns the text, trimmed; `None` when there is none or it is empty.
    pub(super) fn into_text(self) -> Option<String> {
        let Self::Text(text) = self else { return None };
        match text.trim() {
            "" => None,
            trimmed if trimmed.len() == text.len() => Some(text),
            trimmed => Some(trimmed.to_owned()),
        }
    }

    /// Returns the objects in an array; an object that stands alone counts as an array of one.
    pub(super) fn into_objects(self) -> impl Iterator<Item = T> {
        self.into_elements().into_iter().filter_map(|it| match it {
            Self::Object(object) => Some(*object),
            _ => None,
        })
    }

    /// Returns the texts in an array, or the one that stands alone.
    pub(super) fn into_texts(self) -> impl Iterator<Item = String> {
        self.into_elements().into_iter().filter_map(Self::into_text)
    }

    fn into_elements(self) -> Vec<Self> {
        match self {
            Self::List(values) => values,
            one => vec![one],
        }
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for Value<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor(PhantomData))
    }
}

struct AnyVisitor<T, const MAX: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for AnyVisitor<T, MAX> {
    type Value = Value<T, MAX>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Text(value.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        let object = T::deserialize(MapAccessDeserializer::new(members))?;
        Ok(Value::Object(Box::new(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while kept.len() < MAX {
            match values.next_element()? {
                Some(value) => kept.push(value),
                None => return Ok(Value::List(kept)),
            }
        }
        while values.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::List(kept))
    }
}
