//! The prose of a rule page: its first paragraph, and the fenced blocks that are tests.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use super::head::Rule;
use super::page::Fault;
use super::sample;

/// A fenced block of a page that is a test.
#[derive(Debug, Clone)]
pub struct Example {
    /// What it shows.
    pub expect: Expect,
    /// The path the block's file would have; it decides the document kind.
    pub path: String,
    /// The block's text, placeholders not yet expanded.
    pub text: String,
    /// Line of the block's first text line in the page, counted from 1.
    pub line: u32,
}

/// What an example shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// The rule fires on exactly these lines of the block, counted from 1.
    Bad(Vec<u32>),
    /// The rule does not fire.
    Good,
    /// The file stands beside the page's other examples (register pages).
    Context,
    /// The file was so on this day; with `cut` nothing older is known (register pages).
    History(String),
}

/// The examples of a page whose head has been cut off.
pub fn of_help(help: &str) -> Vec<Example> {
    read(help, 0, help, &mut Vec::new())
}

/// The line of a byte offset, counted from 1.
pub(crate) fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    let breaks = before.split(|b| *b == b'\n').count() - 1;
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

/// Checks that the examples can show what the rule does.
pub(crate) fn check(rule: &Rule, examples: &[Example], body_at: usize, faults: &mut Vec<Fault>) {
    let good = examples.iter().filter(|e| e.expect == Expect::Good).count();
    let bad = examples
        .iter()
        .filter(|e| matches!(e.expect, Expect::Bad(_)))
        .count();
    if good == 0 || bad == 0 {
        faults.push(Fault::new(
            body_at,
            "the page has no test",
            "add a fenced block `LANG bad=LINES PATH` and one `LANG good PATH`",
        ));
    } else if good < 2 && !rule.patterns.is_empty() {
        faults.push(Fault::new(
            body_at,
            "a page with patterns needs a near miss",
            "add a second `good` block that looks almost like the bad one",
        ));
    }
}

/// The first paragraph as plain text.
pub(crate) fn summary(body: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for event in Parser::new(body) {
        match event {
            Event::Start(Tag::Paragraph) => inside = true,
            Event::End(TagEnd::Paragraph) => break,
            Event::Start(Tag::Heading { .. } | Tag::CodeBlock(_)) if !inside => break,
            Event::Text(text) | Event::Code(text) if inside => out.push_str(&text),
            Event::SoftBreak | Event::HardBreak if inside => out.push(' '),
            _ => {}
        }
    }
    out
}

/// The fenced blocks that are tests. `whole` is the page, of which `body` begins
/// at `body_at`.
pub(crate) fn read(
    body: &str,
    body_at: usize,
    whole: &str,
    faults: &mut Vec<Fault>,
) -> Vec<Example> {
    let mut found = Vec::new();
    let mut open: Option<Example> = None;
    for (event, range) in Parser::new(body).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) => {
                let offset = body_at + range.start;
                open = match read_info(&info) {
                    Ok(None) => None,
                    Ok(Some((expect, path))) => Some(Example {
                        expect,
                        path,
                        text: String::new(),
                        line: line_of(whole, offset) + 1,
                    }),
                    Err(mend) => {
                        faults.push(Fault::new(
                            offset,
                            format!("the example `{info}` can't be read"),
                            mend,
                        ));
                        None
                    }
                };
            }
            Event::Text(text) => {
                if let Some(example) = &mut open {
                    example.text.push_str(&text);
                }
            }
            Event::End(TagEnd::CodeBlock) => {
                if let Some(example) = open.take() {
                    if let Err(what) = sample::expand(&example.text, "") {
                        faults.push(Fault::new(
                            body_at + range.start,
                            what,
                            "mend the placeholder",
                        ));
                    }
                    found.push(example);
                }
            }
            _ => {}
        }
    }
    found
}

/// Reads a fence's info string: `LANG bad=1,2 PATH`, `LANG good PATH`,
/// `LANG context PATH` or `LANG history=DAY PATH`. Any other block is only prose.
fn read_info(info: &str) -> Result<Option<(Expect, String)>, String> {
    let words: Vec<_> = info.split_whitespace().collect();
    let Some(mark) = words.get(1) else {
        return Ok(None);
    };
    let expect = match mark.split_once('=') {
        None if *mark == "good" => Expect::Good,
        None if *mark == "context" => Expect::Context,
        Some(("bad", lines)) => Expect::Bad(
            lines
                .split(',')
                .map(str::parse)
                .collect::<Result<_, _>>()
                .map_err(|_| "write the lines that must fire, as in `bad=2,5`".to_owned())?,
        ),
        Some(("history", day)) if day == "cut" || is_day(day) => Expect::History(day.to_owned()),
        Some(("history", _)) => {
            return Err("write the day, as in `history=2026-01-31`, or `history=cut`".to_owned());
        }
        _ => {
            return Err(
                "write `bad=LINES`, `good`, `context` or `history=DAY` after the language"
                    .to_owned(),
            );
        }
    };
    match words.get(2..) {
        Some([path]) => Ok(Some((expect, (*path).to_owned()))),
        _ => Err("end with the path that the file would have, without spaces".to_owned()),
    }
}

/// Whether a text has the form of a day.
fn is_day(text: &str) -> bool {
    let digit = |(n, b): (usize, &u8)| match n {
        4 | 7 => *b == b'-',
        _ => b.is_ascii_digit(),
    };
    text.len() == 10 && text.as_bytes().iter().enumerate().all(digit)
}
