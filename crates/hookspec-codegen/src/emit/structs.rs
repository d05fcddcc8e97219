//! Structs, enums of texts, and newtypes.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, doc, doc_lines};
use crate::model::{Additional, Body, Field, Node, Presence, Shape, Struct, Type, TypeId};
use crate::{docs, names};

impl Emit<'_> {
    /// One type with what it needs to be read, written and checked.
    pub(super) fn type_item(&self, id: TypeId) -> TokenStream {
        let Some(each) = self.model.types.get(id) else { return TokenStream::new() };
        let item = match &each.body {
            Body::Struct(body) => self.structure(each, body),
            Body::Texts(texts) => self.texts(each, texts),
            Body::Newtype(node) => self.newtype(each, node),
            Body::Union(union) => self.union(each, union),
        };
        let examine = self.examine(id, each);
        quote! { #item #examine }
    }

    fn structure(&self, each: &Type, body: &Struct) -> TokenStream {
        let name = names::ident(&each.name);
        let private = &self.private;
        let serde = Self::private_path("serde");
        let docs = self.type_docs(each, body);
        let deny = body.additional.is_refused().then(|| quote!(, deny_unknown_fields));
        let fields = body.fields.iter().map(|field| self.field(each, field));
        let additional = match &body.additional {
            Additional::Kept { name, values } => {
                let name = names::ident(name);
                let values = self.type_of(&Node::of(Shape::Map(Box::new(values.clone()))));
                quote! {
                    /// Properties that the schema does not declare.
                    #[serde(flatten)]
                    pub #name: #values,
                }
            }
            Additional::Ignored | Additional::Refused => TokenStream::new(),
        };
        let default = self.default_of(each, body);
        let derived = default.is_derived.then(|| quote!(Default,));
        let default = default.item;
        quote! {
            #docs
            #[derive(
                Clone, Debug, #derived PartialEq,
                #private::serde::Serialize, #private::serde::Deserialize,
            )]
            #[serde(crate = #serde, remote = "Self" #deny)]
            pub struct #name {
                #(#fields)*
                #additional
            }
            #private::object!(#name);
            #default
        }
    }

    fn type_docs(&self, each: &Type, body: &Struct) -> TokenStream {
        let docs = self.docs(each);
        let note = match &body.additional {
            Additional::Ignored => "Properties that the schema does not declare are ignored.",
            Additional::Refused => return docs,
            Additional::Kept { .. } => "Properties that the schema does not declare are kept.",
        };
        let note = doc_lines(&[String::new(), note.to_owned()]);
        quote! { #docs #note }
    }

    /// What a type's schema says, or where it stands.
    pub(super) fn docs(&self, each: &Type) -> TokenStream {
        let label = self.model.roots.get(each.root).map_or("", |root| root.label.as_str());
        let otherwise = match each.pointer.as_str() {
            "" => format!("A payload, as {} describes it.", docs::code(label)),
            pointer => format!("A part of {}: {}.", docs::code(label), docs::code(pointer)),
        };
        doc(&each.docs, &otherwise)
    }

    fn field(&self, each: &Type, field: &Field) -> TokenStream {
        let name = names::ident(&field.name);
        let mut docs = doc(&field.docs, &format!("The property {}.", docs::code(&field.key)));
        let mut serde: Vec<TokenStream> = Vec::new();
        if field.key != field.name {
            let key = &field.key;
            serde.push(quote!(rename = #key));
        }
        let inner = self.type_of(&field.node);
        let default = self.default_expression(field);
        let of = match (&field.presence, default) {
            (Presence::Required, _) => {
                // Serde takes a missing field for `null` where the type allows that.
                if may_be_null(self, &field.node) {
                    let required = Self::private_path("required");
                    serde.push(quote!(deserialize_with = #required));
                }
                inner
            }
            (Presence::Default(value), Some(_)) => {
                let function = format!("{}::{}", each.name, default_name(field));
                serde.push(quote!(default = #function));
                let meaning = format!("Absent means {}.", docs::code(&value.to_string()));
                let meaning = doc_lines(&[String::new(), meaning]);
                docs = quote! { #docs #meaning };
                inner
            }
            (Presence::Optional | Presence::Default(_), _) => {
                let present = Self::private_path("present");
                serde.push(quote!(default));
                serde.push(quote!(deserialize_with = #present));
                serde.push(quote!(skip_serializing_if = "Option::is_none"));
                if matches!(field.node.shape, Shape::Nullable(_)) {
                    let meaning = "`None` is an absent property, `Some(None)` is `null`.";
                    let meaning = doc_lines(&[String::new(), meaning.to_owned()]);
                    docs = quote! { #docs #meaning };
                }
                quote!(Option<#inner>)
            }
        };
        let serde = (!serde.is_empty()).then(|| quote! { #[serde(#(#serde),*)] });
        let deprecated = field.docs.deprecated.then(|| {
            let note = doc_lines(&[String::new(), "Deprecated.".to_owned()]);
            quote! { #note }
        });
        quote! { #docs #deprecated #serde pub #name: #of, }
    }

    fn texts(&self, each: &Type, texts: &[(String, String)]) -> TokenStream {
        let name = names::ident(&each.name);
        let private = &self.private;
        let docs = self.docs(each);
        let idents: Vec<_> = texts.iter().map(|(_, variant)| names::ident(variant)).collect();
        let texts: Vec<&String> = texts.iter().map(|(text, _)| text).collect();
        let variant_docs =
            texts.iter().map(|text| doc_lines(&[format!("The text {}.", docs::code(text))]));
        quote! {
            #docs
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum #name {
                #(#variant_docs #idents,)*
            }
            impl #name {
                /// Every text, in the order of the schema.
                pub const TEXTS: &'static [&'static str] = &[#(#texts),*];

                /// The text.
                pub const fn as_str(self) -> &'static str {
                    match self { #(Self::#idents => #texts,)* }
                }

                /// The member that a text stands for.
                pub fn from_text(text: &str) -> Option<Self> {
                    match text {
                        #(#texts => Some(Self::#idents),)*
                        _ => None,
                    }
                }
            }
            impl ::core::fmt::Display for #name {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    f.pad(self.as_str())
                }
            }
            #private::texts!(#name);
        }
    }

    fn newtype(&self, each: &Type, node: &Node) -> TokenStream {
        let name = names::ident(&each.name);
        let private = &self.private;
        let serde = Self::private_path("serde");
        let docs = self.docs(each);
        let inner = self.type_of(node);
        quote! {
            #docs
            #[derive(
                Clone, Debug, PartialEq, #private::serde::Serialize, #private::serde::Deserialize,
            )]
            #[serde(crate = #serde, transparent)]
            pub struct #name(pub #inner);
            impl From<#inner> for #name {
                fn from(value: #inner) -> Self {
                    Self(value)
                }
            }
            impl ::core::ops::Deref for #name {
                type Target = #inner;

                fn deref(&self) -> &#inner {
                    &self.0
                }
            }
        }
    }
}

/// The function that makes a field's default.
pub(super) fn default_name(field: &Field) -> String {
    format!("default_{}", field.name)
}

fn may_be_null(emit: &Emit<'_>, node: &Node) -> bool {
    match &node.shape {
        Shape::Nullable(_) => true,
        Shape::Named { id, .. } => {
            matches!(emit.model.types.get(*id).map(|each| &each.body), Some(Body::Newtype(_)))
        }
        _ => false,
    }
}
