//! The adapter: from the author's trait to the one trait that every runtime ends at.

use hookspec_spec::{DispatchClass, Mode};
use proc_macro2::TokenStream;
use quote::quote;

use super::Emit;
use crate::hooks::{HookView, KindView};
use crate::names;

impl Emit<'_> {
    pub(super) fn adapter(&self, kind: &KindView<'_>) -> TokenStream {
        let (name, author) = (names::ident(&kind.plugin), names::ident(&kind.author));
        let (root, private) = (&self.root, &self.private);
        let kind_name = kind.kind.name.as_str();
        let version = kind.kind.api_version.to_string();
        let arms = kind.hooks.iter().map(|hook| self.arm(hook, &kind.author));
        let matches = self.matches(kind);
        let docs = format!(" A plugin of the kind `{kind_name}`, made of a [`{}`].", kind.author);
        quote! {
            #[doc = #docs]
            pub struct #name<T>(#root::Instance<T>);

            impl<T> #name<T> {
                /// The kind.
                pub const KIND: #root::KindName = #root::KindName::from_static(#kind_name);

                /// The version of the kind that this was generated from.
                pub const KIND_API_VERSION: &'static str = #version;
            }

            impl<T: #author> #name<T> {
                /// A plugin with the manifest that `#[plugin]` declares, whose state is built by
                /// its setup. Of a value that is ready already it is made by `from`.
                pub fn new() -> Self
                where
                    T: #root::Component,
                {
                    Self::component((T::MANIFEST)())
                }

                /// A plugin of a value that is ready already. It cannot be made anew, so this
                /// plugin cannot be reloaded; [`component`](Self::component) can.
                pub fn value(manifest: #root::Manifest, value: ::std::sync::Arc<T>) -> Self {
                    Self(#root::Instance::value(manifest, value))
                }

                /// A plugin whose state is built by its setup.
                pub fn component(manifest: #root::Manifest) -> Self
                where
                    T: #root::Component,
                {
                    Self(#root::Instance::component(manifest))
                }
            }

            /// A plugin of a value that is ready already, with the manifest that `#[plugin]`
            /// declares.
            impl<T: #author> ::core::convert::From<T> for #name<T> {
                fn from(value: T) -> Self {
                    Self::value((T::MANIFEST)(), ::std::sync::Arc::new(value))
                }
            }

            impl<T> ::core::fmt::Debug for #name<T> {
                fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    ::core::fmt::Debug::fmt(&self.0, f)
                }
            }

            impl<T: #author> #root::Plugin for #name<T> {
                fn manifest(&self) -> &#root::Manifest {
                    self.0.manifest()
                }

                fn hooks(&self) -> &[#root::HookName] {
                    T::HOOKS
                }

                fn setup<'a>(
                    &'a self,
                    context: &'a #root::Context,
                ) -> #root::BoxFuture<'a, Result<(), #root::Fault>> {
                    self.0.setup(context)
                }

                fn call<'a>(&'a self, call: #root::Call<'a>) -> #root::HookFuture<'a> {
                    let plugin = match self.0.ready() {
                        Ok(plugin) => plugin,
                        Err(fault) => return #root::HookFuture::Ready(Err(fault)),
                    };
                    match call.hook().as_str() {
                        #(#arms)*
                        _ => #private::other(plugin, T::ON, call),
                    }
                }

                fn subscriptions(&self) -> #private::Subscriptions {
                    #private::subscriptions(T::ON)
                }

                #matches

                fn health(&self) -> #root::BoxFuture<'_, #root::Health> {
                    self.0.health()
                }

                fn on_config_change<'a>(
                    &'a self,
                    config: &'a #private::Config,
                ) -> #root::BoxFuture<'a, Result<#root::Reconfigured, #root::Fault>> {
                    self.0.on_config_change(config)
                }

                fn quiesce(&self) -> #root::BoxFuture<'_, Result<(), #root::Fault>> {
                    self.0.quiesce()
                }

                fn resume(&self) -> #root::BoxFuture<'_, Result<(), #root::Fault>> {
                    self.0.resume()
                }

                fn teardown(
                    &self,
                ) -> #root::BoxFuture<'_, Result<#root::Teardown, #root::Fault>> {
                    self.0.teardown()
                }
            }
        }
    }

    fn arm(&self, view: &HookView<'_>, author: &str) -> TokenStream {
        let (root, private) = (&self.root, &self.private);
        let (hook, method) = (view.hook.name.as_str(), names::ident(&view.method));
        let author = names::ident(author);
        let (input, _) = self.in_and_out(view);
        let reply = match view.hook.dispatch {
            DispatchClass::BroadcastNotify => quote!(#private::told),
            DispatchClass::Chain => quote!(#private::flow),
            _ => quote!(#private::reply),
        };
        // Whoever dispatches a deprecated hook was warned where it is called.
        let deprecated = view
            .hook
            .deprecated
            .is_some()
            .then(|| quote!(#[allow(deprecated, reason = "its caller was warned")]));
        match view.hook.mode {
            Mode::Sync => quote! {
                #deprecated
                #hook => #root::HookFuture::Ready(call.input.typed::<#input>().and_then(|input| {
                    #author::#method(plugin, &call.context, &input).map(#reply)
                })),
            },
            Mode::Async => quote! {
                #deprecated
                #hook => #root::HookFuture::boxed(async move {
                    let input = call.input.typed::<#input>()?;
                    #author::#method(plugin, &call.context, &input).await.map(#reply)
                }),
            },
        }
    }

    fn matches(&self, kind: &KindView<'_>) -> TokenStream {
        let (root, author) = (&self.root, names::ident(&kind.author));
        let arms: Vec<TokenStream> = kind
            .hooks
            .iter()
            .filter_map(|view| {
                let (hook, matches) =
                    (view.hook.name.as_str(), names::ident(view.matches.as_ref()?));
                let (input, _) = self.in_and_out(view);
                Some(quote! {
                    #hook => call.input.typed::<#input>().map_or(true, |input| {
                        #author::#matches(plugin, &call.context, &input)
                    }),
                })
            })
            .collect();
        if arms.is_empty() {
            return TokenStream::new();
        }
        quote! {
            // A plugin that is not ready, or cannot read the input, says so when it is called.
            fn matches(&self, call: &#root::Call<'_>) -> bool {
                let Ok(plugin) = self.0.ready() else { return true };
                match call.hook().as_str() {
                    #(#arms)*
                    _ => true,
                }
            }
        }
    }
}
