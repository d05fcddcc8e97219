//! Checks: one call per keyword that a type cannot express.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::{Number, Value};

use super::Emit;
use crate::model::recursion::node_is_harmless;
use crate::model::{
    Additional, Body, Check, Field, Node, Presence, Rule, Shape, Struct, Type, TypeId,
};
use crate::names;

impl Emit<'_> {
    /// `Examine` of a type; of one that nobody asks and that cannot break a rule, nothing.
    pub(super) fn examine(&self, id: TypeId, each: &Type) -> TokenStream {
        let name = names::ident(&each.name);
        let root = &self.root;
        let is_payload = self.model.roots.iter().any(|root| root.payload == Some(id));
        if self.harmless.get(id) == Some(&true) {
            return match is_payload {
                true => quote! { impl #root::check::Examine for #name {} },
                false => TokenStream::new(),
            };
        }
        let body = match &each.body {
            Body::Struct(body) => self.fields(each, body),
            Body::Newtype(node) => {
                let checks = self.checks(node);
                quote! { let value = &self.0; #checks }
            }
            Body::Union(union) => {
                let arms = union.variants.iter().map(|variant| {
                    let ident = names::ident(&variant.name);
                    match self.harmless.get(variant.payload) {
                        Some(true) => quote!(Self::#ident(_) => {}),
                        _ => quote!(Self::#ident(value) => value.examine(at, report),),
                    }
                });
                quote! { match self { #(#arms)* } }
            }
            Body::Texts(_) => TokenStream::new(),
        };
        let checks = super::mentions(&body, "check").then(|| quote!(use #root::check;));
        quote! {
            impl #root::check::Examine for #name {
                fn examine(&self, at: &#root::check::Place<'_>, report: &mut #root::check::Report) {
                    #checks
                    #body
                }
            }
        }
    }

    fn fields(&self, each: &Type, body: &Struct) -> TokenStream {
        let mut out = TokenStream::new();
        for field in &body.fields {
            out.extend(self.field_checks(field));
        }
        if let Additional::Kept { name, values } = &body.additional {
            let name = names::ident(name);
            if !body.fields.is_empty() {
                let keys = body.fields.iter().map(|field| &field.key);
                let schema = format!("{}/properties", each.pointer);
                out.extend(quote! {
                    check::apart(report, at, #schema, self.#name.keys(), &[#(#keys),*]);
                });
            }
            if !node_is_harmless(values, &self.harmless) {
                let checks = self.checks(values);
                out.extend(quote! {
                    for (key, value) in &self.#name {
                        let at = &at.field(key);
                        #checks
                    }
                });
            }
        }
        if !body.rules.is_empty() {
            out.extend(self.count(body));
            let rules = body.rules.iter().map(|rule| self.rule(rule, &Shape::Null));
            out.extend(quote!(#(#rules)*));
        }
        out
    }

    /// How many properties the value has.
    fn count(&self, body: &Struct) -> TokenStream {
        let is_some = |field: &&Field| {
            !matches!(field.presence, Presence::Required)
                && self.default_expression(field).is_none()
        };
        let always = body.fields.iter().filter(|field| !is_some(field)).count();
        let always = Literal::usize_unsuffixed(always);
        let optional = body.fields.iter().filter(is_some).map(|field| {
            let name = names::ident(&field.name);
            quote!(+ usize::from(self.#name.is_some()))
        });
        let additional = match &body.additional {
            Additional::Kept { name, .. } => {
                let name = names::ident(name);
                quote!(+ self.#name.len())
            }
            _ => TokenStream::new(),
        };
        quote! { let count = #always #(#optional)* #additional; }
    }

    fn field_checks(&self, field: &Field) -> TokenStream {
        if node_is_harmless(&field.node, &self.harmless) {
            return TokenStream::new();
        }
        let (name, key) = (names::ident(&field.name), &field.key);
        let checks = self.checks(&field.node);
        let optional = !matches!(field.presence, Presence::Required)
            && self.default_expression(field).is_none();
        if optional {
            quote! {
                if let Some(value) = &self.#name {
                    let at = &at.field(#key);
                    #checks
                }
            }
        } else {
            quote! {{
                let (at, value) = (&at.field(#key), &self.#name);
                #checks
            }}
        }
    }

    /// Checks of `value`, a reference, which is at `at`.
    fn checks(&self, node: &Node) -> TokenStream {
        let mut out: TokenStream =
            node.rules.iter().map(|rule| self.rule(rule, &node.shape)).collect();
        match &node.shape {
            Shape::List(items) if !node_is_harmless(items, &self.harmless) => {
                let checks = self.checks(items);
                out.extend(quote! {
                    for (index, value) in value.iter().enumerate() {
                        let at = &at.item(index);
                        #checks
                    }
                });
            }
            Shape::Map(values) if !node_is_harmless(values, &self.harmless) => {
                let checks = self.checks(values);
                out.extend(quote! {
                    for (key, value) in value.iter() {
                        let at = &at.field(key);
                        #checks
                    }
                });
            }
            Shape::Nullable(inner) if !node_is_harmless(inner, &self.harmless) => {
                let checks = self.checks(inner);
                out.extend(quote! { if let Some(value) = value { #checks } });
            }
            Shape::Named { id, .. } if self.harmless.get(*id) != Some(&true) => {
                out.extend(quote! { value.examine(at, report); });
            }
            _ => {}
        }
        out
    }

    fn rule(&self, rule: &Rule, shape: &Shape) -> TokenStream {
        let schema = &rule.schema;
        let size = |size: usize| Literal::usize_unsuffixed(size);
        match &rule.check {
            Check::MinLength(least) => {
                let least = size(*least);
                quote! { check::min_length(report, at, #schema, value, #least); }
            }
            Check::MaxLength(most) => {
                let most = size(*most);
                quote! { check::max_length(report, at, #schema, value, #most); }
            }
            Check::MinItems(least) => {
                let least = size(*least);
                quote! { check::min_items(report, at, #schema, value.len(), #least); }
            }
            Check::MaxItems(most) => {
                let most = size(*most);
                quote! { check::max_items(report, at, #schema, value.len(), #most); }
            }
            Check::MinProperties(least) => {
                let (count, least) = (count_of(shape), size(*least));
                quote! { check::min_properties(report, at, #schema, #count, #least); }
            }
            Check::MaxProperties(most) => {
                let (count, most) = (count_of(shape), size(*most));
                quote! { check::max_properties(report, at, #schema, #count, #most); }
            }
            Check::UniqueItems => match shape {
                Shape::List(items)
                    if matches!(
                        items.shape,
                        Shape::Text | Shape::Integer | Shape::Unsigned | Shape::Bool
                    ) =>
                {
                    quote! { check::unique_scalars(report, at, #schema, value); }
                }
                _ => quote! { check::unique_items(report, at, #schema, value); },
            },
            Check::Minimum(limit) => bound(quote!(minimum), schema, limit),
            Check::Maximum(limit) => bound(quote!(maximum), schema, limit),
            Check::ExclusiveMinimum(limit) => bound(quote!(exclusive_minimum), schema, limit),
            Check::ExclusiveMaximum(limit) => bound(quote!(exclusive_maximum), schema, limit),
            Check::MultipleOf(divisor) => bound(quote!(multiple_of), schema, divisor),
            Check::Finite => quote! { check::finite(report, at, #schema, *value); },
            Check::OneNumber(allowed) => {
                let allowed = allowed.iter().map(number);
                quote! { check::one_of_numbers(report, at, #schema, *value, &[#(#allowed),*]); }
            }
            Check::OneOf(allowed) => {
                let text = Value::Array(allowed.clone()).to_string();
                quote! {{
                    static ALLOWED: ::std::sync::LazyLock<Vec<Value>> =
                        ::std::sync::LazyLock::new(|| check::constants(#text));
                    check::one_of(report, at, #schema, value, &ALLOWED);
                }}
            }
            Check::OneType(types) => {
                quote! { check::one_type(report, at, #schema, value, &[#(#types),*]); }
            }
        }
    }
}

fn count_of(shape: &Shape) -> TokenStream {
    match shape {
        Shape::Map(_) => quote!(value.len()),
        _ => quote!(count),
    }
}

fn bound(rule: TokenStream, schema: &str, limit: &Number) -> TokenStream {
    let limit = number(limit);
    quote! { check::#rule(report, at, #schema, *value, #limit); }
}

fn number(number: &Number) -> TokenStream {
    match (number.as_u64(), number.as_i64()) {
        (Some(number), _) => {
            let number = Literal::u64_unsuffixed(number);
            quote!(check::Number::Unsigned(#number))
        }
        (None, Some(number)) => {
            let number = Literal::i64_unsuffixed(number);
            quote!(check::Number::Signed(#number))
        }
        (None, None) => {
            // A JSON number is finite; the bound keeps the literal writable whatever comes.
            let number = number.as_f64().unwrap_or(0.0).clamp(f64::MIN, f64::MAX);
            let number = Literal::f64_unsuffixed(number);
            quote!(check::Number::Float(#number))
        }
    }
}
