//! [`Resolver`]: what the references of a schema lead to.

use serde_json::Value;

use super::{Schema, walk};

/// Follows the references of one schema; made once, since it collects the names of all anchors.
#[derive(Debug)]
pub struct Resolver<'a> {
    document: &'a Value,
    anchors: walk::Anchors,
}

impl<'a> Resolver<'a> {
    /// What a `$ref` or `$dynamicRef` of the schema's document stands for. `None` for a text that
    /// is none of its references.
    pub fn resolve(&self, reference: &str) -> Option<&'a Value> {
        walk::resolve(self.document, &self.anchors, reference)
    }
}

impl Schema {
    /// For code that reads [`document`](Self::document) and has to follow its references.
    pub fn resolver(&self) -> Resolver<'_> {
        Resolver { document: self.document(), anchors: walk::anchors(self.document()) }
    }
}
