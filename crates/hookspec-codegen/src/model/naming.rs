//! What types are called: stable names, that do not change when a hook or a field is added.
//!
//! A document's own type is called by its title, a definition by its key, and everything inside by
//! what it is in, so that a name says where to look. Of two definitions with one key each carries
//! its document's name in front, whichever comes first.

use std::collections::BTreeMap;

use super::TypeId;
use crate::names::{self, Scope};

/// How a type is named.
#[derive(Clone, Debug)]
pub(super) enum Naming {
    /// The type of a document: its title, or its file.
    Root { title: Option<String>, file: String },
    /// A definition: its key, and the document it stands in.
    Definition { key: String, file: String },
    /// A part of another type.
    Part { of: TypeId, path: String },
}

impl Naming {
    /// The name of something inside, where what it is in has no type.
    pub(super) fn with(&self, suffix: &str) -> Self {
        let join = |text: &str| format!("{text} {suffix}");
        match self {
            Self::Root { title, file } => {
                Self::Root { title: title.as_deref().map(join), file: join(file) }
            }
            Self::Definition { key, file } => {
                Self::Definition { key: join(key), file: file.clone() }
            }
            Self::Part { of, path } => Self::Part { of: *of, path: join(path) },
        }
    }
}

/// A title that is short enough to be a name.
pub(super) fn short_title(title: &str) -> Option<String> {
    let short = title.split_whitespace().count() <= 4 && title.chars().count() <= 40;
    (short && title.chars().any(char::is_alphabetic)).then(|| title.to_owned())
}

/// A name for each type; parts come after what they are in.
pub(super) fn names(namings: &[Naming], reserved: &[&str]) -> Vec<String> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    for short in namings.iter().filter_map(short) {
        *uses.entry(short).or_default() += 1;
    }
    let mut scope = Scope::with(reserved);
    let mut names = vec![String::new(); namings.len()];
    let mut give = |id: usize, name: String, names: &mut Vec<String>| {
        let name = if reserved.contains(&name.as_str()) { format!("{name}Payload") } else { name };
        names[id] = scope.take(name, "");
    };
    for (id, naming) in namings.iter().enumerate() {
        let alone = short(naming).filter(|short| uses.get(short) == Some(&1));
        let name = match (naming, alone) {
            (Naming::Part { .. }, _) => continue,
            (_, Some(short)) => short,
            (Naming::Root { file, .. }, None) => names::type_name(file),
            (Naming::Definition { key, file }, None) => names::type_name(&format!("{file} {key}")),
        };
        give(id, name, &mut names);
    }
    for (id, naming) in namings.iter().enumerate() {
        if let Naming::Part { of, path } = naming {
            let outer = names.get(*of).map_or("", String::as_str);
            let name = names::type_name(&format!("{outer} {path}"));
            give(id, name, &mut names);
        }
    }
    names
}

fn short(naming: &Naming) -> Option<String> {
    match naming {
        Naming::Root { title, file } => Some(names::type_name(title.as_ref().unwrap_or(file))),
        Naming::Definition { key, .. } => Some(names::type_name(key)),
        Naming::Part { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(title: &str, file: &str) -> Naming {
        Naming::Root { title: short_title(title), file: file.to_owned() }
    }

    fn definition(key: &str, file: &str) -> Naming {
        Naming::Definition { key: key.to_owned(), file: file.to_owned() }
    }

    #[test]
    fn names_do_not_depend_on_what_comes_first() {
        let first = names(&[definition("Item", "a"), definition("Item", "b")], &[]);
        assert_eq!(first, ["AItem", "BItem"]);
        let second = names(&[definition("Item", "b"), definition("Item", "a")], &[]);
        assert_eq!(second, ["BItem", "AItem"]);
    }

    #[test]
    fn parts_are_named_by_what_they_are_in() {
        let part = Naming::Part { of: 0, path: "capabilities".into() };
        let named = names(&[root("File", "file"), part.clone(), part.with("item")], &[]);
        assert_eq!(named, ["File", "FileCapabilities", "FileCapabilitiesItem"]);
    }

    #[test]
    fn reserved_names_and_long_titles_are_avoided() {
        assert_eq!(names(&[root("Tool", "tools")], &["Tool"]), ["ToolPayload"]);
        let long = root("Everything there is to say about one tool", "tools");
        assert_eq!(names(&[long], &[]), ["Tools"]);
        assert_eq!(names(&[root("🎉", "🎉")], &[]), ["Payload"]);
    }
}
