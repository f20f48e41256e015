//! The schema of `interactive`: one of the types, by its `type`.

use utoipa::openapi::{Discriminator, ObjectBuilder, OneOfBuilder, Ref, RefOr, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

use super::{button, carousel, catalog, cta_url, flow, list, requests};

/// A message that people answer with a tap, in WhatsApp's own form. It has a type of the OpenAPI document alone: what is posted
/// is the JSON that was given.
#[derive(Clone, Copy, Debug)]
pub struct Interactive;

type Schemas = Vec<(String, RefOr<Schema>)>;

/// The types, as `TYPES` has them, and what adds their schemas and returns the name.
const SCHEMAS: [(&str, fn(&mut Schemas, &str) -> String); 10] = [
    ("button", add::<button::Button>),
    ("list", add::<list::List>),
    ("cta_url", add::<cta_url::CtaUrl>),
    ("flow", add::<flow::Flow>),
    ("location_request_message", add::<requests::LocationRequest>),
    ("request_contact_info", add::<requests::ContactRequest>),
    ("product", add::<catalog::Product>),
    ("product_list", add::<catalog::ProductList>),
    ("catalog_message", add::<catalog::Catalog>),
    ("carousel", add::<carousel::EitherCarousel>),
];

/// Adds the schemas of a type, whose own has its `type` too.
fn add<T: ToSchema>(schemas: &mut Schemas, word: &str) -> String {
    let mut schema = T::schema();
    if let RefOr::T(Schema::Object(object)) = &mut schema {
        let description = format!("Always `{word}`.");
        let own =
            ObjectBuilder::new().schema_type(Type::String).enum_values(Some([word])).description(Some(description));
        object.properties.insert("type".to_owned(), own.into());
        object.required.push("type".to_owned());
    }
    schemas.push((T::name().into_owned(), schema));
    T::schemas(schemas);
    T::name().into_owned()
}

impl PartialSchema for Interactive {
    fn schema() -> RefOr<Schema> {
        let names = SCHEMAS.map(|(word, add)| (word, add(&mut Vec::new(), word)));
        let mapping = names.iter().map(|(word, name)| ((*word).to_owned(), format!("#/components/schemas/{name}")));
        let discriminator = Discriminator::with_mapping("type", mapping);
        let types = names.iter().fold(OneOfBuilder::new(), |types, (_, name)| types.item(Ref::from_schema_name(name)));
        let description =
            "A message that people answer with a tap, in WhatsApp's own form. All limits are checked at once.";
        types.discriminator(Some(discriminator)).description(Some(description)).into()
    }
}

impl ToSchema for Interactive {
    fn schemas(schemas: &mut Schemas) {
        for (word, add) in SCHEMAS {
            add(schemas, word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_schema() {
        assert_eq!(SCHEMAS.map(|(word, _)| word), super::super::TYPES.map(|(word, _)| word));
    }
}
