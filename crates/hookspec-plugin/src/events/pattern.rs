//! [`Pattern`]: which types of events somebody means (EVENT-1).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::event_type::segment_mistake;

/// Which types of events somebody means: segments that stand for themselves, `*` for exactly one
/// segment, and at the end `**` for one or more.
///
/// ```
/// # use hookspec_plugin::Pattern;
/// let pattern = Pattern::parse("deploy.*.completed")?;
/// assert!(pattern.matches("deploy.eu.completed"));
/// assert!(!pattern.matches("deploy.completed"));
/// assert!(Pattern::parse("deploy.**")?.matches("deploy.eu.west.completed"));
/// assert!(Pattern::parse("deploy.**.completed").is_err());
/// # Ok::<(), hookspec_plugin::InvalidPattern>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: Arc<str>,
    segments: Arc<[Segment]>,
}

/// One segment of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Segment {
    /// This text.
    Exact(Box<str>),
    /// Exactly one segment, whatever it is.
    One,
    /// One or more segments, whatever they are; the last of its pattern.
    Rest,
}

/// What a pattern of the AWF compatibility mode is used for: a lone `*` means something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AwfUse {
    /// Who receives: `*` is every type.
    Subscribe,
    /// Who may emit: `*` is every type of one segment.
    Emit,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// [`InvalidPattern`] says which part is wrong and what is allowed. Nothing is matched by accident:
    /// a part of a segment cannot be left open.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let invalid = |mistake| InvalidPattern { text: text.into(), mistake };
        if text.is_empty() {
            return Err(invalid("it is empty"));
        }
        let mut segments = Vec::new();
        let mut rest = text.split('.').peekable();
        while let Some(segment) = rest.next() {
            segments.push(match segment {
                "*" => Segment::One,
                "**" if rest.peek().is_none() => Segment::Rest,
                "**" => return Err(invalid("`**` is not its last segment")),
                _ => match segment_mistake(segment) {
                    None => Segment::Exact(segment.into()),
                    Some(mistake) if segment.contains('*') => {
                        let _ = mistake;
                        return Err(invalid("`*` is not a whole segment"));
                    }
                    Some(mistake) => return Err(invalid(mistake)),
                },
            });
        }
        Ok(Self { text: text.into(), segments: segments.into() })
    }

    /// Reads a pattern by the rules of AWF: every text is one; `*` is one segment, which may be empty,
    /// every other segment stands for itself, and a lone `*` depends on its use.
    pub fn awf(text: &str, used: AwfUse) -> Self {
        let segments: Vec<Segment> = match (text, used) {
            ("", _) => Vec::new(),
            ("*", AwfUse::Subscribe) => vec![Segment::Rest],
            _ => text
                .split('.')
                .map(|segment| match segment {
                    "*" => Segment::One,
                    _ => Segment::Exact(segment.into()),
                })
                .collect(),
        };
        Self { text: text.into(), segments: segments.into() }
    }

    /// Whether a type is meant.
    pub fn matches(&self, event_type: &str) -> bool {
        // No type, and nothing that stands for one: only what means everything means that too.
        if event_type.is_empty() {
            return self.segments.first() == Some(&Segment::Rest);
        }
        let mut given = event_type.split('.');
        for segment in self.segments.iter() {
            let Some(own) = given.next() else { return false };
            match segment {
                Segment::Rest => return true,
                Segment::One => {}
                Segment::Exact(text) if **text == *own => {}
                Segment::Exact(_) => return false,
            }
        }
        !self.segments.is_empty() && given.next().is_none()
    }

    /// Whether some type is meant by both.
    pub fn overlaps(&self, other: &Self) -> bool {
        let (mut own, mut others) = (self.segments.iter(), other.segments.iter());
        loop {
            match (own.next(), others.next()) {
                (Some(Segment::Rest), Some(_)) | (Some(_), Some(Segment::Rest)) => return true,
                (Some(Segment::Exact(one)), Some(Segment::Exact(two))) if one != two => {
                    return false;
                }
                (Some(_), Some(_)) => {}
                (None, None) => return !self.segments.is_empty(),
                (None, Some(_)) | (Some(_), None) => return false,
            }
        }
    }

    /// The text it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its segments; none in a pattern that means nothing.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

/// A text that is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidPattern {
    text: String,
    mistake: &'static str,
}

impl fmt::Display for InvalidPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, mistake } = self;
        write!(
            f,
            "`{}` is no pattern of events: {mistake}; write segments of letters, digits, `_` and `-`, \
             joined by dots, `*` for exactly one segment, `**` at the end for one or more",
            text.escape_debug()
        )
    }
}

impl std::error::Error for InvalidPattern {}

impl FromStr for Pattern {
    type Err = InvalidPattern;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Pattern {
    type Error = InvalidPattern;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.text.as_ref().into()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // EVENT-1.
    #[test]
    fn what_is_malformed_is_refused_and_named() {
        for text in ["", ".", "a.", ".a", "a b", "a.b*", "a.**.b", "a.?", "a.[b]", "*a", "a.***"] {
            let error = Pattern::parse(text).unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
        }
    }

    #[test]
    fn one_star_is_exactly_one_segment_and_two_are_the_rest() {
        let rows = [
            ("a.*", "a.b", true),
            ("a.*", "a", false),
            ("a.*", "a.b.c", false),
            ("a.**", "a", false),
            ("a.**", "a.b", true),
            ("a.**", "a.b.c", true),
            ("**", "a", true),
            ("*.b", "a.b", true),
            ("a", "a.b", false),
            ("a.b", "a", false),
        ];
        for (pattern, event_type, expected) in rows {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(pattern.matches(event_type), expected, "{pattern} {event_type}");
        }
    }

    #[test]
    fn in_awf_a_lone_star_depends_on_its_use_and_nothing_is_refused() {
        assert!(Pattern::awf("*", AwfUse::Subscribe).matches("a.b.c"));
        assert!(Pattern::awf("*", AwfUse::Subscribe).matches(""));
        assert!(!Pattern::awf("*", AwfUse::Emit).matches("a.b"));
        assert!(!Pattern::awf("*", AwfUse::Emit).matches(""));
        assert!(Pattern::awf("w.*", AwfUse::Emit).matches("w."));
        assert!(!Pattern::awf("", AwfUse::Subscribe).matches(""));
        assert!(!Pattern::awf("a.**", AwfUse::Subscribe).matches("a.b.c"));
    }
}
