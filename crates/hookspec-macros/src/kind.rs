//! `kind!`: a hookspec as a module.

use std::path::PathBuf;

use hookspec_codegen::{Options, generate, module_name};
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitBool, LitStr, Path, Token};

use crate::files;
use crate::root::Root;

/// `"path", root = ..., calls = ...`
struct Input {
    path: LitStr,
    root: Root,
    calls: Option<bool>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path: LitStr = input.parse().map_err(|error| {
            Error::new(
                error.span(),
                "expected the path of a hookspec, such as \"hookspecs/greeter/v1.yaml\"",
            )
        })?;
        let (mut root, mut calls) = (None, None);
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let option: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let twice = match option.to_string().as_str() {
                "root" => root.replace(Root(input.call(Path::parse_mod_style)?)).is_some(),
                "calls" => calls.replace(input.parse::<LitBool>()?.value).is_some(),
                other => {
                    let message =
                        format!("`{other}` is no option of kind!; there are `root` and `calls`");
                    return Err(Error::new(option.span(), message));
                }
            };
            if twice {
                return Err(Error::new(option.span(), format!("`{option}` is said twice")));
            }
        }
        Ok(Self { path, root: root.unwrap_or_default(), calls })
    }
}

pub(crate) fn expand(input: TokenStream, source: Option<PathBuf>) -> Result<TokenStream, Error> {
    let Input { path, root, calls } = syn::parse2(input)?;
    let file = files::find(&path, source.as_deref())?;
    let (kind, read) = hookspec_spec::read_kind(&file)
        .map_err(|found| Error::new(path.span(), format!("the hookspec has mistakes:\n{found}")))?;
    let mut options = Options::default().root(root.text());
    if calls.unwrap_or(cfg!(feature = "host") && root.is_front_door()) {
        let host = if root.is_front_door() { root.text() } else { "::hookspec_host".into() };
        options = options.calls(host);
    }
    let tokens = generate(&kind, &options).tokens();
    let read = read.iter().map(|file| files::text(file, &path)).collect::<Result<Vec<_>, _>>()?;
    let name = module_name(kind.name.as_str());
    let docs = format!(
        " The kind `{}`, version {}: its payloads, its trait and its adapter.",
        kind.name, kind.api_version
    );
    Ok(quote! {
        #[doc = #docs]
        #[allow(
            clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, non_snake_case,
            reason = "generated"
        )]
        pub mod #name {
            #tokens
            // What this was made of: the compiler looks whether it changed.
            #(const _: &[u8] = ::core::include_bytes!(#read);)*
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTENER: &str = "hookspecs/lifecycle_listener/v1.yaml";

    fn made(input: TokenStream) -> String {
        expand(input, None).unwrap().to_string()
    }

    #[test]
    fn a_module_has_the_kinds_name_and_its_files() {
        let made = made(quote!(#LISTENER));
        assert!(made.contains("pub mod lifecycle_listener {"), "{made}");
        assert!(made.contains(":: hookspec :: __private"), "{made}");
        assert_eq!(made.matches("include_bytes").count(), 3, "the hookspec and two schemas");
    }

    #[test]
    fn callers_are_an_option() {
        let with = made(quote!(#LISTENER, root = ::hookspec_plugin, calls = true));
        assert!(with.contains(":: hookspec_host :: dispatch"), "{with}");
        let front = made(quote!(#LISTENER, calls = true));
        assert!(front.contains(":: hookspec :: dispatch"), "{front}");
        let without = made(quote!(#LISTENER, calls = false,));
        assert!(!without.contains("dispatch ::"), "{without}");
        let plugin = made(quote!(#LISTENER, root = ::hookspec_plugin));
        assert!(!plugin.contains("dispatch ::"), "{plugin}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let rows = [
            (quote!(), "expected the path of a hookspec"),
            (quote!(listener), "expected the path of a hookspec"),
            (quote!("nowhere/v1.yaml"), "does not exist"),
            (quote!(#LISTENER, call = true), "no option of kind!"),
            (quote!(#LISTENER, calls = true, calls = true), "said twice"),
            (quote!(#LISTENER calls = true), "expected `,`"),
        ];
        for (input, expected) in rows {
            let error = expand(input, None).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
