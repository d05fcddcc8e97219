//! What ties a type to its schema document, and what capability dispatch reads of it.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emit;
use crate::model::{Additional, Body, Field, Node, Presence, Shape, Struct};
use crate::names;

impl Emit<'_> {
    pub(super) fn payloads(&self) -> TokenStream {
        self.model
            .roots
            .iter()
            .filter_map(|each| {
                let id = each.payload?;
                let (name, root) = (self.type_ident(id), &self.root);
                let (schema, complete) = (&each.fingerprint, each.is_complete());
                let routing = each.routed.then(|| self.routing(id)).flatten().map(|routing| {
                    quote! {
                        fn routing(&self) -> #root::Routing<'_> {
                            #routing
                        }
                    }
                });
                Some(quote! {
                    impl #root::TypedPayload for #name {
                        const SCHEMA: &'static str = #schema;
                        const COMPLETE: bool = #complete;
                        #routing
                    }
                })
            })
            .collect()
    }

    fn routing(&self, id: usize) -> Option<TokenStream> {
        let root = &self.root;
        match &self.model.types.get(id)?.body {
            Body::Struct(body) => {
                let routing = self.routing_of_struct(body)?;
                Some(quote! { let value = self; #routing })
            }
            Body::Newtype(Node { shape: Shape::Map(values), .. }) if values.shape == Shape::Any => {
                Some(quote! { #root::Routing::of_fields(&self.0) })
            }
            Body::Union(union) => {
                let arms = union.variants.iter().map(|variant| {
                    let ident = names::ident(&variant.name);
                    let routing = match &self.model.types.get(variant.payload)?.body {
                        Body::Struct(body) => self.routing_of_struct(body),
                        _ => None,
                    };
                    Some(match routing {
                        Some(routing) => quote! { Self::#ident(value) => { #routing } },
                        None => quote! { Self::#ident(_) => #root::Routing::default(), },
                    })
                });
                let arms: Vec<_> = arms.collect::<Option<_>>()?;
                Some(quote! { match self { #(#arms)* } })
            }
            _ => None,
        }
    }

    fn routing_of_struct(&self, body: &Struct) -> Option<TokenStream> {
        let root = &self.root;
        let texts: Vec<(&str, TokenStream)> = ["extension", "language", "mime_type"]
            .into_iter()
            .filter_map(|key| Some((key, self.found(body, key, &|node| self.text(node))?)))
            .collect();
        let required = self.found(body, "capabilities", &|node| self.required(node));
        if texts.is_empty() && required.is_none() {
            return None;
        }
        let whole = texts.len() == 3 && required.is_some();
        let texts = texts.into_iter().map(|(key, text)| {
            let key = names::ident(key);
            quote!(#key: #text,)
        });
        let required =
            required.map(|found| quote!(capabilities_required: #found.unwrap_or_default(),));
        let rest = (!whole).then(|| quote!(..#root::Routing::default()));
        Some(quote! { #root::Routing { #(#texts)* #required #rest } })
    }

    /// Looks a property of `value` up and reads it: an `Option`.
    fn found(
        &self,
        body: &Struct,
        key: &str,
        read: &dyn Fn(&Node) -> Option<TokenStream>,
    ) -> Option<TokenStream> {
        if let Some(field) = body.fields.iter().find(|field| field.key == key) {
            let name = names::ident(&field.name);
            let found = read(&field.node)?;
            return Some(if self.is_option(field) {
                quote!(value.#name.as_ref().and_then(|value| #found))
            } else {
                quote!({ let value = &value.#name; #found })
            });
        }
        match &body.additional {
            Additional::Kept { name, values } => {
                let (name, found) = (names::ident(name), read(values)?);
                Some(quote!(value.#name.get(#key).and_then(|value| #found)))
            }
            _ => None,
        }
    }

    fn is_option(&self, field: &Field) -> bool {
        !matches!(field.presence, Presence::Required) && self.default_expression(field).is_none()
    }

    /// `value` as a text, where it is one.
    fn text(&self, node: &Node) -> Option<TokenStream> {
        match &node.shape {
            Shape::Text => Some(quote!(Some(value.as_str()))),
            Shape::Any => Some(quote!(value.as_str())),
            Shape::Nullable(inner) => {
                let inner = self.text(inner)?;
                Some(quote!(value.as_ref().and_then(|value| #inner)))
            }
            Shape::Named { id, .. } => match &self.model.types.get(*id)?.body {
                Body::Texts(_) => Some(quote!(Some(value.as_str()))),
                _ => None,
            },
            _ => None,
        }
    }

    /// The texts in `required` of `value`, where there are any.
    fn required(&self, node: &Node) -> Option<TokenStream> {
        let root = &self.root;
        match &node.shape {
            Shape::Any => Some(quote!(Some(#root::Routing::required_of(value)))),
            Shape::Nullable(inner) => {
                let inner = self.required(inner)?;
                Some(quote!(value.as_ref().and_then(|value| #inner)))
            }
            Shape::Map(values) => {
                let found = self.list(values)?;
                Some(quote!(value.get("required").and_then(|value| #found)))
            }
            Shape::Named { id, .. } => match &self.model.types.get(*id)?.body {
                Body::Struct(body) => self.found(body, "required", &|node| self.list(node)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The texts among the items of `value`.
    fn list(&self, node: &Node) -> Option<TokenStream> {
        let root = &self.root;
        match &node.shape {
            Shape::Any => Some(quote!(Some(#root::Routing::texts_of(value)))),
            Shape::Nullable(inner) => {
                let inner = self.list(inner)?;
                Some(quote!(value.as_ref().and_then(|value| #inner)))
            }
            Shape::List(items) => {
                let text = self.text(items)?;
                Some(quote!(Some(value.iter().filter_map(|value| #text).collect())))
            }
            _ => None,
        }
    }
}
