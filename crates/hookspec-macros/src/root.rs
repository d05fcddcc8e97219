//! Which crate the written code names.

use proc_macro2::Span;
use syn::{Ident, Path, PathSegment};

/// The crate that says what a plugin is, as the user's crate names it.
#[derive(Clone)]
pub(crate) struct Root(pub(crate) Path);

impl Default for Root {
    fn default() -> Self {
        Self(absolute("hookspec"))
    }
}

impl Root {
    /// As the generator takes it.
    pub(crate) fn text(&self) -> String {
        let segments: Vec<_> =
            self.0.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let colons = if self.0.leading_colon.is_some() { "::" } else { "" };
        format!("{colons}{}", segments.join("::"))
    }

    /// Whether it is the front door, which has the dispatchers too.
    pub(crate) fn is_front_door(&self) -> bool {
        self.text().trim_start_matches("::") == "hookspec"
    }
}

fn absolute(name: &str) -> Path {
    let segment = PathSegment::from(Ident::new(name, Span::call_site()));
    let mut path = Path::from(segment);
    path.leading_colon = Some(syn::Token![::](Span::call_site()));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_front_door_is_the_default() {
        assert_eq!(Root::default().text(), "::hookspec");
        assert!(Root::default().is_front_door());
        let other = Root(syn::parse_str("::hookspec_plugin").unwrap());
        assert_eq!((other.text().as_str(), other.is_front_door()), ("::hookspec_plugin", false));
    }
}
