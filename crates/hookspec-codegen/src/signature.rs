//! [`Signature`]: what an author writes for a hook, for whoever writes a first version of it.

use hookspec_spec::{DispatchClass, Kind, Mode};

use crate::{hooks, model, names};

/// The method of a hook on the trait that authors implement, and its counterpart for callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The author's method.
    pub method: String,
    /// Whether it is `async fn`.
    pub is_async: bool,
    /// What its input is called.
    pub parameter: &'static str,
    /// The type of its input, in the module of the kind; `None` for arbitrary JSON.
    pub input: Option<String>,
    /// The type of its answer; `None` for arbitrary JSON. Of a chain the same as its input; of a
    /// notification there is none, and this says nothing.
    pub output: Option<String>,
    /// The typed callers' method.
    pub call: String,
}

/// One signature per hook, in the order of the kind.
pub fn signatures(kind: &Kind) -> Vec<Signature> {
    let (view, documents) = hooks::view(kind);
    let model = model::translate::translate(&documents, &view.reserved());
    let payload = |root: usize| {
        let id = model.roots.get(root)?.payload?;
        Some(names::ident(&model.types.get(id)?.name).to_string())
    };
    let signature = |hook: &hooks::HookView<'_>| Signature {
        method: names::ident(&hook.method).to_string(),
        is_async: hook.hook.mode == Mode::Async,
        parameter: if hook.hook.dispatch == DispatchClass::Chain { "value" } else { "input" },
        input: payload(hook.input),
        output: payload(hook.output),
        call: names::ident(&hook.call.plain).to_string(),
    };
    view.hooks.iter().map(signature).collect()
}
