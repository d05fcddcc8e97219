//! A checked hookspec as Rust source and as Markdown.
//!
//! [`generate`] makes of a [`Kind`] what its plugins and its application share: a type per payload,
//! the trait that an author implements, the adapter from it to a plugin, and typed callers.
//! [`markdown()`] makes its reference page. Both are pure and deterministic: the same kind and the
//! same options give the same text, on every machine.
//!
//! | where | what |
//! |---|---|
//! | [`generate`], [`Generated`], [`Options`] | Rust |
//! | [`markdown()`] | the reference page of a kind |
//! | [`signatures`] | the methods of a kind, for a first version of a plugin |
//! | `model` | what a schema is in Rust; total, whatever the schema |
//! | `emit` | the model, written down |
//!
//! # What a type says
//!
//! A JSON value satisfies its schema exactly when it reads as the generated type and the type's
//! `check` finds nothing, wherever `COMPLETE` is true. Elsewhere the type accepts more, the header
//! of the source lists which keywords are not checked, and the host validates the JSON. Two limits
//! are Rust's: integers have 64 bits, and a `number` is an `f64`.
//!
//! **Absent on purpose**: reading files (`hookspec-spec` does), writing them (whoever calls does),
//! a JSON-Schema crate, and any schema that it would fail on.

#![forbid(unsafe_code)]

mod docs;
mod emit;
mod hooks;
mod laws;
mod markdown;
mod model;
mod names;
mod options;
mod signature;
mod source;
#[cfg(test)]
mod total;

use hookspec_spec::Kind;
use proc_macro2::TokenStream;

pub use markdown::markdown;
pub use options::Options;
pub use signature::{Signature, signatures};
pub use source::{Remark, module_name, type_name};

/// The Rust source of one kind.
#[derive(Clone, Debug)]
pub struct Generated {
    tokens: TokenStream,
    header: String,
    kept_as_value: Vec<Remark>,
    unchecked: Vec<Remark>,
}

/// Generates the Rust source of a kind.
///
/// ```
/// use hookspec_codegen::{Options, generate};
/// use hookspec_spec::{Catalog, Source};
///
/// let catalog = Catalog::from_sources([
///     Source::new("greeter/v1.yaml", "
/// kind: greeter
/// kind_api_version: 1.0.0
/// hooks:
///   - { name: greet, dispatch: singleton, input_schema: name.json, output_schema: name.json }
/// "),
///     Source::new("greeter/name.json", r#"{ "title": "Name", "type": "string", "minLength": 1 }"#),
/// ])?;
/// let kind = catalog.kind("greeter", 1).ok_or("not there")?;
/// let source = generate(kind, &Options::default()).source();
/// assert!(source.contains("pub trait Greeter: Sized + Send + Sync + 'static"));
/// assert!(source.contains("pub struct Name(pub String);"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn generate(kind: &Kind, options: &Options) -> Generated {
    let (view, documents) = hooks::view(kind);
    let model = model::translate::translate(&documents, &view.reserved());
    let tokens = emit::items(&view, &model, options);
    let header = source::header(kind, &model, options);
    let (kept_as_value, unchecked) = source::remarks(&model);
    Generated { tokens, header, kept_as_value, unchecked }
}

/// Generates the types of schemas that belong to no hook, in one module's source.
///
/// Each is a name for the type, should the schema have no title, and the schema. The second part
/// of the answer is the type of each: `None` where it is arbitrary JSON.
#[doc(hidden)]
pub fn generate_types(
    schemas: &[(String, hookspec_spec::Schema)],
    options: &Options,
) -> (Generated, Vec<Option<String>>) {
    let documents: Vec<_> = schemas
        .iter()
        .map(|(name, schema)| model::translate::Document {
            value: schema.document().clone(),
            fingerprint: schema.fingerprint(),
            label: name.clone(),
            name: name.clone(),
            faithful: false,
            routed: false,
        })
        .collect();
    let model = model::translate::translate(&documents, &[]);
    let tokens = emit::types(&model, options);
    let (kept_as_value, unchecked) = source::remarks(&model);
    let header = String::new();
    let of = |root: &model::Root| root.payload.and_then(|id| model.types.get(id));
    let names = model.roots.iter().map(|root| of(root).map(|each| each.name.clone())).collect();
    (Generated { tokens, header, kept_as_value, unchecked }, names)
}

impl Generated {
    /// The items, for a macro to emit inside a module of its own.
    pub fn tokens(&self) -> TokenStream {
        self.tokens.clone()
    }

    /// The source of a module: a header that says where it comes from and what it does not check,
    /// then the formatted items.
    pub fn source(&self) -> String {
        format!("{}{}", self.header, source::format(&self.tokens))
    }

    /// Where a schema became `serde_json::Value` although it says more.
    pub fn kept_as_value(&self) -> &[Remark] {
        &self.kept_as_value
    }

    /// Keywords that neither the types nor their checks know: the host validates them on the JSON.
    pub fn unchecked(&self) -> &[Remark] {
        &self.unchecked
    }
}
