//! What a method with `#[on]` takes.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{
    Error, FnArg, GenericParam, ImplItemFn, Receiver, ReceiverKind, ReturnType, Type, TypeReference,
};

const SHAPE: &str = "a method with #[on] is `async fn name(&self, ctx: &CallContext<'_>, event: \
                     &Event) -> Result<(), Fault>`, with `data: &YourType` after the event if it \
                     wants the data typed";

/// What is to be known of the method to call it.
pub(crate) struct Signature {
    pub(crate) asynchronous: bool,
    /// The type of the data, if the method wants it typed.
    pub(crate) data: Option<Type>,
    /// Where the type of its answer stands.
    pub(crate) answer: Span,
}

pub(crate) fn signature(method: &ImplItemFn) -> Result<Signature, Error> {
    let (own, name) = (&method.sig, method.sig.ident.span());
    let wrong = |at: Span, what: &str| Err(Error::new(at, format!("{what}: {SHAPE}")));
    if let Some(unknown) = own.generics.params.iter().find(|each| !is_lifetime(each)) {
        return wrong(unknown.span(), "what calls it knows no types to fill in");
    }
    let mut given = own.inputs.iter();
    match given.next() {
        Some(FnArg::Receiver(this)) if is_shared(this) => {}
        Some(FnArg::Receiver(this)) => {
            return wrong(this.span(), "many events are handled at once, by `&self`");
        }
        _ => return wrong(name, "it belongs to the plugin, so it takes `&self`"),
    }
    let context = given.next().and_then(reference);
    if !context.is_some_and(|context| is_named(context, "CallContext")) {
        return wrong(place(own.inputs.iter().nth(1), name), "`&CallContext<'_>` comes first");
    }
    let event = given.next().and_then(reference);
    if !event.is_some_and(|event| is_named(event, "Event")) {
        return wrong(place(own.inputs.iter().nth(2), name), "`&Event` comes second");
    }
    let data = match given.next() {
        None => None,
        Some(argument) => match reference(argument) {
            Some(data) => Some((*data.elem).clone()),
            None => return wrong(argument.span(), "the data is shared, so it is a `&`"),
        },
    };
    if let Some(more) = given.next() {
        return wrong(more.span(), "there is nothing more to hand over");
    }
    let ReturnType::Type(_, answer) = &own.output else {
        return wrong(name, "it answers a `Result`");
    };
    Ok(Signature { asynchronous: own.asyncness.is_some(), data, answer: answer.span() })
}

fn is_shared(this: &Receiver) -> bool {
    matches!(this.kind, ReceiverKind::Reference(_, _, None))
}

fn is_lifetime(parameter: &GenericParam) -> bool {
    matches!(parameter, GenericParam::Lifetime(_))
}

fn reference(argument: &FnArg) -> Option<&TypeReference> {
    let FnArg::Typed(argument) = argument else { return None };
    match &*argument.ty {
        Type::Reference(reference) if reference.mutability.is_none() => Some(reference),
        _ => None,
    }
}

fn is_named(reference: &TypeReference, name: &str) -> bool {
    let Type::Path(path) = &*reference.elem else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == name)
}

fn place(argument: Option<&FnArg>, otherwise: Span) -> Span {
    argument.map_or(otherwise, Spanned::span)
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn read(tokens: proc_macro2::TokenStream) -> Result<Signature, String> {
        signature(&syn::parse2(tokens).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_cannot_be_called_is_said() {
        let rows = [
            (
                quote!(
                    fn a(ctx: &CallContext<'_>, event: &Event) -> R {}
                ),
                "takes `&self`",
            ),
            (
                quote!(
                    fn a() -> R {}
                ),
                "takes `&self`",
            ),
            (
                quote!(
                    fn a(&mut self, ctx: &CallContext<'_>, event: &Event) -> R {}
                ),
                "by `&self`",
            ),
            (
                quote!(
                    fn a(self, ctx: &CallContext<'_>, event: &Event) -> R {}
                ),
                "by `&self`",
            ),
            (
                quote!(
                    fn a<T>(&self, ctx: &CallContext<'_>, event: &Event) -> R {}
                ),
                "no types",
            ),
            (
                quote!(
                    fn a(&self) -> R {}
                ),
                "comes first",
            ),
            (
                quote!(
                    fn a(&self, event: &Event) -> R {}
                ),
                "comes first",
            ),
            (
                quote!(
                    fn a(&self, ctx: CallContext<'_>, event: &Event) -> R {}
                ),
                "comes first",
            ),
            (
                quote!(
                    fn a(&self, ctx: &CallContext<'_>) -> R {}
                ),
                "comes second",
            ),
            (
                quote!(
                    fn a(&self, ctx: &CallContext<'_>, data: &Own) -> R {}
                ),
                "comes second",
            ),
            (
                quote!(
                    fn a(&self, ctx: &CallContext<'_>, event: &Event, d: D) -> R {}
                ),
                "is a `&`",
            ),
            (
                quote!(
                    fn a(&self, c: &CallContext<'_>, e: &Event, d: &mut D) -> R {}
                ),
                "is a `&`",
            ),
            (
                quote!(
                    fn a(&self, c: &CallContext<'_>, e: &Event, d: &D, f: &F) -> R {}
                ),
                "nothing more",
            ),
            (
                quote!(
                    fn a(&self, ctx: &CallContext<'_>, event: &Event) {}
                ),
                "a `Result`",
            ),
        ];
        for (tokens, expected) in rows {
            let error = read(tokens).err().unwrap();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_method_takes_the_event_and_may_take_its_data() {
        let plain = quote!(
            fn a(&self, _: &CallContext<'_>, _: &hookspec::Event) -> R {}
        );
        let plain = read(plain).unwrap();
        assert!(!plain.asynchronous && plain.data.is_none());
        let typed = quote!(
            async fn a(&self, _: &CallContext<'_>, _: &Event, d: &Own<u8>) -> R {}
        );
        let typed = read(typed).unwrap();
        assert!(typed.asynchronous && typed.data.is_some());
    }
}
