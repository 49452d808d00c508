//! What rules ask, on conditions as they are written.

use super::{Condition, Effect, Question, Truth, Value, azure, buildkite, github, gitlab, travis};

fn truth(text: &str, known: &[(&str, Value)]) -> Truth {
    github::condition(text).evaluate(&|question| match question {
        Question::Reference(path) => {
            let name = path.join(".");
            let found = known.iter().find(|(n, _)| n.eq_ignore_ascii_case(&name));
            found.map(|(_, value)| value.clone())
        }
        Question::Call(name, []) => {
            let found = known.iter().find(|(n, _)| *n == format!("{name}()"));
            found.map(|(_, value)| value.clone())
        }
        Question::Call(..) | Question::Compare(..) => None,
    })
}

#[test]
fn unknown_parts_stay_unknown_unless_another_decides() {
    for (text, expected) in [
        ("a && b", Truth::Unknown),
        ("a && false", Truth::False),
        ("a || true", Truth::True),
        ("!a", Truth::Unknown),
        ("!(a && false)", Truth::True),
        ("a == 'x'", Truth::Unknown),
        ("a == 'x' && 1 > 2", Truth::False),
        ("(a && 'x' || 'y') == 'x'", Truth::Unknown),
        ("(false && 'x' || 'y') == 'Y'", Truth::True),
        ("always()", Truth::True),
        ("success()", Truth::Unknown),
        ("contains('Hello', 'hell')", Truth::True),
        ("startsWith('Hello', 'ell')", Truth::False),
        ("endsWith('Hello', 'LO')", Truth::True),
        (
            "contains(join(fromJSON('[\"a\",\"b\"]'), '-'), 'a-b')",
            Truth::True,
        ),
        ("what is this", Truth::Unknown),
    ] {
        assert_eq!(truth(text, &[]), expected, "{text}");
    }
}

#[test]
fn negations_and_truth_values_are_compared_as_meant() {
    for (text, on) in [
        ("inputs.x", true),
        ("inputs.x == true", true),
        ("inputs.x == 'true'", true),
        ("inputs.x != false", true),
        ("!inputs.x", false),
        ("inputs.x == false", false),
        ("inputs.x != true", false),
        ("!(inputs.x == true)", false),
        ("!!inputs.x", true),
        ("inputs.x != 'true'", false),
    ] {
        let with = |x: bool| truth(text, &[("inputs.x", x.into())]);
        assert_eq!(with(true), on.into(), "{text}");
        assert_eq!(with(false), (!on).into(), "{text}");
    }
    let known = [("github.actor", "Octo".into()), ("success()", false.into())];
    assert_eq!(truth("github.actor == 'octo'", &known), Truth::True);
    assert_eq!(
        truth("success() && github.actor == 'octo'", &known),
        Truth::False
    );
    assert_eq!(truth("github.actor < 'p'", &known), Truth::True);
    assert_eq!(truth("a == ''", &[("a", Value::Null)]), Truth::True);
    assert_eq!(truth("a >= 3", &[("a", "3.5".into())]), Truth::True);
}

#[test]
fn a_condition_that_holds_after_a_failure() {
    for (text, expected) in [
        ("always()", true),
        ("failure()", true),
        ("!cancelled()", true),
        ("!failure() && !cancelled()", false),
        ("success() || failure()", true),
        ("github.ref == 'refs/heads/main'", false),
        ("always() && needs.scan.result == 'success'", false),
        ("always() && needs.scan.result != 'failure'", false),
        ("always() && needs.scan.result != 'cancelled'", true),
        ("always() && !contains(needs.*.result, 'failure')", false),
        (
            "always() && !contains(join(needs.*.result, ','), 'failure')",
            false,
        ),
        (
            "always() && !contains(toJSON(needs.*.result), 'failure')",
            false,
        ),
        ("always() && contains(needs.*.result, 'success')", false),
        ("always() && github.ref == 'refs/heads/main'", true),
        ("${{ always() }} && needs.scan.result == 'success'", true),
        ("always() && steps.scan.outcome == 'success'", false),
        ("needs.scan.result == 'failure'", false),
        ("'' && always() &&", false),
    ] {
        let condition = github::condition(text);
        assert_eq!(condition.runs_after_failure(), expected, "{text}");
    }
}

#[test]
fn a_condition_that_holds_though_one_job_failed() {
    for (text, expected) in [
        ("always() && needs.build.result == 'success'", true),
        ("always() && needs.Scan.result == 'success'", false),
        ("always() && contains(needs.*.result, 'success')", true),
        ("always() && !contains(needs.*.result, 'failure')", false),
        ("needs.build.result == 'success'", false),
        (
            "!cancelled() && (needs.scan.result == 'success' || needs.scan.result == 'skipped')",
            false,
        ),
    ] {
        assert_eq!(
            github::condition(text).runs_despite("scan"),
            expected,
            "{text}"
        );
    }
    for (text, expected) in [
        ("succeeded('build')", true),
        ("succeeded('scan')", false),
        ("failed('scan')", true),
        ("succeeded()", false),
        (
            "and(always(), in(dependencies.scan.result, 'Succeeded', 'Skipped'))",
            false,
        ),
        ("in(dependencies.build.result, 'Succeeded')", true),
    ] {
        assert_eq!(
            azure::condition(text).runs_despite("scan"),
            expected,
            "{text}"
        );
    }
}

#[test]
fn what_a_path_must_equal() {
    let actor = ["github", "actor"];
    for (text, expected) in [
        ("github.actor == 'a[bot]'", vec!["a[bot]"]),
        ("'a[bot]' == github['actor'] && inputs.x", vec!["a[bot]"]),
        ("github.actor == 'a' || github.actor == 'b'", vec!["a", "b"]),
        ("github.actor == 'a' || inputs.x", vec![]),
        ("github.actor != 'a'", vec![]),
        ("!(github.actor != 'a')", vec!["a"]),
        (
            "contains(fromJSON('[\"a\",\"b\"]'), github.actor)",
            vec!["a", "b"],
        ),
        ("contains('a,b', github.actor)", vec!["a", "b"]),
        ("endsWith(github.actor, '[bot]')", vec!["[bot]"]),
        ("contains(github.actor, 'bot') == true", vec!["bot"]),
        ("github.triggering_actor == 'a'", vec![]),
    ] {
        let found = github::condition(text).requires_equal(&actor);
        assert_eq!(found, expected, "{text}");
    }
    let main = gitlab::condition("$CI_COMMIT_BRANCH =~ /^main$|^next$/");
    let branch = ["variables", "ci_commit_branch"];
    assert_eq!(main.requires_equal(&branch), ["main", "next"]);
}

#[test]
fn what_a_path_must_not_equal() {
    for (text, path, expected) in [
        ("github.actor != 'bot'", "github.actor", vec!["bot"]),
        ("!(github.actor == 'bot') && x", "github.actor", vec!["bot"]),
        (
            "github.actor != 'a' && github.actor != 'b'",
            "github.actor",
            vec!["a", "b"],
        ),
        ("github.actor != 'a' || x", "github.actor", vec![]),
        ("github.actor == 'a'", "github.actor", vec![]),
        (
            "!startsWith(github.head_ref, 'hotfix/')",
            "github.head_ref",
            vec!["hotfix/"],
        ),
        (
            "github.ref != 'refs/heads/hotfix'",
            "github.ref",
            vec!["refs/heads/hotfix"],
        ),
        (
            "!contains(fromJSON('[\"a\", \"b\"]'), github.actor)",
            "github.actor",
            vec!["a", "b"],
        ),
    ] {
        let path: Vec<&str> = path.split('.').collect();
        assert_eq!(github::condition(text).excludes(&path), expected, "{text}");
    }
    let hotfix = gitlab::condition(r"$CI_COMMIT_REF_NAME !~ /^hotfix\/.*/");
    assert_eq!(
        hotfix.excludes(&["variables", "CI_COMMIT_REF_NAME"]),
        ["hotfix/"]
    );
}

fn names(paths: &[&[String]]) -> String {
    let names: Vec<&str> = paths
        .iter()
        .filter_map(|p| p.last())
        .map(String::as_str)
        .collect();
    names.join(" ")
}

#[test]
fn switches_that_turn_a_condition_off_or_are_needed() {
    for (text, off, needed) in [
        ("!inputs.skip", "skip", ""),
        ("inputs.skip == false", "skip", ""),
        ("inputs.skip != 'true'", "skip", ""),
        ("github.event.inputs.skip != 'yes'", "skip", ""),
        (
            "!inputs.skip && vars.SKIP_SCAN != '1' && env.X == ''",
            "skip SKIP_SCAN X",
            "",
        ),
        ("inputs.run", "", "run"),
        ("inputs.run == 'true'", "", "run"),
        ("inputs.run != 'false'", "", "run"),
        ("inputs.force || github.ref == 'x'", "", ""),
        ("inputs.target == 'production'", "", ""),
        ("!inputs.skip || github.ref == 'x'", "", ""),
        ("!matrix.skip", "", ""),
        ("${{ !inputs.skip }}", "skip", ""),
    ] {
        let condition = github::condition(text);
        assert_eq!(names(&condition.switched_off_by()), off, "{text}");
        assert_eq!(names(&condition.needed_switches()), needed, "{text}");
    }
    for (condition, off, needed) in [
        (gitlab::condition("$SKIP_SAST == null"), "SKIP_SAST", ""),
        (gitlab::condition("$SKIP_SAST != \"true\""), "SKIP_SAST", ""),
        (
            gitlab::condition("$CI_MERGE_REQUEST_LABELS =~ /scan/"),
            "",
            "",
        ),
        (gitlab::condition("$DEPLOY && $TOKEN"), "", "DEPLOY TOKEN"),
        (
            azure::condition("and(succeeded(), ne('${{ parameters.skip }}', true))"),
            "skip",
            "",
        ),
        (
            azure::condition("eq(variables['skip'], 'false')"),
            "skip",
            "",
        ),
        (buildkite::condition("build.env('SKIP') != '1'"), "SKIP", ""),
        (travis::condition("NOT env(SKIP)"), "SKIP", ""),
    ] {
        assert_eq!(names(&condition.switched_off_by()), off, "{condition:?}");
        assert_eq!(names(&condition.needed_switches()), needed, "{condition:?}");
    }
}

#[test]
fn texts_in_messages_that_switch() {
    let skips = |literal: &str| vec![(literal.to_owned(), Effect::Skips)];
    let runs = |literal: &str| vec![(literal.to_owned(), Effect::Runs)];
    for (condition, expected) in [
        (
            github::condition("!contains(github.event.head_commit.message, '[skip-tests]')"),
            skips("[skip-tests]"),
        ),
        (
            github::condition("contains(github.event.head_commit.message, 'x') == false && a"),
            skips("x"),
        ),
        (
            github::condition("!contains(github.event.pull_request.labels.*.name, 'no-scan')"),
            skips("no-scan"),
        ),
        (
            github::condition("!contains(join(github.event.pull_request.labels.*.name), 'no')"),
            skips("no"),
        ),
        (
            github::condition("contains(github.event.pull_request.title, 'force')"),
            runs("force"),
        ),
        (
            github::condition("a || contains(github.event.pull_request.title, 'force')"),
            vec![("force".to_owned(), Effect::Eases)],
        ),
        (
            github::condition(
                "!startsWith(github.event.pull_request.title, 'x') && !contains(github.event.pull_request.body, 'y')",
            ),
            [skips("x"), skips("y")].concat(),
        ),
        (
            github::condition(
                "contains(github.event.pull_request.title, 'x') || contains(github.event.pull_request.title, 'y')",
            ),
            [runs("x"), runs("y")].concat(),
        ),
        (github::condition("!contains(github.ref, 'x')"), vec![]),
        (
            github::condition("github.event.label.name != 'skip'"),
            skips("skip"),
        ),
        (
            gitlab::condition(r"$CI_COMMIT_MESSAGE !~ /\[skip\]/"),
            skips(r"\[skip\]"),
        ),
        (
            gitlab::condition("$CI_MERGE_REQUEST_LABELS =~ /force/"),
            runs("force"),
        ),
        (gitlab::condition("$CI_COMMIT_MESSAGE != \"\""), vec![]),
        (
            azure::condition("not(contains(variables['Build.SourceVersionMessage'], 'skip'))"),
            skips("skip"),
        ),
        (
            buildkite::condition("build.message !~ /skip/"),
            skips("skip"),
        ),
        (travis::condition("commit_message !~ /skip/"), skips("skip")),
    ] {
        let found: Vec<_> = condition
            .message_switches()
            .into_iter()
            .map(|switch| (switch.literal, switch.effect))
            .collect();
        assert_eq!(found, expected, "{condition:?}");
    }
}

#[test]
fn constants_are_told() {
    for text in [
        "false",
        "${{ false }}",
        "inputs.x && false",
        "0",
        "''",
        "!true",
    ] {
        assert!(github::condition(text).is_never(), "{text}");
    }
    for text in ["true", "always()", "'false'", "inputs.x || true"] {
        assert!(github::condition(text).is_always_true(), "{text}");
    }
    assert!(!github::condition("inputs.x").is_never());
}

#[test]
fn conditions_can_be_kept_and_shared() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Condition>();
}

/// Asks everything, so that nothing panics.
fn ask(condition: &Condition) {
    let _ = (condition.is_never(), condition.is_always_true());
    let _ = (condition.runs_after_failure(), condition.runs_despite("a"));
    let _ = (condition.switched_off_by(), condition.needed_switches());
    let _ = condition.message_switches();
    let paths: Vec<Vec<String>> = condition.references().map(<[String]>::to_vec).collect();
    for path in paths.iter().take(3) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let _ = (condition.requires_equal(&path), condition.excludes(&path));
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]
    #[test]
    fn any_text_is_read_and_asked(
        text in r"([a-z$'\x22/\\(){}\[\]!=~&|.,*<> é0-9]|\$\{\{|\}\}|github\.actor|\$A|&&|\|\||==|=~|/x/|and\(|not\(|eq\(|contains\(|inputs\.|'a'|<<){0,40}",
    ) {
        ask(&github::condition(&text));
        for (range, condition) in github::expressions(&text) {
            proptest::prop_assert!(text.get(range).is_some_and(|t| t.starts_with("${{") && t.ends_with("}}")));
            ask(&condition);
        }
        ask(&gitlab::condition(&text));
        ask(&azure::condition(&text));
        let _ = azure::branch(&text);
        ask(&buildkite::condition(&text));
        ask(&travis::condition(&text));
        ask(&super::circle::condition(&crate::document::Node::from(text.as_str())));
    }
}

#[test]
fn nested_calls_are_evaluated_once() {
    // Twice at each level would take for ever.
    let depth = 45;
    let text = "contains(".repeat(depth) + "a" + &", 'x')".repeat(depth);
    let condition = github::condition(&text);
    assert_ne!(condition, Condition::Unknown);
    ask(&condition);
}

#[test]
fn long_conditions_are_asked_in_bounded_time() {
    // As long as is read: each question is asked of each part, a bounded number of times.
    let text = "inputs.a != 'x' && ".repeat(190) + "github.actor != 'y'";
    let condition = github::condition(&text);
    assert_ne!(condition, Condition::Unknown);
    ask(&condition);
}
