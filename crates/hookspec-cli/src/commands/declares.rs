//! What a plugin declares for capability dispatch, as people and as programs read it.

use hookspec_host::PluginSnapshot;
use serde_json::{Map, Value};

/// The fields, as the host names them, as programs find them, and as people read them.
const FIELDS: [(&str, &str, &str); 4] = [
    ("extension", "extensions", "files"),
    ("language", "languages", "languages"),
    ("mime_type", "mime_types", "MIME types"),
    ("capability", "capabilities", "capabilities"),
];

/// What a plugin of a snapshot declares, field by field.
pub(super) fn of(plugin: &PluginSnapshot) -> Vec<(&'static str, String)> {
    let own = [
        &plugin.supports_extensions,
        &plugin.supports_languages,
        &plugin.supports_mime_types,
        &plugin.capabilities,
    ];
    let fields = FIELDS.iter().zip(own);
    let each =
        fields.flat_map(|((field, ..), own)| own.iter().map(|value| (*field, value.clone())));
    each.collect()
}

/// `files .rs; capabilities symbols`: field by field, each with all its values.
pub(super) fn sentence(declares: &[(&'static str, String)]) -> String {
    let parts = FIELDS.iter().filter_map(|(field, _, title)| {
        let values: Vec<String> = values(declares, field)
            .map(|value| match *field {
                "extension" => format!(".{}", value.trim_start_matches('.')),
                _ => value.to_owned(),
            })
            .collect();
        (!values.is_empty()).then(|| format!("{title} {}", values.join(", ")))
    });
    parts.collect::<Vec<_>>().join("; ")
}

/// An object with a list for every field, also for those of which nothing is declared.
pub(super) fn object(declares: &[(&'static str, String)]) -> Value {
    let fields = FIELDS.iter().map(|(field, key, _)| {
        let values = values(declares, field).map(Value::from).collect();
        ((*key).to_owned(), Value::Array(values))
    });
    Value::Object(fields.collect::<Map<_, _>>())
}

fn values<'a>(
    declares: &'a [(&'static str, String)],
    field: &str,
) -> impl Iterator<Item = &'a str> {
    let own = declares.iter().filter(move |(name, _)| *name == field);
    own.map(|(_, value)| value.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_stand_together_and_empty_ones_are_for_programs_only() {
        let declares = [
            ("extension", "rs".to_owned()),
            ("extension", ".tar.gz".to_owned()),
            ("language", "rust".to_owned()),
            ("capability", "symbols".to_owned()),
        ];
        let text = "files .rs, .tar.gz; languages rust; capabilities symbols";
        assert_eq!(sentence(&declares), text);
        let expected = json!({
            "extensions": ["rs", ".tar.gz"],
            "languages": ["rust"],
            "mime_types": [],
            "capabilities": ["symbols"],
        });
        assert_eq!(object(&declares), expected);
        assert_eq!(sentence(&[]), "");
    }
}
