//! Typed callers: one method per hook, for the application.

use hookspec_spec::{DispatchClass, Mode};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, doc_lines, path};
use crate::hooks::{HookView, KindView};
use crate::{docs, laws, names};

impl Emit<'_> {
    pub(super) fn calls(&self, kind: &KindView<'_>) -> TokenStream {
        let Some(host) = self.options.host.as_deref() else { return TokenStream::new() };
        let host = path(host);
        let name = names::ident(&kind.calls);
        let cfg =
            self.options.calls_feature.as_ref().map(|feature| quote!(#[cfg(feature = #feature)]));
        let kind_name = kind.kind.name.as_str();
        // The major too: a newer one may live beside it in the registry.
        let address = format!("{kind_name}@{}", kind.kind.major());
        let docs = format!(" The hooks of the kind `{kind_name}`, for an application to call.");
        let dispatchers = kind.hooks.iter().map(|hook| {
            let (field, of) = (names::ident(&hook.method), self.dispatcher(hook, &host));
            quote!(#field: #of,)
        });
        let made = kind.hooks.iter().map(|hook| {
            let (field, make) =
                (names::ident(&hook.method), names::ident(hook.hook.dispatch.as_str()));
            let hook = hook.hook.name.as_str();
            quote!(#field: registry.#make(#address, #hook)?,)
        });
        let methods = kind.hooks.iter().map(|hook| self.methods(hook, &host));
        quote! {
            #cfg
            #[doc = #docs]
            #[derive(Clone, Debug)]
            pub struct #name {
                #(#dispatchers)*
            }

            #cfg
            impl #name {
                /// Looks every hook up, once.
                ///
                /// # Errors
                /// The registry does not know the kind, or knows it otherwise than this was
                /// generated: give it the hookspec that belongs to this source.
                pub fn new(registry: &#host::Registry) -> Result<Self, #host::DispatchError> {
                    Ok(Self { #(#made)* })
                }

                #(#methods)*
            }
        }
    }

    fn dispatcher(&self, view: &HookView<'_>, host: &TokenStream) -> TokenStream {
        let (input, output) = self.in_and_out(view);
        let dispatch = quote!(#host::dispatch);
        match view.hook.dispatch {
            DispatchClass::BroadcastNotify => quote!(#dispatch::BroadcastNotify<#input>),
            DispatchClass::BroadcastCollect => quote!(#dispatch::BroadcastCollect<#input, #output>),
            DispatchClass::Chain => quote!(#dispatch::Chain<#input>),
            DispatchClass::Singleton => quote!(#dispatch::Singleton<#input, #output>),
            DispatchClass::Capability => quote!(#dispatch::Capability<#input, #output>),
        }
    }

    fn methods(&self, view: &HookView<'_>, host: &TokenStream) -> TokenStream {
        let root = &self.root;
        let field = names::ident(&view.method);
        let (input, output) = self.in_and_out(view);
        let (outcome, choice) = match view.hook.dispatch {
            DispatchClass::BroadcastNotify => (quote!(#host::Notified), false),
            DispatchClass::BroadcastCollect => (quote!(#host::Collected<#output>), false),
            DispatchClass::Chain => (quote!(#host::Chained<#input>), false),
            DispatchClass::Singleton | DispatchClass::Capability => {
                (quote!(#host::Answer<#output>), true)
            }
        };
        let answer = quote!(Result<#outcome, #host::DispatchError>);
        let parameters =
            quote!(&self, caller: &#root::Caller, input: impl #root::IntoPayload<#input>);
        let names = &view.call;
        let deprecated = deprecation(view);
        let plain = names::ident(&names.plain);
        let plain_docs = plain_docs(view);
        let has = names::ident(&names.has);
        let has_docs = said(&format!("Whether anybody would be called by `{}`.", names.plain));
        let mut out = quote! {
            #plain_docs
            #deprecated
            pub async fn #plain(#parameters) -> #answer {
                self.#field.dispatch_payload(caller, input).await
            }

            #has_docs
            pub fn #has(&self) -> bool {
                self.#field.has_plugins()
            }
        };
        let errors = |text: String| {
            let errors = doc_lines(&[String::new(), "# Errors".into()]);
            let text = said(&text);
            quote! { #errors #text }
        };
        let as_plain = errors(format!("As `{}`.", names.plain));
        if choice {
            let with = names::ident(&names.with);
            let docs = said(&format!("As `{}`, with a choice made for this call.", names.plain));
            out.extend(quote! {
                #docs
                #as_plain
                #deprecated
                pub async fn #with(#parameters, choice: #host::Choice) -> #answer {
                        self.#field.dispatch_payload_with(caller, input, choice).await
                }
            });
        }
        if view.hook.mode == Mode::Sync {
            let sync = names::ident(&names.sync);
            let docs = said(&format!("As `{}`, without an async runtime.", names.plain));
            let not_inline = errors(format!(
                "As `{}`, and `NotInline` where a plugin cannot answer at once.",
                names.plain
            ));
            out.extend(quote! {
                #docs
                #not_inline
                #deprecated
                pub fn #sync(#parameters) -> #answer {
                    self.#field.dispatch_payload_sync(caller, input)
                }
            });
            if choice {
                let sync_with = names::ident(&names.sync_with);
                let docs = said(&format!("As `{}`, with a choice made for this call.", names.sync));
                out.extend(quote! {
                    #docs
                    #not_inline
                    #deprecated
                    pub fn #sync_with(#parameters, choice: #host::Choice) -> #answer {
                        self.#field.dispatch_payload_sync_with(caller, input, choice)
                    }
                });
            }
        }
        if view.hook.dispatch == DispatchClass::BroadcastNotify {
            let detached = names::ident(&names.detached);
            let docs = said(&format!(
                "As `{}`, but returns at once; failures are logged (NOTIFY-5).",
                names.plain
            ));
            let errors = errors(format!(
                "`Rejected`: too many are outstanding, nobody was told; try again later. \
                 Otherwise as `{}`.",
                names.plain
            ));
            out.extend(quote! {
                #docs
                #errors
                #deprecated
                pub fn #detached(#parameters) -> Result<(), #host::DispatchError> {
                    self.#field.notify_detached_payload(caller, input)
                }
            });
        }
        out
    }
}

fn deprecation(view: &HookView<'_>) -> Option<TokenStream> {
    let instead = view.hook.deprecated.as_ref()?;
    let instead: String = instead.chars().map(docs::visible).collect();
    Some(quote! { #[deprecated(note = #instead)] })
}

fn said(text: &str) -> TokenStream {
    doc_lines(&docs::lines(text))
}

fn plain_docs(view: &HookView<'_>) -> TokenStream {
    let hook = view.hook;
    let mut lines = hook.description.as_deref().map(docs::lines).unwrap_or_default();
    if lines.is_empty() {
        lines = docs::lines(&format!("Calls the hook `{}`.", hook.name));
    }
    lines.push(String::new());
    lines.extend(docs::lines(&laws::sentence(hook)));
    lines.push(String::new());
    lines.push("# Errors".into());
    let errors = match hook.dispatch {
        DispatchClass::BroadcastNotify => {
            "`InvalidInput`: nobody was told; mend the input. `ShuttingDown`: the registry stops."
        }
        DispatchClass::BroadcastCollect | DispatchClass::Chain => {
            "`InvalidInput`: nobody was called; mend the input. `PluginFailed`: a failure ended \
             it, and what was complete is in `partial`. `ShuttingDown`: the registry stops."
        }
        DispatchClass::Singleton | DispatchClass::Capability => {
            "`NoCapableHandler`, `AmbiguousPlugin`: nobody was asked; register a plugin, or settle \
             which. `InvalidInput`: nobody was asked; mend the input. `PluginFailed`: it was asked \
             and failed. `ShuttingDown`: the registry stops."
        }
    };
    lines.extend(docs::lines(errors));
    doc_lines(&lines)
}
