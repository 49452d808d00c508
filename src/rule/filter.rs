//! Reading what a page says of a match's surroundings: `detect.path`, `detect.beside`,
//! `detect.unless`, `detect.needs`, and where a pattern is searched for.

use toml::de::DeTable;

use super::fields::Fields;
use super::head::{Filter, Need, Reach, Unless, When};
use super::page::Fault;

/// Most bytes around a keyword that a pattern may ask for.
pub(crate) const FARTHEST: u32 = 16 * 1024;

/// Tables of a page with their offsets.
pub(crate) type Tables<'a> = Vec<(&'a DeTable<'a>, usize)>;

/// The fields of `[detect]` that make up a filter, with its tables yet to be read.
pub(crate) fn of_detect<'a>(fields: &mut Fields<'a, '_>) -> (Filter, Tables<'a>, Tables<'a>) {
    let filter = Filter {
        path: fields.regex("path"),
        beside: fields.texts("beside").into(),
        silent: fields.flag("silent"),
        ..Filter::NONE
    };
    (filter, fields.tables("unless"), fields.tables("needs"))
}

/// Reads a table `[[detect.unless]]`.
pub(crate) fn unless(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Unless {
    let mut fields = Fields::new(table, head_at, at, faults);
    let unless = Unless {
        when: fields.parsed::<When>("when").unwrap_or_default(),
        secret: fields.regexes("secret").into(),
        matched: fields.regexes("match").into(),
        line: fields.regexes("line").into(),
        path: fields.regexes("path").into(),
        words: fields.texts("words").into(),
    };
    let offset = fields.offset_of("when");
    fields.finish();
    if unless.is_empty() {
        faults.push(Fault::new(
            offset,
            "an `unless` without a test",
            "add `secret`, `match`, `line`, `path` or `words`",
        ));
    }
    unless
}

/// Reads a table `[[detect.needs]]`.
pub(crate) fn need(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Option<Need> {
    let mut fields = Fields::new(table, head_at, at, faults);
    fields.require(
        "rule",
        "a need without a rule",
        "add `rule`, the id of the rule that has to match near by",
    );
    let rule = fields.text("rule");
    let lines = fields.count("lines");
    let columns = fields.count("columns");
    fields.finish();
    Some(Need {
        rule: rule?,
        lines,
        columns,
    })
}

/// Where a pattern is searched for.
pub(crate) fn reach(fields: &mut Fields<'_, '_>) -> Reach {
    let before = fields.count("before");
    let after = fields.count("after");
    let far = |n: Option<u32>| n.is_some_and(|n| n > FARTHEST);
    for (name, count) in [("before", before), ("after", after)] {
        if far(count) {
            fields.unfit(name, format!("write at most {FARTHEST} bytes"));
        }
    }
    match (fields.flag("everywhere"), before, after) {
        (true, None, None) => Reach::Everywhere,
        (true, ..) => {
            fields.unfit("everywhere", "keep it, or `before` and `after`");
            Reach::Everywhere
        }
        (false, None, None) => Reach::Near,
        (false, before, after) => Reach::Within(before.unwrap_or(128), after.unwrap_or(512)),
    }
}
