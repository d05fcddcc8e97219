//! The text of a generated module: its header, and the items in a readable form.

use std::fmt;
use std::fmt::Write as _;

use hookspec_spec::Kind;
use proc_macro2::TokenStream;
use syn::{File, Item};

use crate::docs;
use crate::model::{Model, Note};
use crate::names;
use crate::options::Options;

/// A remark on a place in a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// The schema file, as seen from the hookspec.
    pub schema: String,
    /// JSON pointer into it.
    pub pointer: String,
    /// What is to be said.
    pub reason: String,
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}: {}", self.schema, self.pointer, self.reason)
    }
}

/// The Rust name of a type that a text stands for: of a kind, the author's trait.
pub fn type_name(text: &str) -> String {
    names::type_name(text)
}

/// The Rust name of a module that a text stands for: of a kind, the one that holds its source.
pub fn module_name(text: &str) -> proc_macro2::Ident {
    names::ident(&names::value(text))
}

/// What became `Value`, and what nothing checks.
pub(crate) fn remarks(model: &Model) -> (Vec<Remark>, Vec<Remark>) {
    let all = |of: fn(&crate::model::Root) -> &[Note]| {
        let roots = model.roots.iter();
        roots
            .flat_map(|root| {
                of(root).iter().map(|note| Remark {
                    schema: root.label.clone(),
                    pointer: note.pointer.clone(),
                    reason: note.reason.clone(),
                })
            })
            .collect()
    };
    (all(|root| &root.kept), all(|root| &root.unchecked))
}

pub(crate) fn header(kind: &Kind, model: &Model, options: &Options) -> String {
    let mut out = String::new();
    let visible = |text: &str| -> String {
        text.chars().map(|c| if c == '\n' { ' ' } else { docs::visible(c) }).collect()
    };
    let (kept, unchecked) = remarks(model);
    // Writing to a text cannot fail.
    let _ = writeln!(out, "// @generated from {}/v{}.yaml", kind.name, kind.major());
    for root in &model.roots {
        let _ = writeln!(out, "//   {} {}", visible(&root.label), root.fingerprint);
    }
    let _ =
        writeln!(out, "// by `{}`. Do not edit: change the hookspec.", visible(&options.command));
    let list = |out: &mut String, title: &str, remarks: &[Remark]| {
        if remarks.is_empty() {
            return;
        }
        let _ = writeln!(out, "//\n// {title}:");
        for remark in remarks {
            let _ = writeln!(out, "//   {}", visible(&remark.to_string()));
        }
    };
    list(&mut out, "Kept as `serde_json::Value`", &kept);
    list(
        &mut out,
        "Not checked by the types; the host validates these payloads as JSON",
        &unchecked,
    );
    let _ = writeln!(
        out,
        "\n//! The kind `{}`, version {}: its payloads, its trait and its adapter.\n",
        kind.name, kind.api_version
    );
    out.push_str(
        "#![allow(\n    clippy::all, clippy::pedantic, unreachable_pub, non_camel_case_types, \
         non_snake_case,\n    reason = \"generated\"\n)]\n\n",
    );
    out
}

/// The items as `rustfmt` would more or less write them, with a line between any two.
pub(crate) fn format(tokens: &TokenStream) -> String {
    // What does not parse does not compile either, and the compiler says where.
    let Ok(file) = syn::parse2::<syn::File>(tokens.clone()) else { return tokens.to_string() };
    let mut out = String::new();
    let mut before = Joined::Apart;
    for item in file.items {
        let now = match &item {
            Item::Use(_) => Joined::Use,
            Item::Macro(_) => Joined::Macro,
            _ => Joined::Apart,
        };
        let apart = now == Joined::Apart || (now == Joined::Use && before != Joined::Use);
        if apart && !out.is_empty() {
            out.push('\n');
        }
        before = now;
        let file = File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
        out.push_str(&prettyplease::unparse(&file));
    }
    out
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Joined {
    Use,
    /// It belongs to the item before it.
    Macro,
    Apart,
}
