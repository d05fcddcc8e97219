//! Methods with `#[on]`: taken out of the implementation of a trait, which does not have them, and
//! written down as what the type wants of the events.

mod method;
mod options;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Attribute, Error, ImplItem, ImplItemFn, ItemImpl};

use self::method::Signature;
use self::options::Options;

/// The methods with `#[on]` of one `impl`.
pub(crate) struct Events {
    /// As they were written, without the attribute.
    methods: Vec<ImplItemFn>,
    /// Those without mistakes.
    wanted: Vec<Wanted>,
    /// What the whole `impl` is there under.
    conditions: Vec<Attribute>,
}

struct Wanted {
    method: syn::Ident,
    conditions: Vec<Attribute>,
    options: Options,
    signature: Signature,
}

/// Takes the methods out; what is wrong with them is added to what was found before.
pub(crate) fn take(item: &mut ItemImpl, wrong: &mut impl FnMut(Error)) -> Events {
    let conditions = item.attrs.iter().filter(|each| is_kept(each)).cloned().collect();
    let mut events = Events { methods: Vec::new(), wanted: Vec::new(), conditions };
    for part in std::mem::take(&mut item.items) {
        match part {
            ImplItem::Fn(method) if method.attrs.iter().any(is_on) => events.add(method, wrong),
            other => item.items.push(other),
        }
    }
    events
}

impl Events {
    fn add(&mut self, mut method: ImplItemFn, wrong: &mut impl FnMut(Error)) {
        let (on, others): (Vec<Attribute>, _) = method.attrs.into_iter().partition(is_on);
        method.attrs = others;
        if let Some(again) = on.get(1) {
            let message =
                "a method has one #[on], with every pattern in it: #[on(\"a.b\", \"c.*\")]";
            wrong(Error::new_spanned(again, message));
        }
        let options = on.first().map(options::read).transpose();
        let signature = method::signature(&method);
        match (options, signature) {
            (Ok(Some(options)), Ok(signature)) => self.wanted.push(Wanted {
                method: method.sig.ident.clone(),
                conditions: method
                    .attrs
                    .iter()
                    .filter(|each| is_condition(each))
                    .cloned()
                    .collect(),
                options,
                signature,
            }),
            (options, signature) => {
                options.err().into_iter().chain(signature.err()).for_each(wrong);
            }
        }
        self.methods.push(method);
    }

    /// What stands for the methods among the hooks: the one that events are delivered through.
    pub(crate) fn hooks(&self) -> impl Iterator<Item = TokenStream> {
        self.wanted.iter().map(|Wanted { conditions, .. }| quote!(#(#conditions)* "$event"))
    }

    /// The constant that the adapter goes by.
    pub(crate) fn constant(&self, private: &TokenStream) -> Option<ImplItem> {
        let rows = self.wanted.iter().map(|wanted| wanted.row(private));
        (!self.wanted.is_empty()).then(|| {
            syn::parse_quote! {
                const ON: &'static [#private::On<Self>] = &[#(#rows),*];
            }
        })
    }

    /// The methods, as methods of the type itself.
    pub(crate) fn own(&self, this: &syn::Type) -> Option<TokenStream> {
        let (methods, conditions) = (&self.methods, &self.conditions);
        // With a mistake nobody calls its method; that is not to be reported too.
        let mistaken = self.wanted.len() < methods.len();
        let unused = mistaken.then(|| quote!(#[allow(dead_code, reason = "mistaken")]));
        (!methods.is_empty()).then(|| {
            quote! {
                #(#conditions)*
                #[allow(clippy::unused_async, clippy::unused_self, reason = "as #[on] wants it")]
                #unused
                impl #this {
                    #(#methods)*
                }
            }
        })
    }
}

impl Wanted {
    fn row(&self, private: &TokenStream) -> TokenStream {
        let Self { method, conditions, options: Options { patterns, json }, signature } = self;
        let name = method.unraw().to_string();
        let data = signature
            .data
            .as_ref()
            .map(|data| quote!(let data = #private::data::<#data>(ctx, event)?;));
        let also = data.is_some().then(|| quote!(, &data));
        let awaited = signature.asynchronous.then(|| quote!(.await));
        // What does not fit is said where it is written.
        let there = |span: Span| Span::call_site().located_at(span);
        let called = quote_spanned! {there(method.span())=>
            Self::#method(plugin, ctx, event #also) #awaited
        };
        let handled = quote_spanned!(there(signature.answer)=> #private::handled(answer));
        let boxed = quote_spanned! {there(method.span())=>
            ::std::boxed::Box::pin(async move {
                #data
                let answer = #called;
                #handled
            })
        };
        quote! {
            #(#conditions)*
            #private::On {
                name: #name,
                patterns: &[#(#patterns),*],
                options: #json,
                handle: |plugin, ctx, event| #boxed,
            }
        }
    }
}

/// `#[on]`, by whatever path.
fn is_on(attribute: &Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "on")
}

fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

fn is_kept(attribute: &Attribute) -> bool {
    is_condition(attribute) || attribute.path().is_ident("allow")
}
