//! The attributes of a tag, each of which has to be known.

use roxmltree::{Attribute, Node};

use super::error::{Fault, SsmlError};
use crate::locale::is_language_tag;
use crate::xml;

pub(super) struct Attributes<'t, 'd> {
    node: Node<'t, 'd>,
    tag: &'static str,
}

impl<'t, 'd> Attributes<'t, 'd> {
    /// Those of `node`, which is a `tag` and may have the `known` ones.
    pub(super) fn of(node: Node<'t, 'd>, tag: &'static str, known: &[&str]) -> Result<Self, SsmlError> {
        match node.attributes().map(|attribute| name(&attribute)).find(|name| !known.contains(&name.as_str()))
        {
            Some(strange) => {
                Err(Fault::Attribute { tag, name: xml::shown(&strange), known: known.join(", ") }.at(node))
            }
            None => Ok(Self { node, tag }),
        }
    }

    /// The value of an attribute.
    pub(super) fn get(&self, wanted: &str) -> Option<&'t str> {
        let found = self.node.attributes().find(|attribute| name(attribute) == wanted);
        found.map(|attribute| attribute.value().trim())
    }

    /// The same of one that has to be there; `example` is a value that it might have.
    pub(super) fn need(&self, wanted: &'static str, example: &'static str) -> Result<&'t str, SsmlError> {
        self.get(wanted).ok_or_else(|| self.missing(wanted, example))
    }

    /// The value of `xml:lang`.
    pub(super) fn language(&self) -> Result<Option<&'t str>, SsmlError> {
        match self.get("xml:lang") {
            Some(tag) if !is_language_tag(tag) => {
                Err(self.wrong("xml:lang", "a language tag such as es or es-CO"))
            }
            tag => Ok(tag),
        }
    }

    pub(super) fn missing(&self, name: &'static str, example: &'static str) -> SsmlError {
        Fault::Missing { tag: self.tag, name, example }.at(self.node)
    }

    /// The attribute has a value that nothing can be made of; `wanted` says what it may be.
    pub(super) fn wrong(&self, name: &'static str, wanted: &str) -> SsmlError {
        let value = xml::shown(self.get(name).unwrap_or_default());
        Fault::Value { tag: self.tag, name, value, wanted: wanted.to_owned() }.at(self.node)
    }
}

fn name(attribute: &Attribute<'_, '_>) -> String {
    match attribute.namespace() {
        Some(xml::XML) => format!("xml:{}", attribute.name()),
        Some(_) | None => attribute.name().to_owned(),
    }
}
