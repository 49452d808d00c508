//! Edits keep what they don't mean, and are refused where they would do harm.

use jiff::civil::date;

use super::{Renewal, Waste, append, close, prune, renew, review};
use crate::register::fixture::GOOD;

const RICH: &str = r#"# Register of the settlement team.
version = 1

# Asked for by audit.
[[exception]]
id          = "EXC-1"   # do not reuse
title       = "Nightly batch"
category    = "legacy-credential"
owner       = "team:settlement"
approved-by = ["user:appsec@example.org"]
reason      = "The adapter accepts only a header key until release 9."
granted     = 2026-10-01
expires     = 2027-01-31   # end of the freeze
review      = { every = "P90D", last = 2026-10-05 }

  [[exception.control]]
  type = "logging"
  what = "Logged."

  [[exception.covers]]
  rules = ["static-key/generic"]
  paths = ["batch/**"]
  max   = 2

  # The second adapter.
  [[exception.covers]]
  rules = ["static-key/generic"]
  paths = ["other/**"]
  max   = 1

# Another.
[[exception]]
id = "EXC-2"

[[false-positive]]
fingerprints = ["0f1e2d3c4b5a69788796a5b4c3d2e1f0", "byway1:11112222333344445555666677778888"]
reason = "x"
by = "y"
"#;

fn renewal<'a>(id: &'a str, reason: &'a str) -> Renewal<'a> {
    Renewal {
        id,
        on: date(2026, 11, 24),
        until: date(2027, 4, 30),
        by: "user:ciso@example.org",
        reason,
    }
}

#[test]
fn renews_and_leaves_the_rest_alone() {
    let new = renew(
        "r.toml",
        RICH,
        &renewal("EXC-1", "Release 9 moved to April."),
    )
    .unwrap();
    let expected = RICH
        .replace(
            "expires     = 2027-01-31   # end",
            "expires     = 2027-04-30   # end",
        )
        .replace(
            "  max   = 1\n",
            "  max   = 1\n\n  [[exception.renewal]]\n  on     = 2026-11-24\n  from   = 2026-11-24\n  to     = 2027-04-30\n  by     = \"user:ciso@example.org\"\n  reason = \"Release 9 moved to April.\"\n",
        );
    assert_eq!(new, expected);
    let again = Renewal {
        until: date(2027, 5, 31),
        ..renewal("EXC-1", "The vendor asks for one month more.")
    };
    let twice = renew("r.toml", &new, &again).unwrap();
    assert_eq!(twice.matches("[[exception.renewal]]").count(), 2);
    assert!(twice.contains("\n  to     = 2027-05-31\n"), "{twice}");
}

#[test]
fn a_renewal_needs_a_new_reason_and_a_later_day() {
    let said = |text: &str, r: &Renewal<'_>| renew("r.toml", text, r).unwrap_err().to_string();
    let same = "the adapter accepts only a header key, until Release 9";
    assert!(said(RICH, &renewal("EXC-1", same)).contains("was given for EXC-1 before"));
    let new = renew("r.toml", RICH, &renewal("EXC-1", "Moved to April.")).unwrap();
    let again = Renewal {
        until: date(2027, 6, 1),
        ..renewal("EXC-1", "moved to april")
    };
    assert!(said(&new, &again).contains("was given for EXC-1 before"));
    let short = Renewal {
        until: date(2027, 1, 31),
        ..renewal("EXC-1", "Other.")
    };
    assert!(said(RICH, &short).contains("doesn't last any longer"));
    assert!(said(RICH, &renewal("EXC-9", "Other.")).contains("no entry has the id EXC-9"));
    let closed = close("r.toml", RICH, "EXC-1", date(2026, 11, 24), None).unwrap();
    assert!(said(&closed, &renewal("EXC-1", "Other.")).contains("stays as a record"));
    let twins = format!("{GOOD}\n{}", GOOD.replace("version = 1\n", ""));
    assert!(said(&twins, &renewal("EXC-1", "Other.")).contains("2 entries have the id"));
}

#[test]
fn reviews_in_every_notation() {
    let new = review("r.toml", RICH, "EXC-1", date(2026, 11, 24), "user:x").unwrap();
    let line = "review      = { every = \"P90D\", last = 2026-11-24, by = \"user:x\" }\n";
    assert!(new.contains(line), "{new}");
    let twice = review("r.toml", &new, "EXC-1", date(2026, 12, 1), "user:z").unwrap();
    assert!(
        twice.contains("last = 2026-12-01, by = \"user:z\" }\n"),
        "{twice}"
    );
    let table = GOOD.replace(
        "review = { every = \"P90D\", last = 2026-10-05 }\n",
        "\n[exception.review]\nevery = \"P90D\"\nlast = 2026-10-05\n",
    );
    let new = review("r.toml", &table, "EXC-1", date(2026, 11, 24), "user:x").unwrap();
    assert!(
        new.contains("[exception.review]\nevery = \"P90D\"\nlast = 2026-11-24\nby = \"user:x\"\n"),
        "{new}"
    );
    let dotted = GOOD.replace(
        "review = { every = \"P90D\", last = 2026-10-05 }\n",
        "review.every = \"P90D\"\nreview.last = 2026-10-05\n",
    );
    let new = review("r.toml", &dotted, "EXC-1", date(2026, 11, 24), "user:x").unwrap();
    assert!(
        new.contains("review.last = 2026-11-24\nreview.by = \"user:x\"\n"),
        "{new}"
    );
}

#[test]
fn closes_beside_the_category() {
    let new = close(
        "r.toml",
        RICH,
        "EXC-1",
        date(2026, 11, 24),
        Some("Key revoked."),
    )
    .unwrap();
    assert!(
        new.contains("category    = \"legacy-credential\"\nstatus      = \"closed\"\nowner "),
        "{new}"
    );
    assert!(new.contains("\nx-closed    = 2026-11-24\n"), "{new}");
    assert!(
        new.contains("\nx-closed-reason = \"Key revoked.\"\n"),
        "{new}"
    );
    let again = close("r.toml", &new, "EXC-1", date(2026, 11, 24), None);
    assert!(again.unwrap_err().to_string().contains("closed already"));
}

#[test]
fn prunes_covers_entries_and_false_positives() {
    let mut waste = Waste::default();
    waste
        .covers
        .entry("EXC-1".to_owned())
        .or_default()
        .insert(1);
    waste
        .false_positives
        .insert("11112222333344445555666677778888".parse().unwrap());
    let new = prune("r.toml", RICH, &waste).unwrap();
    assert!(
        !new.contains("other/**") && new.contains("batch/**"),
        "{new}"
    );
    assert!(
        !new.contains("second adapter") && new.contains("# Another."),
        "{new}"
    );
    assert!(
        new.contains("fingerprints = [\"0f1e2d3c4b5a69788796a5b4c3d2e1f0\"]"),
        "{new}"
    );
    waste
        .covers
        .entry("EXC-1".to_owned())
        .or_default()
        .insert(0);
    waste
        .false_positives
        .insert("0f1e2d3c4b5a69788796a5b4c3d2e1f0".parse().unwrap());
    let new = prune("r.toml", RICH, &waste).unwrap();
    assert!(!new.contains("EXC-1") && new.contains("EXC-2"), "{new}");
    assert!(!new.contains("[[false-positive]]"), "{new}");
    let same = prune("r.toml", RICH, &Waste::default()).unwrap();
    assert_eq!(same, RICH);
}

#[test]
fn what_is_said_of_several_entries_outlives_the_first() {
    let text = RICH.replace(
        "# Asked for by audit.",
        "# Batch jobs.\n\n# Asked for by audit.",
    );
    let mut waste = Waste::default();
    waste.entries.insert("EXC-1".to_owned());
    let new = prune("r.toml", &text, &waste).unwrap();
    let head = "version = 1\n\n# Batch jobs.\n\n# Another.\n[[exception]]\nid = \"EXC-2\"\n";
    assert!(new.contains(head), "{new}");
    waste.entries.insert("EXC-2".to_owned());
    let new = prune("r.toml", &text, &waste).unwrap();
    assert!(new.ends_with("by = \"y\"\n\n# Batch jobs.\n"), "{new}");
}

#[test]
fn refuses_yaml_and_lists_in_brackets() {
    let yaml = close(
        ".byway/exceptions.yaml",
        "version: 1\n",
        "EXC-1",
        date(2026, 11, 24),
        None,
    );
    assert!(
        yaml.unwrap_err()
            .to_string()
            .contains("edit it by hand, or move it to a TOML file")
    );
    let inline = "version = 1\nexception = [{ id = \"EXC-1\" }]\n";
    let said = close("r.toml", inline, "EXC-1", date(2026, 11, 24), None);
    assert!(
        said.unwrap_err()
            .to_string()
            .contains("write `[[exception]]`")
    );
    assert!(append("r.toml", inline, &[]).is_err());
    assert!(append("r.toml", "version = ", &[]).is_err());
}

#[test]
fn keeps_the_line_ends_of_windows() {
    let windows = RICH.replace('\n', "\r\n");
    let new = review("r.toml", &windows, "EXC-1", date(2026, 11, 24), "user:x").unwrap();
    assert_eq!(new.matches('\n').count(), new.matches("\r\n").count());
}

type Edit<'e> = dyn Fn(&str) -> Result<String, super::Refusal> + 'e;

/// Whatever line a register lacks, an edit is refused or leaves a document that can be
/// read, with every comment that it had; but an entry takes those above it along.
#[test]
fn a_register_that_lacks_a_line_is_edited_well_or_not_at_all() {
    let lines: Vec<_> = RICH.lines().collect();
    let day = date(2026, 11, 24);
    let mut waste = Waste::default();
    waste
        .covers
        .entry("EXC-1".to_owned())
        .or_default()
        .insert(0);
    let renewal = renewal("EXC-1", "Release 9 moved to April.");
    let edits: [&Edit<'_>; 4] = [
        &|text| renew("r.toml", text, &renewal),
        &|text| review("r.toml", text, "EXC-1", day, "user:x"),
        &|text| close("r.toml", text, "EXC-1", day, Some("Gone.")),
        &|text| prune("r.toml", text, &waste),
    ];
    let mut edited = 0;
    for gone in 0..lines.len() {
        let mut kept = lines.clone();
        kept.remove(gone);
        let text = format!("{}\n", kept.join("\n"));
        for (n, edit) in edits.iter().enumerate() {
            let Ok(new) = edit(&text) else { continue };
            edited += 1;
            assert!(new.parse::<toml_edit::DocumentMut>().is_ok(), "{new}");
            let comments = kept.iter().filter(|line| line.starts_with('#'));
            for line in comments.filter(|line| n < 3 || !line.contains("audit")) {
                assert!(new.contains(line), "{line}: {new}");
            }
        }
    }
    assert!(edited > lines.len(), "{edited}");
}
