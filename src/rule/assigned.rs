//! `[[detect.assigned]]`: a credential that has no mark of its own, told by the name it
//! is given and its exact form. How languages, formats and commands give a name to a
//! value is the same for every vendor, so it stands here once.

use toml::de::DeTable;

use super::expression;
use super::fields::Fields;
use super::head::Pattern;
use super::page::{self, Fault};

/// What a secret is called when a page does not say.
const NOUNS: &str = r"(?:api|app|access|auth|secret|private|service|account|server|client)?[_. -]?key|(?:api|app|consumer|client|shared)?[_.-]?secret|token|pass(?:word|wd|phrase)?|pwd|credentials?|\bpat|[_-]pat|bearer";

/// What may stand between a vendor's name and the secret's: the rest of an identifier,
/// the levels of a document, another argument.
const BETWEEN: &str = r#"[\w\s.:,;=|$@/'"\[\]{}()>-]"#;

/// Words that may follow a secret's name without changing it.
const TAIL: &str = r"(?:[_.-]?(?:key|token|secret))?(?:s|_?(?:in)?[0-9]{1,2}|[_.-]?(?:values?|str(?:ing)?|prod(?:uction)?|live|dev(?:elopment)?|stag(?:e|ing)|sandbox|default|env|ci|header|const|for_?\w{2,12}))?";

/// How a name is given a value: operators, a pair of fields, a default, an element.
const GIVES: &str = concat!(
    // The end of a quoted name, a subscript or a call, and a type.
    r#"(?:\\?["'`]){0,2}[\])}]{0,2}(?:\s?:?\s?(?:&(?:'static\s)?)?(?:str|string)\b)?"#,
    "(?:",
    r"\s{0,16}(?:=>|->|:{0,3}=|[.?+]{1,2}=|={2}|:-?|\|{2}=?|\?{2}|\bor\b|,|\(|>)(?:\s|\\[nrt]){0,40}",
    r#"|,?\s{1,24}["']?(?:value|default|content)["']?\s{0,3}[:=]\s{0,4}"#,
    r#"|\s{0,2}\{\s{1,8}(?:\w{4,11}\s{0,8}=\s{0,2}[\w" .-]{1,60}\s{1,8}){0,2}default\s{0,8}=\s{0,2}"#,
    r"|[ \t]{1,4}",
    ")",
    // What opens a text, and the scheme of a header.
    r#"(?:[bru@$]?(?:\\{0,2}["'`]){1,3}|[\[({<]["']?|<!\[CDATA\[)?(?:(?:bearer|basic|token)\s)?"#,
);

/// What ends a value that is written without quotes as well.
const END: &str = r"(?:[^\w+/=.-]|\.(?:\s|$)|$)";

/// Reads one table into the pattern that it stands for.
pub(super) fn read(
    table: &DeTable<'_>,
    head_at: usize,
    at: usize,
    faults: &mut Vec<Fault>,
) -> Option<Pattern> {
    let mut fields = Fields::new(table, head_at, at, faults);
    fields.require("value", "no form of the value", "add `value`, a regex");
    let to = fields.regex("to");
    let name = fields.regex("name");
    let within = fields.number("within");
    let value = fields.regex("value");
    let guarded = page::guarded(&mut fields);
    let offset = fields.offset_of("value");
    fields.finish();
    let value = value?;
    if to.is_none() && name.is_none() {
        faults.push(Fault::new(
            offset,
            "nothing says what the value is assigned to",
            "add `to`, the vendor's name, or `name`, the secret's whole name, or both",
        ));
        return None;
    }
    let nouns = name.as_deref().unwrap_or(NOUNS);
    let between = to.as_deref().map_or_else(String::new, |to| {
        format!("(?:{to}){BETWEEN}{{0,{}}}?", within.unwrap_or(40.0))
    });
    let regex = format!("(?i:{between}(?:{nouns}){TAIL}{GIVES})(?P<secret>{value}){END}");
    if let Err(error) = expression::compile(&regex) {
        faults.push(Fault::new(
            offset,
            format!("the parts make no regex: {error}").replace('\n', " "),
            "close every group in the part that opens it, and name none",
        ));
        return None;
    }
    Some(Pattern {
        regex: regex.into(),
        entropy: guarded.entropy.or(Some(3.0)),
        decode: guarded.decode.or(Some("chance".into())),
        ..guarded
    })
}
