//! The command line: what can be typed, and one file for each subcommand.

pub(crate) mod declare;
pub(crate) mod edit;
pub(crate) mod foreign;
pub(crate) mod git;
pub(crate) mod import;
pub(crate) mod inventory;
pub(crate) mod output;
pub(crate) mod progress;
pub(crate) mod register;
pub(crate) mod rules;
pub(crate) mod scan;

use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use byway::finding::{Class, Confidence, Severity};
use byway::report::Format;
use byway::report::sarif::Profile;

/// Finds exception paths in a repository and holds them to a declared register.
#[derive(Debug, Parser)]
#[command(
    name = "byway",
    version,
    max_term_width = 90,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find exception paths, judge them by the register, report them
    ///
    /// Exit codes: 0 nothing to act on, 1 findings at or above --fail-on, 2 the job
    /// could not be done.
    Scan(Box<ScanArgs>),
    /// List, show and check rules
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// Check, show and edit the register of exceptions
    Register {
        #[command(subcommand)]
        command: Box<register::commands::RegisterCommand>,
    },
    /// Write findings into the register, as proposed exceptions
    ///
    /// A proposed exception covers nothing yet. It is approved by taking out its
    /// `status` and naming the approvers in `approved-by`.
    Declare(Box<declare::DeclareArgs>),
    /// List every exception path, declared or not
    Inventory(Box<inventory::InventoryArgs>),
    /// Propose exceptions from what other tools were told to pass over
    ///
    /// Reads .gitleaksignore, .secrets.baseline, .trivyignore, .trivyignore.yaml,
    /// .checkov.baseline, zizmor.yml, osv-scanner.toml, .snyk, Kyverno
    /// `PolicyException`, Azure policy exemptions, GitHub rulesets (JSON, Terraform).
    Import(Box<foreign::ImportArgs>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ScanArgs {
    /// Files or folders of one project
    #[arg(default_value = ".")]
    pub(crate) paths: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) judge: JudgeArgs,
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    #[command(flatten)]
    pub(crate) select: SelectArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// What findings are judged by.
#[derive(Debug, Args)]
#[command(next_help_heading = "Register")]
pub(crate) struct JudgeArgs {
    /// A register besides the project's own (repeatable)
    #[arg(long, value_name = "FILE")]
    pub(crate) register: Vec<PathBuf>,
    /// The organisation's policy; the project's own may be stricter, never looser
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// Trust only the registers and the policy of this revision, as on a pull request its
    /// base: what the change adds to them is shown, and covers nothing
    #[arg(long, value_name = "REV")]
    pub(crate) trust_base: Option<String>,
    /// Don't look at the register's history in git
    #[arg(long)]
    pub(crate) no_register_history: bool,
    /// This repository's name, as in 'acme/payments', for exceptions that are for some
    /// repositories only
    #[arg(long, value_name = "NAME")]
    pub(crate) repo: Option<String>,
    /// Let exceptions cover only what .byway/exceptions.lock binds to them
    #[arg(long)]
    pub(crate) locked: bool,
    /// The day to judge by, in place of today (UTC)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub(crate) today: Option<jiff::civil::Date>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Files")]
pub(crate) struct WalkArgs {
    /// Scan files that .gitignore and .ignore leave out, too
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Leave out paths that match, as in 'vendor/**' (repeatable)
    #[arg(long, value_name = "GLOB", value_parser = exclude)]
    pub(crate) exclude: Vec<String>,
    /// Skip longer files, and say so; a number of bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "10M", value_parser = size)]
    pub(crate) max_file_size: u64,
    /// Threads to use, at most 256; 0 for as many as there are processors
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = threads)]
    pub(crate) threads: usize,
    /// Exit with 0 or 1 even if files could not be read or parsed
    #[arg(long)]
    pub(crate) tolerate_problems: bool,
}

/// How a command looks at a project whose findings it lists or edits by.
#[derive(Debug, Args)]
pub(crate) struct LookArgs {
    #[command(flatten)]
    pub(crate) walk: WalkArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

/// Which findings there are.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct FilterArgs {
    /// A folder with rule pages of your own, or a rule file of gitleaks or betterleaks
    /// (repeatable)
    #[arg(long, value_name = "DIR|FILE.toml")]
    pub(crate) rules: Vec<PathBuf>,
    /// Report only rules that match, as in 'static-key/*' (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(crate) rule: Vec<String>,
    /// Leave out rules that match (repeatable)
    #[arg(long, value_name = "GLOB")]
    pub(crate) skip_rule: Vec<String>,
    /// Report only findings of this class (repeatable)
    #[arg(long, value_parser = one_of(Class::ALL, Class::name))]
    pub(crate) class: Vec<Class>,
    /// Hide findings below this severity
    #[arg(long, default_value = "low", value_parser = one_of(Severity::ALL, Severity::name))]
    pub(crate) min_severity: Severity,
    /// Hide findings below this confidence
    #[arg(long, default_value = "medium", value_parser = one_of(Confidence::ALL, Confidence::name))]
    pub(crate) min_confidence: Confidence,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct SelectArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// Exit with 1 from this severity on
    #[arg(long, default_value = "medium", value_parser = one_of(Severity::ALL, Severity::name))]
    pub(crate) fail_on: Severity,
    /// Exit with 0 whatever is found
    #[arg(long)]
    pub(crate) exit_zero: bool,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct WriteArgs {
    /// Format of the report on standard output, or of a plain --output
    #[arg(long, default_value = "text", value_parser = one_of(Format::ALL, Format::name))]
    pub(crate) format: Format,
    /// Write the report to a file; as FORMAT=FILE one more, in that format (repeatable)
    #[arg(long, value_name = "[FORMAT=]FILE")]
    pub(crate) output: Vec<output::Target>,
    /// Which readers the SARIF is for
    #[arg(long, default_value = "full", value_parser = one_of(Profile::ALL, Profile::name))]
    pub(crate) sarif_profile: Profile,
    /// Use colour
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    /// Print findings only
    #[arg(long, short, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show declared findings too; twice for all that is known of each
    #[arg(long, short, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List all rules
    List,
    /// Print every keyword that is searched for, one a line
    Keywords,
    /// Show the page of a rule
    Show {
        /// The rule's id, such as static-key/github-token
        id: String,
    },
    /// Check rule pages: heads, regexes, queries and every example
    Check {
        /// A folder with pages at CLASS/NAME.md; without it, our own
        dir: Option<PathBuf>,
    },
    /// Write the rules of a gitleaks or betterleaks file as rule pages
    Import {
        /// The rule file, in TOML
        file: PathBuf,
        /// The folder to write to, as CLASS/NAME.md
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
}

/// A parser that knows every value, for help and completions.
fn one_of<T>(all: &'static [T], name: fn(T) -> &'static str) -> impl TypedValueParser<Value = T>
where
    T: Copy + Send + Sync + FromStr<Err = String> + 'static,
{
    PossibleValuesParser::new(all.iter().map(|value| name(*value)))
        .try_map(|text| text.parse::<T>())
}

pub(crate) fn day(text: &str) -> Result<jiff::civil::Date, String> {
    jiff::civil::Date::strptime("%Y-%m-%d", text)
        .ok()
        .filter(|day| day.to_string() == text)
        .ok_or_else(|| "write a day of the calendar as YYYY-MM-DD, such as 2026-11-24".to_owned())
}

/// A glob relative to the root; what could never match is a mistake.
fn exclude(text: &str) -> Result<String, String> {
    let glob = text.strip_prefix("./").unwrap_or(text);
    if glob.is_empty() || glob.starts_with('!') || glob.contains('\\') {
        return Err("write a glob such as 'vendor/**', with `/` between its parts".to_owned());
    }
    Ok(glob.to_owned())
}

fn threads(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|threads| *threads <= 256)
        .ok_or_else(|| "write a number from 0 to 256".to_owned())
}

fn size(text: &str) -> Result<u64, String> {
    const MEND: &str = "write a number of bytes, or one with K, M or G, such as 10M";
    let (digits, shift) = match text.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G']) {
        digits if digits.len() == text.len() => (digits, 0),
        digits if digits.len() + 1 == text.len() => match text.as_bytes().last() {
            Some(b'k' | b'K') => (digits, 10),
            Some(b'm' | b'M') => (digits, 20),
            _ => (digits, 30),
        },
        _ => return Err(MEND.to_owned()),
    };
    let number: u64 = digits.parse().map_err(|_| MEND)?;
    number
        .checked_shl(shift)
        .filter(|bytes| *bytes > 0 && bytes >> shift == number)
        .ok_or_else(|| MEND.to_owned())
}
