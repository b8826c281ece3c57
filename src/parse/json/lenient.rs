//! A JSON value of any type, of which no more is kept than is wanted.

use crate::parse::MOST_PASSED;
use serde::de::value::StrDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess, SeqAccess, Visitor,
};
use serde::{Deserialize, forward_to_deserialize_any};
use std::collections::VecDeque;
use std::fmt;
use std::marker::PhantomData;

/// A value: objects are read as `T`, and of an array the first `MAX` elements are kept, and the last `LAST` of those after
/// them.
///
/// Whoever asks it for something that it is not gets nothing, so a wrong type is no error.
#[derive(Debug, Default)]
pub(super) enum Value<T, const MAX: usize, const LAST: usize = 0> {
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

impl<T, const MAX: usize, const LAST: usize> Value<T, MAX, LAST> {
    /// Returns the text as it stands; `None` when there is none or it is white space alone.
    pub(super) fn into_literal(self) -> Option<String> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

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
        self.into_elements()
            .into_iter()
            .filter_map(Self::into_object)
    }

    /// Returns the object; `None` of anything else.
    pub(super) fn into_object(self) -> Option<T> {
        match self {
            Self::Object(object) => Some(*object),
            _ => None,
        }
    }

    /// Returns the texts in an array, or the one that stands alone.
    pub(super) fn into_texts(self) -> impl Iterator<Item = String> {
        self.into_elements().into_iter().filter_map(Self::into_text)
    }

    /// Returns the elements of an array, or the value that stands alone.
    pub(super) fn into_elements(self) -> Vec<Self> {
        match self {
            Self::List(values) => values,
            one => vec![one],
        }
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize, const LAST: usize> Deserialize<'de>
    for Value<T, MAX, LAST>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyVisitor {
            kind: PhantomData,
            is_element: false,
        })
    }
}

/// An element of an array. An array in it is none: no member of a feed has one, and lists of lists would
/// hold many times the limit.
struct Element<T, const MAX: usize, const LAST: usize>(Value<T, MAX, LAST>);

impl<'de, T: Deserialize<'de>, const MAX: usize, const LAST: usize> Deserialize<'de>
    for Element<T, MAX, LAST>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = deserializer.deserialize_any(AnyVisitor {
            kind: PhantomData,
            is_element: true,
        });
        value.map(Self)
    }
}

struct AnyVisitor<T, const MAX: usize, const LAST: usize> {
    kind: PhantomData<T>,
    is_element: bool,
}

impl<'de, T: Deserialize<'de>, const MAX: usize, const LAST: usize> Visitor<'de>
    for AnyVisitor<T, MAX, LAST>
{
    type Value = Value<T, MAX, LAST>;

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
        let object = T::deserialize(Members(members))?;
        Ok(Value::Object(Box::new(object)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Self::Value, A::Error> {
        let (mut kept, mut last) = (Vec::new(), VecDeque::new());
        let most = match LAST {
            _ if self.is_element => 0,
            0 => MAX,
            _ => MOST_PASSED,
        };
        for _ in 0..most {
            let Some(Element(value)) = values.next_element::<Element<T, MAX, LAST>>()? else {
                kept.extend(last);
                return Ok(Value::List(kept));
            };
            if kept.len() < MAX {
                kept.push(value);
                continue;
            }
            if last.len() == LAST {
                last.pop_front();
            }
            last.push_back(value);
        }
        while values.next_element::<IgnoredAny>()?.is_some() {}
        kept.extend(last);
        Ok(Value::List(kept))
    }
}

/// The members of an object. Of several with one name the first counts, where serde would refuse the
/// whole document (RFC 8259, 4, leaves it open); those that nobody asks for are passed over.
struct Members<A>(A);

impl<'de, A: MapAccess<'de>> Deserializer<'de> for Members<A> {
    type Error = A::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_map(FirstOfEach {
            members: self.0,
            wanted: names.to_vec(),
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Hands on the first member of each wanted name.
struct FirstOfEach<A> {
    members: A,
    /// Names that have not come yet.
    wanted: Vec<&'static str>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for FirstOfEach<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(place) = self.members.next_key_seed(PlaceAmong(&self.wanted))? {
            if let Some(place) = place {
                let name: StrDeserializer<'_, A::Error> =
                    self.wanted.swap_remove(place).into_deserializer();
                return seed.deserialize(name).map(Some);
            }
            self.members.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.members.next_value_seed(seed)
    }
}

/// Reads a name as its place in a list.
struct PlaceAmong<'a>(&'a [&'static str]);

impl<'de> DeserializeSeed<'de> for PlaceAmong<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Option<usize>, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for PlaceAmong<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().position(|it| *it == name))
    }
}
