use super::*;
use crate::report::fixture;

fn text_of(report: &Report<'_>, style: Style) -> String {
    let mut out = Vec::new();
    write(report, style, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn text(style: Style) -> String {
    let rules = fixture::rules();
    text_of(&fixture::report(&rules), style)
}

#[test]
fn a_finding_is_a_short_block_with_its_true_place() {
    let expected = "\
critical[static-key/token]: Token 'TOKEN' stands in a workflow.
 --> .github/workflows/dé ploy.yml:3:13
  |
3 |   \"é😀\": x; ****
  |             ^^^^ undeclared
  |
  = help: remove it (`byway rules show static-key/token` says how) or declare it
          in exceptions.toml

critical[static-key/token]: A token stands here.
 --> a/lapsed.yml:1:6
  |
1 | key: ****
  |      ^^^^ no longer covered
  |
  = note: It expired on 2026-11-01.
  = help: remove it, or have team:settlement mend or renew EXC-2026-0001
          (exceptions.toml:4)

";
    let text = text(Style::default());
    assert!(text.starts_with(expected), "{text}");
    assert!(
        !text.contains("DECLARED") && !text.contains("b.yml"),
        "{text}"
    );
}

#[test]
fn nothing_from_a_file_reaches_the_terminal_as_a_command() {
    let expected = "
medium[bypass-route/no-gate]: Gate \u{241b}[31m'[click](https://example.org)' is off,
    although the branch it protects is the one that production is deployed from.
 --> evil\u{241b}[31m.yml:1:11
  |
1 | run: \u{241b}[2J\u{fffd}gate: off # \u{2407}
  |           ^^^^^^^^^ undeclared
";
    for verbose in 0..3 {
        let style = Style {
            verbose,
            ..Style::default()
        };
        let text = text(style);
        let strange = text.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(strange, None, "verbose {verbose}");
        if verbose == 0 {
            assert!(text.contains(expected), "{text}");
        }
    }
    let coloured = text(Style {
        color: true,
        ..Style::default()
    });
    assert!(!coloured.contains("\u{1b}[31m") && !coloured.contains("\u{1b}[2J"));
}

#[test]
fn problems_and_the_summary_close_it() {
    let expected = "
note: big file.json: Larger than the size cap, so it was not read.
error: odd.yml:7: A quoted text has no end, so the rest was not read.

                undeclared  lapsed  fault  declared  false-positive
static-key               1       1      -         1               1
bypass-route             1       -      -         -               -
register                 -       -      1         -               -
total                    2       1      1         1               1

120 files scanned, 1 file left out for size, 4 findings below the asked severity
or confidence not shown, 1 problem in reading.
2 exception paths undeclared, 1 lapsed, 1 register fault; 1 declared.
";
    let text = text(Style::default());
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn a_clean_run_is_one_line() {
    let rules = fixture::rules();
    let mut report = fixture::report(&rules);
    report.judged.clear();
    report.problems.clear();
    report.stats.hidden = 0;
    report.stats.skipped = 0;
    assert_eq!(
        text_of(&report, Style::default()),
        "No exception path without a declaration: 120 files scanned.\n"
    );
    report.stats.files = 0;
    assert_eq!(text_of(&report, Style::default()), "Nothing was scanned.\n");
}

#[test]
fn a_clean_run_with_a_problem_does_not_claim_more_than_it_read() {
    let rules = fixture::rules();
    let mut report = fixture::report(&rules);
    report.judged.clear();
    let text = text_of(&report, Style::default()).replace('\n', " ");
    let expected = "No exception path without a declaration in what could be read: ";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn lines_keep_to_the_width() {
    for width in [40, 60, 80, 120] {
        let text = text(Style {
            width,
            verbose: 2,
            ..Style::default()
        });
        // The table is as wide as it is, and a word is never broken.
        let blocks = text.lines().take_while(|line| !line.contains("  lapsed  "));
        for line in blocks.filter(|line| line.chars().count() > width) {
            let word = line.trim_start_matches([' ', '=', '-', '>']);
            assert!(
                !word.contains(' ') || line.contains("dé ploy"),
                "{width}: {line}"
            );
        }
    }
}

#[test]
fn verbose_shows_what_is_declared_and_quiet_leaves_out_the_rest() {
    let verbose = text(Style {
        verbose: 1,
        ..Style::default()
    });
    assert!(verbose.contains("= help: declared by EXC-2026-0002 (exceptions.toml:4)"));
    assert!(verbose.contains("false positive"));
    let quiet = text(Style {
        quiet: true,
        ..Style::default()
    });
    assert!(
        !quiet.contains("note:") && !quiet.contains("total"),
        "{quiet}"
    );
    assert!(quiet.ends_with("so the rest was not read.\n"), "{quiet}");
}

#[test]
fn an_excerpt_that_does_not_fit_its_highlight_is_still_shown() {
    let rules = fixture::rules();
    let mut report = fixture::report(&rules);
    report.judged.truncate(1);
    for highlight in [0..99, 4..5, 50..60] {
        report.judged[0].finding.excerpt.highlight = highlight;
        assert!(text_of(&report, Style::default()).contains("x; ****"));
    }
    report.judged[0].finding.excerpt = crate::finding::Excerpt::default();
    assert!(text_of(&report, Style::default()).contains("ploy.yml:3:13"));
}
