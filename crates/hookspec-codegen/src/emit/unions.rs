//! Enums of objects that name their variant in one property.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, doc_lines};
use crate::model::{Type, Union};
use crate::{docs, names};

impl Emit<'_> {
    pub(super) fn union(&self, each: &Type, union: &Union) -> TokenStream {
        let name = names::ident(&each.name);
        let private = &self.private;
        let docs = self.docs(each);
        let tag = &union.tag;
        let idents: Vec<_> = union.variants.iter().map(|v| names::ident(&v.name)).collect();
        let payloads: Vec<_> = union.variants.iter().map(|v| self.type_ident(v.payload)).collect();
        let texts: Vec<_> = union.variants.iter().map(|v| &v.texts).collect();
        let known: Vec<_> = texts.iter().flat_map(|texts| texts.iter()).collect();
        let variant_docs = union.variants.iter().map(|variant| {
            let texts: Vec<_> = variant.texts.iter().map(|text| docs::code(text)).collect();
            doc_lines(&[format!("The property {} is {}.", docs::code(tag), texts.join(" or "))])
        });
        quote! {
            #docs
            #[derive(Clone, Debug, PartialEq)]
            pub enum #name {
                #(#variant_docs #idents(Box<#payloads>),)*
            }
            #(
                impl From<#payloads> for #name {
                    fn from(value: #payloads) -> Self {
                        Self::#idents(Box::new(value))
                    }
                }
            )*
            impl #private::serde::Serialize for #name {
                fn serialize<S>(&self, serializer: S) -> ::core::result::Result<S::Ok, S::Error>
                where
                    S: #private::serde::Serializer,
                {
                    match self {
                        #(Self::#idents(value) => {
                            #private::serde::Serialize::serialize(value, serializer)
                        })*
                    }
                }
            }
            impl<'de> #private::serde::Deserialize<'de> for #name {
                fn deserialize<D>(deserializer: D) -> ::core::result::Result<Self, D::Error>
                where
                    D: #private::serde::Deserializer<'de>,
                {
                    const KNOWN: &[&str] = &[#(#known),*];
                    let (text, json) = #private::tagged(deserializer, #tag, KNOWN)?;
                    match text {
                        #(#(#texts)|* => #private::untag(json).map(Self::#idents),)*
                        // `tagged` lets no other text through.
                        _ => ::core::result::Result::Err(
                            #private::serde::de::Error::unknown_variant(text, KNOWN),
                        ),
                    }
                }
            }
        }
    }
}
