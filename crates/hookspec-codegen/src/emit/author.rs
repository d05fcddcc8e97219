//! The trait that a plugin's author implements.

use hookspec_spec::{DispatchClass, Mode};
use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, doc_lines};
use crate::hooks::{HookView, KindView};
use crate::{docs, laws, names};

impl Emit<'_> {
    pub(super) fn author(&self, kind: &KindView<'_>) -> TokenStream {
        let (name, plugin) = (names::ident(&kind.author), names::ident(&kind.plugin));
        let (root, private) = (&self.root, &self.private);
        let kind_name = kind.kind.name.as_str();
        // Hooks come with minor versions: a plugin asks for no patch.
        let version = &kind.kind.api_version;
        let version = format!("{}.{}.0", version.major, version.minor);
        let mismatch = format!(
            "the manifest is of another kind: `{}` wants kind = \"{kind_name}\"",
            kind.author
        );
        let method_names = kind.hooks.iter().map(|view| {
            let (method, hook) = (view.method.as_str(), view.hook.name.as_str());
            quote!((#method, #hook))
        });
        let digests = kind.hooks.iter().map(|view| {
            let (hook, digest) = (view.hook.name.as_str(), view.hook.digest.as_str());
            quote!((#hook, #digest))
        });
        let documentation = kind_docs(kind);
        let methods = kind.hooks.iter().map(|hook| self.author_method(hook));
        let label = format!("`{{Self}}` is no `{}` plugin", kind.kind.name);
        let note =
            format!("implement `{}` for it, with `#[plugin(...)]` above the `impl`", kind.author);
        quote! {
            #documentation
            #[diagnostic::on_unimplemented(message = #label, note = #note)]
            #[#private::async_trait]
            pub trait #name: Sized + Send + Sync + 'static {
                /// The hooks that are implemented: written by the macro on the `impl`.
                #[doc(hidden)]
                const HOOKS: &'static [#root::HookName];

                /// The manifest of the plugin: written by the macro likewise.
                #[doc(hidden)]
                const MANIFEST: fn() -> #root::Manifest;

                /// The methods with `#[on]`: written by the macro likewise.
                #[doc(hidden)]
                const ON: &'static [#private::On<Self>] = &[];

                /// What the macro goes by.
                #[doc(hidden)]
                const KIND: &'static #private::Kind = &#private::Kind {
                    name: #kind_name,
                    version: #version,
                    mismatch: #mismatch,
                    methods: &[#(#method_names),*],
                    digests: &[#(#digests),*],
                };

                /// The plugin around an instance.
                #[doc(hidden)]
                const PLUGIN: fn(#root::Instance<Self>) -> ::std::sync::Arc<dyn #root::Plugin> =
                    |instance| ::std::sync::Arc::new(#plugin(instance));

                #(#methods)*
            }
        }
    }

    fn author_method(&self, view: &HookView<'_>) -> TokenStream {
        let (hook, method) = (view.hook, names::ident(&view.method));
        let (input, _) = self.in_and_out(view);
        let answer = self.author_answer(view);
        let parameter = parameter(view);
        let documentation = method_docs(view);
        let deprecated = hook.deprecated.as_ref().map(|instead| {
            let instead: String = instead.chars().map(docs::visible).collect();
            quote! { #[deprecated(note = #instead)] }
        });
        let asynchronous = (hook.mode == Mode::Async).then(|| quote!(async));
        let private = &self.private;
        let body = if hook.required {
            quote!(;)
        } else {
            let name = hook.name.as_str();
            quote! {{
                let _ = (ctx, #parameter);
                Err(#private::not_implemented(#name))
            }}
        };
        let matches = view.matches.as_ref().map(|matches| {
            let matches = names::ident(matches);
            let narrows = doc_lines(&docs::lines(&format!(
                "Whether this plugin takes an input of `{}` that its manifest does not rule out; \
                 it only narrows (CAPABILITY-3).",
                hook.name
            )));
            quote! {
                #narrows
                fn #matches(&self, ctx: &CallContext<'_>, #parameter: &#input) -> bool {
                    let _ = (ctx, #parameter);
                    true
                }
            }
        });
        quote! {
            #documentation
            #deprecated
            #asynchronous fn #method(&self, ctx: &CallContext<'_>, #parameter: &#input) -> #answer #body
            #matches
        }
    }

    fn author_answer(&self, view: &HookView<'_>) -> TokenStream {
        let (input, output) = self.in_and_out(view);
        match view.hook.dispatch {
            DispatchClass::BroadcastNotify => quote!(Result<(), Fault>),
            DispatchClass::Chain => quote!(Result<Flow<#input>, Fault>),
            DispatchClass::BroadcastCollect
            | DispatchClass::Singleton
            | DispatchClass::Capability => quote!(Result<#output, Fault>),
        }
    }
}

/// What the author's method calls its input.
fn parameter(view: &HookView<'_>) -> proc_macro2::Ident {
    names::ident(match view.hook.dispatch {
        DispatchClass::Chain => "value",
        _ => "input",
    })
}

fn kind_docs(kind: &KindView<'_>) -> TokenStream {
    let mut lines = match &kind.kind.description {
        Some(text) => docs::lines(text),
        None => Vec::new(),
    };
    if lines.is_empty() {
        lines = docs::lines(&format!("Plugins of the kind `{}`.", kind.kind.name));
    }
    let rest = format!(
        "The kind `{}`, version {}. Implement the hooks you want and leave out the others: \
         `#[plugin(...)]` above the `impl` lists those that are there.",
        kind.kind.name, kind.kind.api_version
    );
    lines.push(String::new());
    lines.extend(docs::lines(&rest));
    doc_lines(&lines)
}

fn method_docs(view: &HookView<'_>) -> TokenStream {
    let hook = view.hook;
    let mut lines = hook.description.as_deref().map(docs::lines).unwrap_or_default();
    if lines.is_empty() {
        lines = docs::lines(&format!("The hook `{}`.", hook.name));
    }
    let mut facts = vec![laws::sentence(hook)];
    match hook.timeout {
        Some(timeout) => facts.push(format!(
            "The whole dispatch ends after {} ms (DEADLINE-1).",
            timeout.as_millis()
        )),
        None => facts.push("The host's default bounds the whole dispatch (DEADLINE-1).".into()),
    }
    if let Some(event) = &hook.event {
        let event = docs::code(event.as_str());
        facts.push(format!("It is called for the events {event}, with the data of each."));
    }
    if hook.idempotent {
        facts.push("Calling it twice is the same as calling it once.".into());
    }
    if let Some(writable) = &hook.writable {
        let list: Vec<_> = writable.iter().map(|pointer| docs::code(pointer)).collect();
        let list = if list.is_empty() { "nothing".into() } else { list.join(", ") };
        facts.push(format!("A link may change {list} (CHAIN-5)."));
    }
    if let Some(since) = &hook.since {
        facts.push(format!("Since {}.", docs::code(since)));
    }
    if hook.required {
        facts.push("Every plugin of the kind implements it.".into());
    }
    lines.push(String::new());
    lines.extend(docs::lines(&facts.join(" ")));
    lines.push(String::new());
    lines.push("# Errors".into());
    lines.extend(docs::lines("Whatever keeps the plugin from answering; the caller is told."));
    doc_lines(&lines)
}
