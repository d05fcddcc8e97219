//! [`Name`]: what may be the name of a crate and of a kind.

/// A name, as Cargo and as Rust spell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The crate in `Cargo.toml`.
    pub(super) package: String,
    /// The crate in Rust, and the kind.
    pub(super) ident: String,
}

/// Words of the language.
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];
/// Crates that are there already.
const TAKEN: [&str; 7] = ["alloc", "core", "hookspec", "proc_macro", "serde_json", "std", "test"];

impl Name {
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let ident = text.replace('-', "_");
        let shown = crate::text::clean(text);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let words = || ident.split('_');
        let is_plain = words().all(|word| !word.is_empty() && word.chars().all(plain));
        if !is_plain || !ident.starts_with(|c: char| c.is_ascii_lowercase()) || ident.len() > 64 {
            return Err(format!(
                "`{shown}` cannot be a name; use up to 64 lower-case letters, digits and `-`, \
                 starting with a letter"
            ));
        }
        if KEYWORDS.contains(&ident.as_str()) || TAKEN.contains(&ident.as_str()) {
            return Err(format!("`{shown}` means something else in Rust; choose another name"));
        }
        Ok(Self { package: text.to_owned(), ident })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_crates_and_of_kinds() {
        let name = Name::read("text-tools2").unwrap();
        assert_eq!((name.package.as_str(), name.ident.as_str()), ("text-tools2", "text_tools2"));
        for wrong in ["", "-a", "a-", "a--b", "2a", "Tool", "a b", "../a", "type", "std", "привет"]
        {
            assert!(Name::read(wrong).is_err(), "{wrong}");
        }
    }
}
