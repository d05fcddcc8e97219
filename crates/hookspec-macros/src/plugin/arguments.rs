//! The arguments of `#[plugin]`: options, and a manifest that is named or written in place.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Ident, LitBool, LitStr, Path, Token};

use super::value::{Fields, key, value};
use crate::root::Root;

/// What stands between the parentheses.
pub(crate) struct Arguments {
    pub(crate) root: Root,
    pub(crate) linked: bool,
    pub(crate) manifest: Manifest,
}

/// Where the manifest is.
pub(crate) enum Manifest {
    File(LitStr),
    Inline(Fields),
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let whole = input.span();
        let (mut root, mut linked, mut file) = (None, None, None);
        let mut fields = Fields::new(whole);
        while !input.is_empty() {
            let fork = input.fork();
            let name = fork.call(Ident::parse_any).map(|name| name.to_string());
            match name.as_deref() {
                Ok("root") => {
                    let at = option(input)?;
                    once(&mut root, Root(input.call(Path::parse_mod_style)?), at, "root")?;
                }
                Ok("linked") => {
                    let at = option(input)?;
                    once(&mut linked, input.parse::<LitBool>()?.value, at, "linked")?;
                }
                Ok("manifest") => {
                    let at = option(input)?;
                    once(&mut file, input.parse::<LitStr>()?, at, "manifest")?;
                }
                _ => {
                    let (name, at) = key(input)?;
                    input.parse::<Token![=]>()?;
                    value(input, &format!("/{name}"), &mut fields)
                        .and_then(|value| fields.insert(name, at, value))?;
                }
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let manifest = match file {
            Some(file) if fields.is_empty() => Manifest::File(file),
            Some(file) => {
                let message = "a manifest is named or written in place, not both: move the fields \
                               into the file, or remove `manifest`";
                return Err(Error::new(file.span(), message));
            }
            None => Manifest::Inline(fields),
        };
        Ok(Self { root: root.unwrap_or_default(), linked: linked.unwrap_or(true), manifest })
    }
}

fn option(input: ParseStream<'_>) -> syn::Result<Span> {
    let name = input.call(Ident::parse_any)?;
    input.parse::<Token![=]>()?;
    Ok(name.span())
}

fn once<T>(slot: &mut Option<T>, value: T, at: Span, name: &str) -> syn::Result<()> {
    match slot.replace(value) {
        Some(_) => Err(Error::new(at, format!("`{name}` is said twice"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use quote::quote;
    use serde_json::json;

    use super::*;

    fn parse(tokens: proc_macro2::TokenStream) -> syn::Result<Arguments> {
        syn::parse2(tokens)
    }

    #[test]
    fn fields_are_written_as_in_toml() {
        let arguments = parse(quote! {
            name = "own", priority = 1_000, tryfirst = true, capabilities = ["a", "b",],
            limits = { output_bytes = 10 }, "when" = { "/a/b" = [-1, 0.5] }, root = ::other,
            linked = false
        })
        .unwrap();
        assert_eq!((arguments.root.text().as_str(), arguments.linked), ("::other", false));
        let Manifest::Inline(fields) = arguments.manifest else { panic!("no file is named") };
        let expected = json!({
            "name": "own", "priority": 1000, "tryfirst": true, "capabilities": ["a", "b"],
            "limits": { "output_bytes": 10 }, "when": { "/a/b": [-1, 0.5] },
        });
        assert_eq!(serde_json::Value::Object(fields.into_value()), expected);
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let rows = [
            (quote!(name = "a", name = "b"), "said twice"),
            (quote!(root = ::a, root = ::b), "said twice"),
            (quote!(manifest = "plugin.toml", name = "a"), "not both"),
            (quote!(name = concat!("a")), "a text, a number"),
            (quote!(name), "expected `=`"),
            (quote!(priority = 99999999999999999999999), "too large"),
            (quote!("a" "b"), "expected `=`"),
            (quote!(limits = { a = 1, a = 2 }), "said twice"),
            (quote!(name = 'a'), "a text, a number"),
            (quote!(1 = 2), "a field's name"),
        ];
        for (tokens, expected) in rows {
            let error = parse(tokens).err().unwrap();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
