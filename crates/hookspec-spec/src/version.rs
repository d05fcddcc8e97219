//! [`CoreVersion`] and [`CoreRequirement`]: which hosts a plugin runs in.
//!
//! Manifests of the specification family come in two grammars: PEP 440 sets (`>=0.2,<0.3`) and
//! SemVer ranges (`^0.2`). A requirement is read as the first of the two that it is.

use std::fmt;
use std::str::FromStr;

use pep440_rs::VersionSpecifiers;

/// The version of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreVersion {
    text: String,
    pep440: pep440_rs::Version,
    semver: semver::Version,
}

impl CoreVersion {
    /// Reads a PEP 440 or SemVer version.
    ///
    /// # Errors
    /// A sentence that says what the text is not. Give a version such as `0.2.0`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let (pep440, semver) =
            match (pep440_rs::Version::from_str(trimmed), semver::Version::parse(trimmed)) {
                (Ok(pep440), Ok(semver)) => (pep440, semver),
                (Ok(pep440), Err(_)) => {
                    let semver = to_semver(&pep440);
                    (pep440, semver)
                }
                (Err(_), Ok(semver)) => (to_pep440(&semver), semver),
                (Err(_), Err(_)) => {
                    return Err(format!(
                        "`{}` is neither a PEP 440 nor a SemVer version; write one such as 0.2.0",
                        crate::document::shorten(trimmed)
                    ));
                }
            };
        Ok(Self { text: trimmed.to_owned(), pep440, semver })
    }
}

impl fmt::Display for CoreVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// Which host versions a plugin runs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoreRequirement {
    text: String,
    grammar: Grammar,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Grammar {
    Any,
    Pep440(VersionSpecifiers),
    Semver(semver::VersionReq),
}

impl CoreRequirement {
    /// Reads a PEP 440 set, else a SemVer range; an empty text accepts every version.
    ///
    /// # Errors
    /// A sentence that says what the text is not. Write a set such as `>=0.2,<0.3` or a range such
    /// as `^0.2`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let trimmed = text.trim();
        let grammar = if trimmed.is_empty() {
            Grammar::Any
        } else if let Ok(set) = VersionSpecifiers::from_str(trimmed) {
            Grammar::Pep440(set)
        } else if let Ok(range) = semver::VersionReq::parse(&with_commas(trimmed)) {
            Grammar::Semver(range)
        } else {
            return Err(format!(
                "`{}` is neither a PEP 440 set such as \">=0.2,<0.3\" nor a SemVer range \
                 such as \"^0.2\"",
                crate::document::shorten(trimmed)
            ));
        };
        Ok(Self { text: trimmed.to_owned(), grammar })
    }

    /// Whether a host of that version will do.
    pub fn matches(&self, version: &CoreVersion) -> bool {
        match &self.grammar {
            Grammar::Any => true,
            Grammar::Pep440(set) => set.contains(&version.pep440),
            Grammar::Semver(range) => range.matches(&version.semver),
        }
    }
}

impl fmt::Display for CoreRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

/// npm separates comparators by blanks (`>=0.3 <1.0`), Cargo by commas.
fn with_commas(text: &str) -> String {
    let mut out = String::new();
    for part in text.split_whitespace() {
        let continues = out.ends_with(|last: char| "<>=~^,".contains(last)) || out.is_empty();
        if !continues && part.starts_with(|first: char| "<>=~^".contains(first)) {
            out.push(',');
        }
        if !continues && part.starts_with(|first: char| first.is_ascii_digit() || first == '*') {
            // Two versions side by side are no range; keep the blank so that parsing fails.
            out.push(' ');
        }
        out.push_str(part);
    }
    out
}

fn to_semver(version: &pep440_rs::Version) -> semver::Version {
    let part = |index: usize| version.release().get(index).copied().unwrap_or_default();
    let mut semver = semver::Version::new(part(0), part(1), part(2));
    if version.any_prerelease() {
        let tail = match (version.pre(), version.dev()) {
            (Some(pre), _) => format!("{}.{}", pre.kind, pre.number),
            (None, Some(dev)) => format!("dev.{dev}"),
            (None, None) => String::new(),
        };
        // A tail of letters and digits is always a SemVer pre-release; none is the safe reading.
        semver.pre = semver::Prerelease::new(&tail).unwrap_or_default();
    }
    semver
}

fn to_pep440(version: &semver::Version) -> pep440_rs::Version {
    let plain = pep440_rs::Version::new([version.major, version.minor, version.patch]);
    // PEP 440 has no names of one's own for pre-releases; what comes before a release is `dev`.
    if version.pre.is_empty() { plain } else { plain.with_dev(Some(0)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(requirement: &str, version: &str) -> bool {
        let requirement = CoreRequirement::parse(requirement).unwrap();
        requirement.matches(&CoreVersion::parse(version).unwrap())
    }

    #[test]
    fn both_grammars_are_read() {
        let rows = [
            (">=0.1.0,<1.0.0", "0.2.0", true),
            (">=0.3.0,<1.0.0", "0.2.0", false),
            ("==0.2.*", "0.2.0", true),
            (">=1.0", "0.2.0", false),
            ("!=0.2.0", "0.2.0", false),
            ("~=0.2.0", "0.2.9", true),
            ("", "0.2.0", true),
            ("^0.2", "0.2.0", true),
            ("^0.2.0", "0.2.1", true),
            ("^99.0.0", "0.2.0", false),
            ("~1.2", "1.2.9", true),
            ("~1.2", "1.3.0", false),
            (">=0.3 <1.0", "0.2.0", false),
            (">= 0.1 < 1.0", "0.2.0", true),
            ("0.2.0", "0.2.5", true),
            ("0.2.0", "0.3.0", false),
            ("*", "0.2.0", true),
            ("<0.3.0", "0.3.0rc1", false),
            ("^0.3.0", "0.3.0-nightly", false),
        ];
        for (requirement, version, expected) in rows {
            assert_eq!(matches(requirement, version), expected, "{requirement} on {version}");
        }
    }

    #[test]
    fn what_is_neither_says_so() {
        for text in ["not-a-version-spec", ">=", "1 2", "||", "=>1"] {
            let error = CoreRequirement::parse(text).unwrap_err();
            assert!(error.contains("PEP 440") && error.contains(text), "{error}");
        }
        assert!(CoreVersion::parse("garbage").is_err());
        assert!(CoreVersion::parse("").is_err());
        assert_eq!(CoreVersion::parse(" 0.3.0rc1 ").unwrap().to_string(), "0.3.0rc1");
    }
}
