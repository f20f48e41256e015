//! The JSON schemas of texts and lists within limits.

use std::borrow::Cow;

use utoipa::openapi::{ArrayBuilder, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use super::bounded::{Link, List, MAX_URL, Text};
use super::parts::Body;

impl<const MAX: usize> PartialSchema for Text<MAX> {
    fn schema() -> RefOr<Schema> {
        let max = Some(MAX).filter(|max| *max != usize::MAX);
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(max).into()
    }
}

impl<const MAX: usize> ToSchema for Text<MAX> {}

impl PartialSchema for Link {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::Custom("uri".to_owned());
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).max_length(Some(MAX_URL)).into()
    }
}

impl ToSchema for Link {}

impl<T: ToSchema, const MIN: usize, const MAX: usize> PartialSchema for List<T, MIN, MAX> {
    fn schema() -> RefOr<Schema> {
        let items = Ref::from_schema_name(T::name());
        ArrayBuilder::new().items(items).min_items(Some(MIN)).max_items(Some(MAX)).into()
    }
}

impl<T: ToSchema, const MIN: usize, const MAX: usize> ToSchema for List<T, MIN, MAX> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}

impl<const MAX: usize> PartialSchema for Body<MAX> {
    fn schema() -> RefOr<Schema> {
        let mut text = Text::<MAX>::schema();
        if let RefOr::T(Schema::Object(text)) = &mut text {
            text.description = Some("The text.".to_owned());
        }
        ObjectBuilder::new().property("text", text).required("text").into()
    }
}

impl<const MAX: usize> ToSchema for Body<MAX> {
    fn name() -> Cow<'static, str> {
        format!("InteractiveBody{MAX}").into()
    }
}
