//! From a [`Model`] to Rust source: one module per part of it.

mod adapter;
mod author;
mod calls;
mod checks;
mod defaults;
mod payload;
mod structs;
mod unions;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

use crate::hooks::{HookView, KindView};
use crate::model::recursion::harmless;
use crate::model::{Docs, Model, Node, Shape, TypeId};
use crate::options::Options;
use crate::{docs, names};

/// Everything that one kind becomes.
pub(crate) fn items(kind: &KindView<'_>, model: &Model, options: &Options) -> TokenStream {
    let emit = Emit::new(model, options);
    let types: TokenStream = (0..model.types.len()).map(|id| emit.type_item(id)).collect();
    let payloads: TokenStream = emit.payloads();
    let author = emit.author(kind);
    let adapter = emit.adapter(kind);
    let calls = emit.calls(kind);
    let body = quote! { #author #types #payloads #adapter #calls };
    let imports = emit.imports(&body);
    quote! { #imports #body }
}

/// The types of documents alone, for tests that have no hooks.
pub(crate) fn types(model: &Model, options: &Options) -> TokenStream {
    let emit = Emit::new(model, options);
    let types: TokenStream = (0..model.types.len()).map(|id| emit.type_item(id)).collect();
    let payloads = emit.payloads();
    let body = quote! { #types #payloads };
    let imports = emit.imports(&body);
    quote! { #imports #body }
}

/// What every part needs.
pub(crate) struct Emit<'a> {
    pub(crate) model: &'a Model,
    pub(crate) options: &'a Options,
    /// The crate that says what a plugin is.
    pub(crate) root: TokenStream,
    /// What only generated code names.
    pub(crate) private: TokenStream,
    pub(crate) harmless: Vec<bool>,
}

impl<'a> Emit<'a> {
    fn new(model: &'a Model, options: &'a Options) -> Self {
        let root = path(&options.root);
        let private = quote!(__private);
        Self { model, options, root, private, harmless: harmless(&model.types) }
    }

    /// The names that readers of the types see without a path.
    fn imports(&self, body: &TokenStream) -> TokenStream {
        let used = |name: &str| mentions(body, name);
        let root = &self.root;
        let map = used("BTreeMap").then(|| quote! { use ::std::collections::BTreeMap; });
        let json: Vec<Ident> =
            ["Map", "Value"].into_iter().filter(|name| used(name)).map(names::ident).collect();
        let json =
            (!json.is_empty()).then(|| quote! { use #root::__private::serde_json::{#(#json),*}; });
        let own: Vec<Ident> = ["CallContext", "Fault", "Flow"]
            .into_iter()
            .filter(|name| used(name))
            .map(names::ident)
            .collect();
        let own = (!own.is_empty()).then(|| quote! { use #root::{#(#own),*}; });
        quote! { #map use #root::__private; #own #json }
    }

    pub(crate) fn type_ident(&self, id: TypeId) -> Ident {
        // Ids come from the model they are looked up in.
        names::ident(self.model.types.get(id).map_or("Value", |each| each.name.as_str()))
    }

    /// The Rust type of a node.
    pub(crate) fn type_of(&self, node: &Node) -> TokenStream {
        match &node.shape {
            Shape::Any => quote!(Value),
            Shape::Never => {
                let private = &self.private;
                quote!(#private::Never)
            }
            Shape::Null => quote!(()),
            Shape::Bool => quote!(bool),
            Shape::Integer => quote!(i64),
            Shape::Unsigned => quote!(u64),
            Shape::Float => quote!(f64),
            Shape::Text => quote!(String),
            Shape::List(items) => {
                let items = self.type_of(items);
                quote!(Vec<#items>)
            }
            Shape::Map(values) if values.shape == Shape::Any => quote!(Map<String, Value>),
            Shape::Map(values) => {
                let values = self.type_of(values);
                quote!(BTreeMap<String, #values>)
            }
            Shape::Nullable(inner) => {
                let inner = self.type_of(inner);
                quote!(Option<#inner>)
            }
            Shape::Named { id, boxed } => {
                let name = self.type_ident(*id);
                if *boxed { quote!(Box<#name>) } else { quote!(#name) }
            }
        }
    }

    /// The payload type of a document.
    pub(crate) fn payload(&self, root: usize) -> TokenStream {
        match self.model.roots.get(root).and_then(|root| root.payload) {
            Some(id) => {
                let name = self.type_ident(id);
                quote!(#name)
            }
            None => quote!(Value),
        }
    }

    /// A path below `__private`, as serde's attributes want it.
    pub(crate) fn private_path(name: &str) -> String {
        format!("__private::{name}")
    }

    /// The type of a hook's input and of its output.
    pub(crate) fn in_and_out(&self, hook: &HookView<'_>) -> (TokenStream, TokenStream) {
        (self.payload(hook.input), self.payload(hook.output))
    }
}

/// A path such as `::hookspec_plugin`; what is none stands for `crate`.
pub(crate) fn path(text: &str) -> TokenStream {
    match syn::parse_str::<syn::Path>(text) {
        Ok(path) => quote!(#path),
        Err(_) => quote!(crate),
    }
}

fn mentions(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(&group.stream(), name),
        _ => false,
    })
}

/// Documentation: what the schema says, or else a sentence of ours.
pub(crate) fn doc(docs: &Docs, otherwise: &str) -> TokenStream {
    let text = docs.description.as_deref().or(docs.title.as_deref());
    let mut lines = text.map(docs::lines).unwrap_or_default();
    if lines.is_empty() {
        lines = docs::lines(otherwise);
    }
    doc_lines(&lines)
}

/// Lines of documentation as they are.
pub(crate) fn doc_lines(lines: &[String]) -> TokenStream {
    let lines = lines.iter().map(|line| match line.as_str() {
        "" => String::new(),
        line => format!(" {line}"),
    });
    quote! { #(#[doc = #lines])* }
}
