//! The media type of a file by its name: what plugins support by type rather than by extension.
//!
//! Absent on purpose: a look inside. That is what plugins are for.

use std::path::Path;

const TYPES: &[(&str, &str)] = &[
    ("application/json", "json geojson har ipynb map webmanifest"),
    ("application/pdf", "pdf"),
    ("application/toml", "toml"),
    ("application/yaml", "yaml yml"),
    ("image/jpeg", "jpeg jpg"),
    ("image/png", "png"),
    ("text/html", "htm html"),
    ("text/markdown", "markdown md mdown mkd"),
    ("text/plain", "log text txt"),
    ("text/x-rust", "rs"),
];

/// The media type, where the extension says one.
pub(crate) fn of(path: &Path) -> Option<&'static str> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    let known = |(_, all): &&(&str, &str)| all.split(' ').any(|own| own == extension);
    TYPES.iter().find(known).map(|(media_type, _)| *media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_says_the_type_and_a_bare_name_does_not() {
        for (name, expected) in [
            ("a.GeoJSON", Some("application/json")),
            ("a.tar.mkd", Some("text/markdown")),
            ("json", None),
            (".json", None),
            ("a.", None),
            ("a.jso", None),
        ] {
            assert_eq!(of(Path::new(name)), expected, "{name}");
        }
    }
}
