//! From the names of schemas and hooks to Rust identifiers.
//!
//! Every text leads to an identifier, always to the same one: characters that identifiers cannot
//! hold separate words, keywords get a mark, what begins with a digit gets an underscore, and of
//! two names that come out alike the later one gets a number.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// Keywords that `r#` makes identifiers of.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "unsized", "use",
    "virtual", "where", "while", "yield",
];

/// Keywords that nothing makes identifiers of.
const NEVER: &[&str] = &["self", "Self", "super", "crate", "_"];

/// Types that generated code names without a path.
const TYPES: &[&str] = &[
    "Arc",
    "BTreeMap",
    "Box",
    "Call",
    "CallContext",
    "Caller",
    "Clone",
    "Copy",
    "Debug",
    "Default",
    "Display",
    "Eq",
    "Err",
    "Fault",
    "Flow",
    "From",
    "Hash",
    "HookName",
    "Into",
    "Map",
    "Never",
    "None",
    "Ok",
    "Option",
    "Ord",
    "PartialEq",
    "PartialOrd",
    "Result",
    "Self",
    "Send",
    "Some",
    "String",
    "Sync",
    "ToString",
    "Value",
    "Vec",
];

/// The name of a field, a method or a parameter.
pub(crate) fn value(text: &str) -> String {
    let name = mended(&words(text).to_snake_case(), "field");
    if NEVER.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// The name of a type.
pub(crate) fn type_name(text: &str) -> String {
    let name = mended(&words(text).to_upper_camel_case(), "Payload");
    if TYPES.contains(&name.as_str()) { format!("{name}Type") } else { name }
}

/// The name of an enum's variant.
pub(crate) fn variant(text: &str) -> String {
    let name = mended(&words(text).to_upper_camel_case(), "Variant");
    if NEVER.contains(&name.as_str()) { format!("{name}_") } else { name }
}

/// The identifier of a name that this module made.
pub(crate) fn ident(name: &str) -> Ident {
    if KEYWORDS.contains(&name) {
        Ident::new_raw(name, Span::call_site())
    } else {
        Ident::new(name, Span::call_site())
    }
}

fn words(text: &str) -> String {
    text.chars().map(|c| if is_part(c) { c } else { ' ' }).collect()
}

/// What `syn` and the compiler take inside an identifier. Letters that only look like others, or
/// that compose with them, would make two names of one.
fn is_part(c: char) -> bool {
    c.is_alphanumeric() && syn::parse_str::<Ident>(&format!("x{c}")).is_ok() && is_stable(c)
}

/// Whether normalisation (NFC), which the compiler applies to identifiers, leaves it alone: true of
/// ASCII and of the scripts whose letters stand for themselves.
fn is_stable(c: char) -> bool {
    matches!(c,
        '\0'..='\u{7f}'                 // ASCII
        | '\u{c0}'..='\u{24f}'          // Latin
        | '\u{370}'..='\u{3ff}'         // Greek
        | '\u{400}'..='\u{52f}'         // Cyrillic
        | '\u{531}'..='\u{587}'         // Armenian
        | '\u{5d0}'..='\u{5ea}'         // Hebrew
        | '\u{620}'..='\u{64a}'         // Arabic
        | '\u{3041}'..='\u{30ff}'       // Kana
        | '\u{4e00}'..='\u{9fff}'       // Han
        | '\u{ac00}'..='\u{d7a3}'       // Hangul
    )
}

fn mended(name: &str, nothing: &str) -> String {
    match name.chars().next() {
        None => nothing.to_owned(),
        Some(_) if syn::parse_str::<Ident>(name).is_ok() || is_keyword(name) => name.to_owned(),
        Some(_) => {
            let name = format!("_{name}");
            // What cannot begin an identifier follows an underscore; anything else is no name.
            if syn::parse_str::<Ident>(&name).is_ok() { name } else { nothing.to_owned() }
        }
    }
}

fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name) || NEVER.contains(&name)
}

/// Names of one scope, each given once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope(BTreeSet<String>);

impl Scope {
    pub(crate) fn with(taken: &[&str]) -> Self {
        Self(taken.iter().map(|name| (*name).to_owned()).collect())
    }

    /// The name itself, or, where it is taken, the first of `name_2`, `name_3`... that is not.
    pub(crate) fn take(&mut self, name: String, separator: &str) -> String {
        let mut free = name.clone();
        let mut number = 2;
        while !self.0.insert(free.clone()) {
            let separator = if name.ends_with('_') { "" } else { separator };
            free = format!("{name}{separator}{number}");
            number += 1;
        }
        free
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_has_a_name() {
        let rows = [
            ("request_id", "request_id", "RequestId"),
            ("requestID", "request_id", "RequestId"),
            ("type", "type", "Type"),
            ("self", "self_", "SelfType"),
            ("3d", "_3d", "_3d"),
            ("", "field", "Payload"),
            ("🎉", "field", "Payload"),
            ("имя файла", "имя_файла", "ИмяФайла"),
            ("$ref", "ref", "Ref"),
            ("a-b/c", "a_b_c", "ABC"),
            ("string", "string", "StringType"),
            ("_", "field", "Payload"),
        ];
        for (text, field, of_type) in rows {
            assert_eq!(
                (value(text).as_str(), type_name(text).as_str()),
                (field, of_type),
                "{text}"
            );
            let _ = (ident(field), ident(of_type), ident(&variant(text)));
        }
    }

    #[test]
    fn the_later_of_two_equal_names_gets_a_number() {
        let mut scope = Scope::default();
        let names = ["a_b", "a b", "a-b"].map(|text| scope.take(value(text), "_"));
        assert_eq!(names, ["a_b", "a_b_2", "a_b_3"]);
    }
}
