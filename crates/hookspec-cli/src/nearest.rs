//! Which known name a text was probably meant to be.

/// The nearest of the known names, if it is near enough to be worth a suggestion.
pub(crate) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.6;
    // Beyond any name there is; and what is compared grows with both lengths.
    if text.len() > 200 {
        return None;
    }
    let text = text.to_lowercase().replace(['-', ' '], "_");
    let alike = |name: &&'a str| strsim::normalized_damerau_levenshtein(&text, name);
    known
        .into_iter()
        .map(|name| (alike(&name), name))
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .filter(|(alike, _)| *alike >= NEAR)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_is_near_and_nothing_else() {
        let known = ["file_processor", "query_rewriter", "tool"];
        assert_eq!(nearest("file-procesor", known), Some("file_processor"));
        assert_eq!(nearest("Tools", known), Some("tool"));
        assert_eq!(nearest("orchestrator", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
    }
}
