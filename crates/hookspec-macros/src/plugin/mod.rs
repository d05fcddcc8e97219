//! `#[plugin]`: what it writes around an author's `impl`.

mod arguments;
mod manifest;
mod on;
mod value;

use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, ImplItem, ImplItemFn, ItemImpl, Path, PathArguments, PathSegment, Type,
};

use self::arguments::Arguments;
use self::manifest::Checked;
use self::on::Events;
use crate::files;

pub(crate) fn expand(
    arguments: TokenStream,
    item: TokenStream,
    source: Option<PathBuf>,
) -> Result<TokenStream, Error> {
    let place = "#[plugin] stands above `impl KindsTrait for YourType`";
    let mut item: ItemImpl =
        syn::parse2(item).map_err(|error| Error::new(error.span(), format!("{place}: {error}")))?;
    let author = match (&item.trait_, arguments.is_empty()) {
        (Some((author, _)), _) => author.clone(),
        (None, _) => {
            let message = format!("{place}: this `impl` is of no trait");
            return Err(Error::new(item.self_ty.span(), message));
        }
    };
    let arguments: Arguments = syn::parse2(arguments)?;
    concrete(&item)?;
    let mut found = lifetimes(&mut item);
    let events = on::take(&mut item, &mut |error| also(&mut found, error));
    let manifest = manifest::check(&arguments, source.as_deref())
        .map_err(|error| also(&mut found, error))
        .unwrap_or_else(|()| Checked::nothing());
    // With mistakes the trait is implemented all the same, so that its lack is not reported too.
    let arguments = Arguments { linked: arguments.linked && found.is_none(), ..arguments };
    let written = Written {
        arguments: &arguments,
        manifest: &manifest,
        author: &author,
        events: &events,
        whole: found.is_none(),
    };
    let written = written.around(item)?;
    let found = found.map(Error::into_compile_error);
    Ok(quote!(#found #written))
}

fn also(found: &mut Option<Error>, error: Error) {
    match found {
        Some(all) => all.combine(error),
        None => *found = Some(error),
    }
}

/// Completes every `&CallContext` of an `async fn` and reports it: the compiler would speak of
/// early and late binding.
fn lifetimes(item: &mut ItemImpl) -> Option<Error> {
    let mut found = None;
    for method in item.items.iter_mut().filter_map(asynchronous) {
        for context in method.sig.inputs.iter_mut().filter_map(bare_context) {
            let message = "the context borrows from the call: write `&CallContext<'_>`";
            also(&mut found, Error::new(context.ident.span(), message));
            context.arguments = PathArguments::AngleBracketed(syn::parse_quote!(<'_>));
        }
    }
    found
}

fn asynchronous(item: &mut ImplItem) -> Option<&mut ImplItemFn> {
    match item {
        ImplItem::Fn(method) if method.sig.asyncness.is_some() => Some(method),
        _ => None,
    }
}

fn bare_context(argument: &mut FnArg) -> Option<&mut PathSegment> {
    let FnArg::Typed(argument) = argument else { return None };
    let Type::Reference(reference) = &mut *argument.ty else { return None };
    let Type::Path(path) = &mut *reference.elem else { return None };
    path.path
        .segments
        .last_mut()
        .filter(|last| last.ident == "CallContext" && last.arguments.is_none())
}

/// A plugin is one type: an entry point names one, and a constructor makes one.
fn concrete(item: &ItemImpl) -> Result<(), Error> {
    if item.generics.params.is_empty() && item.generics.where_clause.is_none() {
        return Ok(());
    }
    let message = "a plugin is one type: write an `impl` without generics for each type that is \
                   used, such as `impl Tool for Cached<Calculator>`";
    Err(Error::new(item.generics.span(), message))
}

struct Written<'a> {
    arguments: &'a Arguments,
    manifest: &'a Checked,
    author: &'a Path,
    events: &'a Events,
    /// Whether there are no mistakes.
    whole: bool,
}

impl Written<'_> {
    fn around(&self, mut item: ItemImpl) -> Result<TokenStream, Error> {
        let root = &self.arguments.root.0;
        let private = quote!(#root::__private);
        let (author, this) = (self.author, item.self_ty.clone());
        let kind = quote!(<#this as #author>::KIND);
        let methods = methods(&item.items).into_iter().chain(self.events.hooks());
        let written = quote!(&[#(#methods),*]);
        let text = &self.manifest.text;
        let entry_point = entry_point(&item);
        let constants: [ImplItem; 2] = [
            syn::parse_quote! {
                const HOOKS: &'static [#root::HookName] = {
                    const WRITTEN: &[&str] = #written;
                    static HOOKS: [#root::HookName; #kind.count(WRITTEN)] = #kind.hooks(WRITTEN);
                    &HOOKS
                };
            },
            syn::parse_quote! {
                const MANIFEST: fn() -> #root::Manifest =
                    || #private::manifest(#text, #kind, #entry_point);
            },
        ];
        item.items.splice(0..0, constants.into_iter().chain(self.events.constant(&private)));
        let own = self.events.own(&this);
        let place = author.span();
        // Written out, so that all of it stands where the mistake does.
        let of_its_kind = match &self.manifest.kind {
            Some((name, span)) => {
                quote_spanned!(*span=> const _: () = <#this as #author>::KIND.must_be(#name);)
            }
            None => {
                quote_spanned!(place=> const _: () = <#this as #author>::KIND.must_be_known();)
            }
        };
        let does_something =
            quote_spanned!(place=> const _: () = <#this as #author>::KIND.must_do(#written););
        let assertions = self.whole.then(|| quote!(#of_its_kind #does_something));
        let file = match &self.manifest.file {
            Some((path, at)) => {
                let path = files::text(path, at)?;
                Some(quote!(
                    const _: &[u8] = ::core::include_bytes!(#path);
                ))
            }
            None => None,
        };
        let kind_name = match &self.manifest.kind {
            Some((name, _)) => quote!(#name),
            None => quote!(#kind.name),
        };
        let linked = self.arguments.linked.then(|| {
            let entry_point = match &self.manifest.entry_point {
                Some(own) => quote!(#own),
                None => entry_point,
            };
            quote! {
                #[allow(clippy::all, clippy::pedantic, reason = "written by #[plugin]")]
                const _: () = {
                    #private::inventory::submit! {
                        #root::Linked::new(
                            #kind_name,
                            #entry_point,
                            <#this as #author>::MANIFEST,
                            |manifest| {
                                #[allow(unused_imports, reason = "one of them is used")]
                                use #private::{ByComponent as _, ByDefault as _, ByNothing as _};
                                (&&&#private::Make::<#this>::new())
                                    .instance(manifest)
                                    .map(<#this as #author>::PLUGIN)
                            },
                        )
                        .described(
                            ::core::any::type_name::<#this>,
                            || <#this as #author>::HOOKS,
                            #kind.digests,
                        )
                    }
                };
            }
        });
        Ok(quote! {
            #[#private::async_trait]
            #item
            #own
            #assertions
            #file
            #linked
        })
    }
}

/// The names of the methods, each with the conditions that it is there under.
fn methods(items: &[ImplItem]) -> Vec<TokenStream> {
    let is_condition = |attribute: &&Attribute| attribute.path().is_ident("cfg");
    let method = |item: &ImplItem| match item {
        ImplItem::Fn(method) => {
            let name = method.sig.ident.unraw().to_string();
            let conditions = method.attrs.iter().filter(is_condition);
            Some(quote!(#(#conditions)* #name))
        }
        _ => None,
    };
    items.iter().filter_map(method).collect()
}

/// `crate::module:Type`, as the compiler knows it.
fn entry_point(item: &ItemImpl) -> TokenStream {
    let this: String =
        item.self_ty.to_token_stream().to_string().replace("r#", "").split_whitespace().collect();
    let this = format!(":{this}");
    quote!(::core::concat!(::core::module_path!(), #this))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(arguments: TokenStream, item: TokenStream) -> Result<String, String> {
        expand(arguments, item, None)
            .map(|tokens| tokens.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn hooks_manifest_and_registration_are_written() {
        let item = quote! {
            impl kinds::Reader for Own<u8> {
                #[cfg(unix)]
                async fn read(&self) {}
                fn r#type(&self) {}
            }
        };
        let text = made(quote!(name = "own"), item.clone()).unwrap();
        assert!(text.contains(r##"& [# [cfg (unix)] "read" , "type"]"##), "{text}");
        assert!(text.contains(r#"":Own<u8>""#), "{text}");
        assert!(text.contains("inventory :: submit !") && !text.contains("must_be ("), "{text}");
        let text = made(quote!(name = "own", kind = "reader", linked = false), item).unwrap();
        assert!(!text.contains("inventory") && text.contains("must_be ("), "{text}");
    }

    #[test]
    fn every_context_has_its_lifetime() {
        let item = quote! {
            impl Reader for Own {
                async fn read(&self, ctx: &CallContext, input: &Text) {}
                async fn write(&self, ctx: &kinds::CallContext, input: &Text) {}
                async fn right(&self, ctx: &CallContext<'_>, input: &Text) {}
                fn at_once(&self, ctx: &CallContext, input: &Text) {}
            }
        };
        let made = made(quote!(name = "own"), item).unwrap();
        assert_eq!(made.matches("compile_error").count(), 2, "{made}");
        assert_eq!(made.matches("CallContext < '_ >").count(), 3, "{made}");
    }

    #[test]
    fn it_stands_above_the_implementation_of_a_trait_for_one_type() {
        let rows = [
            (quote!(impl Own {}), "of no trait"),
            (
                quote!(
                    struct Own;
                ),
                "stands above",
            ),
            (
                quote!(
                    impl<T> Reader for Own<T> {}
                ),
                "one type",
            ),
        ];
        for (item, expected) in rows {
            let error = made(quote!(name = "own"), item).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
