//! Defaults: what the absence of a property means, as Rust.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Value;

use super::Emit;
use super::structs::default_name;
use crate::model::{Additional, Body, Check, Field, Node, Presence, Shape, Struct, Type};
use crate::names;

/// How a struct implements `Default`.
pub(super) struct DefaultOf {
    pub(super) is_derived: bool,
    /// What the struct needs beside itself.
    pub(super) item: TokenStream,
}

impl Emit<'_> {
    /// What an absent field is; `None` where the schema says nothing, or nothing that Rust can.
    pub(super) fn default_expression(&self, field: &Field) -> Option<TokenStream> {
        match &field.presence {
            Presence::Default(value) => self.expression(value, &field.node),
            Presence::Required | Presence::Optional => None,
        }
    }

    /// A JSON value as an expression of a node's type.
    fn expression(&self, value: &Value, node: &Node) -> Option<TokenStream> {
        match (&node.shape, value) {
            (Shape::Nullable(_), Value::Null) => Some(quote!(None)),
            (Shape::Nullable(inner), value) => {
                let inner = self.expression(value, inner)?;
                Some(quote!(Some(#inner)))
            }
            (Shape::Bool, Value::Bool(value)) => Some(quote!(#value)),
            (Shape::Integer, Value::Number(number)) => {
                let number = Literal::i64_unsuffixed(number.as_i64()?);
                Some(quote!(#number))
            }
            (Shape::Unsigned, Value::Number(number)) => {
                let number = Literal::u64_unsuffixed(number.as_u64()?);
                Some(quote!(#number))
            }
            (Shape::Float, Value::Number(number)) => {
                let number = number.as_f64().filter(|float| float.is_finite())?;
                let number = Literal::f64_unsuffixed(number);
                Some(quote!(#number))
            }
            (Shape::Text, Value::String(text)) => Some(quote!(String::from(#text))),
            (Shape::List(items), Value::Array(values)) => {
                let values: Option<Vec<_>> =
                    values.iter().map(|value| self.expression(value, items)).collect();
                let values = values?;
                Some(if values.is_empty() {
                    quote!(Vec::new())
                } else {
                    quote!(vec![#(#values),*])
                })
            }
            (Shape::Map(values), Value::Object(fields)) if fields.is_empty() => {
                Some(if values.shape == Shape::Any {
                    quote!(Map::new())
                } else {
                    quote!(BTreeMap::new())
                })
            }
            (Shape::Named { id, boxed: false }, Value::String(text)) => {
                let each = self.model.types.get(*id)?;
                let Body::Texts(texts) = &each.body else { return None };
                let (_, variant) = texts.iter().find(|(known, _)| known == text)?;
                let (name, variant) = (names::ident(&each.name), names::ident(variant));
                Some(quote!(#name::#variant))
            }
            _ => None,
        }
    }

    pub(super) fn default_of(&self, each: &Type, body: &Struct) -> DefaultOf {
        let name = names::ident(&each.name);
        let functions: Vec<TokenStream> = body
            .fields
            .iter()
            .filter_map(|field| {
                let value = self.default_expression(field)?;
                let function = names::ident(&default_name(field));
                let of = self.type_of(&field.node);
                Some(quote! { fn #function() -> #of { #value } })
            })
            .collect();
        // An empty object may break such a rule.
        let least = |rule: &crate::model::Rule| matches!(rule.check, Check::MinProperties(_));
        let required = body.fields.iter().any(|field| matches!(field.presence, Presence::Required));
        let has_default = !required && !body.rules.iter().any(least);
        if functions.is_empty() {
            return DefaultOf { is_derived: has_default, item: TokenStream::new() };
        }
        let fields = body.fields.iter().map(|field| {
            let ident = names::ident(&field.name);
            match self.default_expression(field) {
                Some(_) => {
                    let function = names::ident(&default_name(field));
                    quote!(#ident: Self::#function(),)
                }
                None => quote!(#ident: None,),
            }
        });
        let additional = match &body.additional {
            Additional::Kept { name, .. } => {
                let name = names::ident(name);
                quote!(#name: Default::default(),)
            }
            _ => TokenStream::new(),
        };
        let default = has_default.then(|| {
            quote! {
                impl Default for #name {
                    fn default() -> Self {
                        Self { #(#fields)* #additional }
                    }
                }
            }
        });
        DefaultOf { is_derived: false, item: quote! { impl #name { #(#functions)* } #default } }
    }
}
