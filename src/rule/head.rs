//! What a rule is, once its page has been read.

use std::borrow::Cow;

use crate::names::names;

names! {
    /// What kind of exception path a rule finds.
    pub enum Class {
        /// A long-lived credential in reach of a reader.
        StaticKey = "static-key",
        /// A non-human identity with more right than its job needs.
        ElevatedToken = "elevated-token",
        /// A way around a control: approval, review, authentication, logging.
        BypassRoute = "bypass-route",
        /// A fault of the register itself.
        Register = "register",
    }
}

names! {
    /// How bad a finding is.
    pub enum Severity {
        /// Little to gain for an attacker.
        Low = "low",
        /// Worth mending in the ordinary course.
        Medium = "medium",
        /// Worth mending now.
        High = "high",
        /// Production is open to whoever reads this.
        Critical = "critical",
    }
}

names! {
    /// How sure we are that a finding is what its rule says.
    pub enum Confidence {
        /// Often wrong; hidden unless asked for.
        Low = "low",
        /// Usually right.
        Medium = "medium",
        /// Nearly always right.
        High = "high",
        /// Proven, by a checksum for instance. Computed, never written in a page.
        Certain = "certain",
    }
}

impl Confidence {
    /// One step lower, as in a place where findings are often of no account. What is
    /// proven counts as high here; who keeps it must not ask.
    #[must_use]
    pub const fn lowered(self) -> Self {
        match self {
            Self::Certain | Self::High => Self::Medium,
            Self::Medium | Self::Low => Self::Low,
        }
    }
}

/// Text that is a constant for our own rules and owned for a user's.
pub type Text = Cow<'static, str>;
/// A list that is a constant for our own rules and owned for a user's.
pub type List<T> = Cow<'static, [T]>;

/// A rule, as its page says.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `class/name`; never changes once released.
    pub id: Text,
    /// The class, which is the page's folder.
    pub class: Class,
    /// One line saying what was found.
    pub title: Text,
    /// How bad it is.
    pub severity: Severity,
    /// How sure a hit is, before its surroundings are weighed.
    pub confidence: Confidence,
    /// Confidence in tests, examples and docs; by default one step lower.
    pub confidence_in_tests: Option<Confidence>,
    /// First version of byway with this rule.
    pub since: Text,
    /// Names of the document kinds it looks at; empty for any text.
    pub kinds: List<Text>,
    /// Globs of paths it does not look at.
    pub not_paths: List<Text>,
    /// Lower-case texts, one of which a file must hold for the rule to run.
    pub keywords: List<Text>,
    /// Framework ids such as `NHI2:2025` or `CWE-798`.
    pub frameworks: List<Text>,
    /// Where its facts come from.
    pub references: List<Text>,
    /// Older ids of the same rule, still good in registers.
    pub renamed_from: List<Text>,
    /// Rules that may fire on this page's examples too.
    pub also: List<Text>,
    /// The finding's message; `{subject}` stands for the subject.
    pub message: Option<Text>,
    /// Whether it guesses: its hits give way to another rule's on the same secret.
    pub generic: bool,
    /// Regexes near a keyword.
    pub patterns: List<Pattern>,
    /// Queries over the document's tree.
    pub queries: List<Query>,
    /// Name of a Rust function that does the detecting.
    pub code: Option<Text>,
    /// What has to hold besides, for a match to be a finding.
    pub filter: Filter,
    /// First paragraph of the page.
    pub summary: Text,
    /// The page without its head: the SARIF help.
    pub help: Text,
}

impl Rule {
    /// Whether a file's being there is all that it finds.
    pub fn is_about_the_file(&self) -> bool {
        self.filter.path.is_some()
            && self.patterns.is_empty()
            && self.queries.is_empty()
            && self.code.is_none()
    }
}

/// A regex to run around a keyword.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The regex, with a group `secret` or `subject`.
    pub regex: Text,
    /// Least Shannon entropy of the group `secret`, in bits per character.
    pub entropy: Option<f64>,
    /// Name of a checksum that the secret carries.
    pub checksum: Option<Text>,
    /// Name of a decoder that must accept the secret.
    pub decode: Option<Text>,
    /// Lower-case texts that make a secret a placeholder.
    pub stop_words: List<Text>,
    /// A regex that must not match on the line.
    pub unless: Option<Text>,
    /// The subject, when there is no group `subject`.
    pub subject: Option<Text>,
    /// How bad a match is, when it is not as bad as the rule says.
    pub severity: Option<Severity>,
    /// Where around a keyword it is searched for.
    pub reach: Reach,
    /// Whether a value that looks like a placeholder counts too.
    pub placeholders: bool,
    /// Whether a value that is made of words doesn't count.
    pub no_words: bool,
}

/// Where a pattern is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reach {
    /// Near a keyword, as near as most patterns' matches are.
    #[default]
    Near,
    /// So many bytes before a keyword, in which a match may begin, and after it, in which
    /// one may end.
    Within(u32, u32),
    /// Wherever in the file, if a keyword stands in it or the rule has none.
    Everywhere,
}

/// What has to hold for a rule's matches to be findings.
#[derive(Debug, Clone)]
pub struct Filter {
    /// A regex that the file's path has to match.
    pub path: Option<Text>,
    /// Lower-case texts, one of which has to stand somewhere in the file.
    pub beside: List<Text>,
    /// When a match is no finding.
    pub unless: List<Unless>,
    /// Rules that have to match near by.
    pub needs: List<Need>,
    /// Whether its matches only serve other rules' `needs`.
    pub silent: bool,
}

impl Filter {
    /// No condition at all.
    pub const NONE: Self = Self {
        path: None,
        beside: List::Borrowed(&[]),
        unless: List::Borrowed(&[]),
        needs: List::Borrowed(&[]),
        silent: false,
    };
}

/// Tests that make a match no finding. A test without a text doesn't count.
#[derive(Debug, Clone, Default)]
pub struct Unless {
    /// How many of the tests have to hold.
    pub when: When,
    /// Regexes, one of which matches in the secret.
    pub secret: List<Text>,
    /// Regexes, one of which matches in all that the pattern matched.
    pub matched: List<Text>,
    /// Regexes, one of which matches in the lines of the match.
    pub line: List<Text>,
    /// Regexes, one of which matches in the path.
    pub path: List<Text>,
    /// Lower-case texts, one of which stands in the secret.
    pub words: List<Text>,
}

impl Unless {
    /// Whether there is no test in it.
    pub fn is_empty(&self) -> bool {
        [
            &self.secret,
            &self.matched,
            &self.line,
            &self.path,
            &self.words,
        ]
        .iter()
        .all(|texts| texts.is_empty())
    }
}

names! {
    /// How many tests have to hold.
    #[derive(Default)]
    pub enum When {
        /// One of them.
        #[default]
        Any = "any",
        /// Every one.
        All = "all",
        /// Not one.
        None = "none",
    }
}

/// A rule that has to match near by.
#[derive(Debug, Clone)]
pub struct Need {
    /// Its id.
    pub rule: Text,
    /// At most so many lines before or after; anywhere in the file without.
    pub lines: Option<u32>,
    /// With at most so many bytes between the places in their lines.
    pub columns: Option<u32>,
}

/// An RFC 9535 `JSONPath` over the document's tree and a test of what it selects.
#[derive(Debug, Clone)]
pub struct Query {
    /// The query; `$` is the list of the file's documents.
    pub path: Text,
    /// What the selected node must be.
    pub test: Test,
    /// The subject; the node's own text when absent.
    pub subject: Option<Text>,
}

/// The test of a selected node.
#[derive(Debug, Clone)]
pub enum Test {
    /// Any node will do.
    Any,
    /// A scalar whose text is this.
    Equals(Text),
    /// A scalar whose text matches this regex.
    Matches(Text),
    /// The last segment of the path selects nothing below its parent.
    Absent,
}
