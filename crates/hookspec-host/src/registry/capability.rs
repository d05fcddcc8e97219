//! [`CapabilityIndex`]: from what an input asks for to the plugins that declared it (CAPABILITY-2).

use std::borrow::Cow;
use std::collections::HashMap;

use hookspec_plugin::{Manifest, Payload, Routing};

use super::plan::Link;

/// Where plugins stand in the choice of a capability, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// It declared what the input asks for.
    Declared,
    /// It declared capabilities, and the input asks for none that contradicts them.
    Indifferent,
    /// It declared nothing: it takes everything, after those that declare.
    Undeclared,
    /// It never competes and takes what nobody else does.
    Fallback,
}

/// What an input asks for: its top-level fields `extension`, `language`, `mime_type` and
/// `capabilities.required`.
#[derive(Debug, Default)]
pub(crate) struct Wants<'a> {
    supports: [Option<Cow<'a, str>>; 3],
    required: Vec<&'a str>,
}

impl<'a> Wants<'a> {
    /// Makes no JSON of a typed value, whose type knows the fields.
    pub(crate) fn of(input: &'a Payload) -> Self {
        let typed = || input.typed_routing();
        let json = || input.json().map(Routing::of).ok();
        let asked = if input.has_json() { json() } else { typed().or_else(json) };
        // Without JSON there is nothing that the index could look at.
        let Routing { extension, language, mime_type, capabilities_required } =
            asked.unwrap_or_default();
        Self {
            supports: [extension, language, mime_type].map(|text| text.map(lower)),
            required: capabilities_required,
        }
    }
}

/// The plugins of one hook by what they declare.
#[derive(Debug, Default)]
pub(crate) struct CapabilityIndex {
    // Extension, language, MIME type; positions in dispatch order.
    supports: [HashMap<String, Vec<usize>>; 3],
    by_tag: HashMap<String, Vec<usize>>,
    // Plugins that declare tags, but nothing that `supports_*` indexes.
    tags_only: Vec<usize>,
    undeclared: Vec<usize>,
    fallback: Vec<usize>,
}

impl CapabilityIndex {
    pub(crate) fn new(links: &[Link]) -> Self {
        let mut index = Self::default();
        for (position, link) in links.iter().enumerate() {
            let manifest = &link.entry().manifest;
            if manifest.fallback {
                index.fallback.push(position);
                continue;
            }
            if !manifest.declares_capabilities() {
                index.undeclared.push(position);
                continue;
            }
            let declared = declared(manifest);
            if declared.iter().all(|values| values.is_empty()) {
                index.tags_only.push(position);
            }
            for (map, values) in index.supports.iter_mut().zip(declared) {
                for value in values {
                    let positions = map.entry(lower(value).into_owned()).or_default();
                    // Two spellings of one value are one value.
                    if positions.last() != Some(&position) {
                        positions.push(position);
                    }
                }
            }
            for tag in &manifest.capabilities {
                let positions = index.by_tag.entry(tag.clone()).or_default();
                if positions.last() != Some(&position) {
                    positions.push(position);
                }
            }
        }
        index
    }

    /// The plugins that may take an input, best fit first, in dispatch order within a fit.
    pub(crate) fn candidates<'a>(
        &'a self,
        links: &[Link],
        wants: &Wants<'_>,
    ) -> impl Iterator<Item = (Fit, usize)> + 'a {
        let undeclared = self.undeclared.iter().map(|place| (Fit::Undeclared, *place));
        let fallback = self.fallback.iter().map(|place| (Fit::Fallback, *place));
        self.declaring(links, wants).into_iter().chain(undeclared).chain(fallback)
    }

    fn declaring(&self, links: &[Link], wants: &Wants<'_>) -> Vec<(Fit, usize)> {
        let has_tags = |position: &usize| {
            let own = &links[*position].entry().manifest.capabilities;
            wants.required.iter().all(|tag| own.iter().any(|own| own == tag))
        };
        let mut found: Vec<(Fit, usize)> = Vec::new();
        for (map, wanted) in self.supports.iter().zip(&wants.supports) {
            let positions = wanted.as_ref().and_then(|wanted| map.get(wanted.as_ref()));
            found.extend(
                positions
                    .into_iter()
                    .flatten()
                    .filter(|p| has_tags(p))
                    .map(|p| (Fit::Declared, *p)),
            );
        }
        let fit = if wants.required.is_empty() { Fit::Indifferent } else { Fit::Declared };
        match wants.required.first() {
            // One tag's list is enough to start from: the others can only shorten it.
            Some(tag) => {
                let tagged = self.by_tag.get(*tag).into_iter().flatten();
                // A plugin that declares `supports_*` too must not be contradicted there.
                let agrees = |position: &&usize| {
                    wants.supports.iter().all(Option::is_none)
                        || self.tags_only.binary_search(position).is_ok()
                };
                found.extend(tagged.filter(|p| has_tags(p)).filter(agrees).map(|p| (fit, *p)));
            }
            None => found.extend(self.tags_only.iter().map(|p| (fit, *p))),
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

fn declared(manifest: &Manifest) -> [&Vec<String>; 3] {
    [&manifest.supports_extensions, &manifest.supports_languages, &manifest.supports_mime_types]
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.chars().any(char::is_uppercase) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
