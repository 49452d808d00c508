//! What is translated, and what can't be.

use super::*;
use crate::rule::expression;

fn plain(go: &str) -> String {
    let text = translate(go, Groups::None).unwrap().text;
    let compiled = expression::compile(&text);
    assert!(compiled.is_ok(), "{go} became {text}: {compiled:?}");
    text
}

#[test]
fn what_both_read_alike_stays() {
    for same in [
        r"(?i)\bkey[ \t]*=[ \t]*[0-9a-f]{8,16}(?:\s|$)",
        r"a(?i)b|c",
        r"(?U)a+?",
        r"\A\w+\z",
        r"[[:alnum:]_]{3,}",
        r"[^\s]",
        r"(?s:.){0,9}?",
    ] {
        assert_eq!(plain(same), same);
    }
}

#[test]
fn what_they_read_differently_is_rewritten() {
    for (go, ours) in [
        (r"${a}", r"$\{a\}"),
        (r"x{,3}", r"x\{,3\}"),
        (r"\b{start}", r"\b\{start\}"),
        (r"[[a&&b]", r"[\[a\&\&b]"),
        (r"[]a]", r"[\]a]"),
        (r"[\w-.]", r"[\w\-.]"),
        (r"[+--]", r"[+-\-]"),
        (r"\Qa.b\E+", r"a\.b+"),
        (r"\<b\>", "<b>"),
        (r"\_\/\'", "_/'"),
        (r"[\x60'\134]", r"[`'\\]"),
        (r"\052", r"\*"),
        (r"\pN", r"(?u:\p{N})"),
        (r"\p{^Greek}", r"(?u:\P{Greek})"),
        (r"[\pL\d]", r"(?u:[\p{L}0-9])"),
        ("é+", "(?u:é)+"),
        ("[^é]", "(?u:[^é])"),
        (r"(a)(?P<n>b)(?<m>c)", "(?:a)(?:b)(?:c)"),
    ] {
        assert_eq!(plain(go), ours, "{go}");
    }
}

#[test]
fn groups_that_hold_the_secret_get_its_name() {
    let every = translate("(a)|(?:b)|(c)", Groups::Every).unwrap();
    assert_eq!(every.text, "(?P<secret>a)|(?:b)|(?P<secret2>c)");
    let one = translate("(a)(b)", Groups::One(2)).unwrap();
    assert_eq!((one.text.as_str(), one.groups), ("(?:a)(?P<secret>b)", 2));
}

#[test]
fn what_no_one_can_read_is_refused_with_its_place() {
    for (go, at, what) in [
        ("ab(?=c)", 5, "looks around"),
        (r"(a)\1", 5, "what a group matched"),
        ("a{2000}", 2, "over 1000"),
        ("[a", 1, "class without an end"),
        ("(?x) a", 3, "no flag"),
        (r"\y", 2, "no escape"),
        ("[z-a]", 4, "backwards"),
    ] {
        let fault = translate(go, Groups::None).unwrap_err();
        assert!(fault.what.contains(what), "{go}: {}", fault.what);
        assert_eq!(fault.at, at, "{go}");
    }
}

#[test]
fn a_translated_regex_matches_what_it_should() {
    let text = plain(r"[[&&]{2}x{y}\Q$\E[\pL\d]+é");
    let regex = expression::compile(&text).unwrap();
    assert!(regex.is_match("&[x{y}$ä1é".as_bytes()));
    assert!(!regex.is_match(b"aax{y}$1"));
}
