//! No part of a secret is shown, wherever a detector takes it to end: passwords hold
//! blanks, quotes and signs, and the grammar around them says how those are written.

use std::sync::LazyLock;

use byway::detect::{Engine, Scratch};
use byway::document::Document;
use byway::finding::Finding;
use byway::rule::{self, sample};
use proptest::prelude::*;

use crate::common;

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(rule::builtin().to_vec()).expect("our own rules"));

/// How the text around a secret writes a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quoting {
    /// As it is, to the line's end.
    Line,
    /// As it is, to the next blank.
    Word,
    /// Between double quotes, with backslashes before quotes and backslashes.
    Double,
    /// The same between single quotes.
    Single,
    /// Between single quotes in a string of double quotes.
    Inner,
    /// Between double quotes that are escaped themselves, as JSON in a string is.
    Escaped,
    /// Between double quotes of a string that has them doubled or single ones doubled.
    Doubled,
    /// Between tags.
    Xml,
    /// With percent signs.
    Url,
    /// To the next semicolon of a list in double quotes.
    List,
    /// In base64, as it is.
    Base64,
}

#[rustfmt::skip]
const FORMS: &[(&str, Quoting, &str)] = &[
    ("a.json", Quoting::Escaped, r#"{"c": "{\"server\": \"db.prod.shop.net\", \"password\": \"@\", \"user\": \"app\"}"}"#),
    ("a.json", Quoting::Escaped, r#"{"c": "{\"Authorization\": \"Bearer @\"}"}"#),
    ("a.json", Quoting::Escaped, r#"{"c": "{\"db\": \"Server=db.prod.shop.net;User Id=app;Password=@\"}"}"#),
    ("a.json", Quoting::List, r#"{"c": "Server=db.prod.shop.net;User Id=app;Password=@;Database=shop"}"#),
    ("a.cs", Quoting::List, r#"var c = "Server=db.prod.shop.net;User Id=app;Password=@;Database=shop";"#),
    ("a.cs", Quoting::List, r#"var c = "Server=db.prod.shop.net;Password=@;User Id=app";"#),
    ("a.cs", Quoting::Inner, r#"var c = "Server=db.prod.shop.net;User Id=app;Password='@';Database=shop";"#),
    ("a.py", Quoting::Inner, r#"c = "host=db.prod.shop.net user=app password='@' dbname=shop""#),
    ("a.py", Quoting::Escaped, r#"c = "host=db.prod.shop.net user=app password=\"@\" dbname=shop""#),
    ("a.config", Quoting::Xml, r#"<add name="a" connectionString="Server=db.prod.shop.net;User Id=app;Password=@;Database=shop"/>"#),
    ("a.py", Quoting::Double, r#"h = {"Authorization": "Bearer @"}"#),
    ("a.py", Quoting::Single, "h = {'Authorization': 'Token @'}"),
    ("a.sh", Quoting::Double, r#"curl -k -H "Authorization: Bearer @" https://api.shop.net"#),
    ("a.sh", Quoting::Double, r#"curl -H "X-Api-Key: @" https://api.shop.net"#),
    ("a.http", Quoting::Line, "Authorization: Bearer @"),
    ("a.yaml", Quoting::Line, "Authorization: Bearer @"),
    ("a.py", Quoting::Double, r#"a = HTTPBasicAuth("app", "@")"#),
    ("a.py", Quoting::Single, "s.login('app', '@')"),
    ("a.py", Quoting::Double, r#"psycopg2.connect(host="db.prod.shop.net", user="app", password="@")"#),
    ("a.php", Quoting::Single, "$c = mysqli_connect('db.prod.shop.net', 'app', '@', 'shop');"),
    ("a.ts", Quoting::Double, r#"mysql.createConnection({host: "db.prod.shop.net", user: "app", password: "@"});"#),
    ("a.sql", Quoting::Single, "CREATE USER app IDENTIFIED BY '@';"),
    ("a.sql", Quoting::Single, "ALTER ROLE app WITH PASSWORD '@';"),
    ("a.py", Quoting::Escaped, r#"cur.execute("CREATE USER app IDENTIFIED BY \"@\"")"#),
    ("a.py", Quoting::Url, r#"u = "postgres://app:@db.prod.shop.net/shop""#),
    ("a.py", Quoting::Double, r#"u = "jdbc:postgresql://db.prod.shop.net/shop?user=app&password=@""#),
    ("a.go", Quoting::Word, r#"u := "app:@tcp(db.prod.shop.net:3306)/shop""#),
    ("a.txt", Quoting::Url, "https://app:@api.shop.net/x"),
    ("a.sh", Quoting::Double, r#"mysql -u app --password="@" -h db.prod.shop.net shop"#),
    ("a.sh", Quoting::Double, r#"mysql -u app -p"@" shop"#),
    ("a.sh", Quoting::Word, "mysql -u app -p@ shop"),
    ("a.sh", Quoting::Single, "curl -u 'app:@' https://api.shop.net"),
    ("a.sh", Quoting::Double, r#"sshpass -p "@" ssh app@@db.prod.shop.net"#),
    ("a.sh", Quoting::Double, r#"PGPASSWORD="@" psql -h db.prod.shop.net"#),
    ("a.sh", Quoting::Double, r#"export DB_PASSWORD="@""#),
    ("a.sh", Quoting::Double, r#"tool login --token "@""#),
    ("a.sh", Quoting::Double, r#"echo "app:@" | chpasswd"#),
    ("a.ps1", Quoting::Single, "ConvertTo-SecureString '@' -AsPlainText -Force"),
    ("Dockerfile", Quoting::Double, "FROM a\nENV DB_PASSWORD=\"@\"\n"),
    ("a.py", Quoting::Double, r#"db_password = "@""#),
    ("a.js", Quoting::Single, "const apiSecret = '@';"),
    ("a.java", Quoting::Double, r#"String password = "@";"#),
    ("a.json", Quoting::Double, r#"{"password": "@"}"#),
    ("a.yaml", Quoting::Double, r#"password: "@""#),
    ("a.yaml", Quoting::Line, "password: @"),
    ("a.ini", Quoting::Line, "password = @"),
    ("a.properties", Quoting::Line, "db.password=@"),
    (".env", Quoting::Double, r#"DB_PASSWORD="@""#),
    (".env", Quoting::Line, "DB_PASSWORD=@"),
    (".netrc", Quoting::Word, "machine api.shop.net login app password @"),
    (".pgpass", Quoting::Line, "db.prod.shop.net:5432:shop:app:@"),
    (".my.cnf", Quoting::Line, "[client]\nuser=app\npassword=@"),
    (".my.cnf", Quoting::Double, "[client]\nuser=app\npassword=\"@\""),
    ("pgbouncer/userlist.txt", Quoting::Doubled, r#""app" "@""#),
    (".git-credentials", Quoting::Url, "https://app:@git.shop.net"),
    ("sasl_passwd", Quoting::Line, "[smtp.shop.net]:587 app:@"),
    ("chap-secrets", Quoting::Double, r#"app * "@" *"#),
    ("ipsec.secrets", Quoting::Double, r#"app : PSK "@""#),
    ("wpa_supplicant.conf", Quoting::Double, "network={\n  psk=\"@\"\n}"),
    ("a.ovpn", Quoting::Line, "<auth-user-pass>\napp\n@\n</auth-user-pass>"),
    ("filezilla.xml", Quoting::Xml, "<FileZilla3><Servers><Server><Host>ftp.shop.net</Host><User>app</User><Pass>@</Pass></Server></Servers></FileZilla3>"),
    ("filezilla.xml", Quoting::Base64, "<FileZilla3><Servers><Server><Host>ftp.shop.net</Host><User>app</User><Pass encoding=\"base64\">@</Pass></Server></Servers></FileZilla3>"),
    ("settings.xml", Quoting::Xml, "<settings><servers><server><id>a</id><username>app</username><password>@</password></server></servers></settings>"),
    ("web.config", Quoting::Xml, r#"<configuration><connectionStrings><add name="a" connectionString="Server=db.prod.shop.net;User Id=app;Password=@;"/></connectionStrings></configuration>"#),
    ("appsettings.json", Quoting::List, r#"{"ConnectionStrings": {"a": "Server=db.prod.shop.net;User Id=app;Password=@;Database=shop"}}"#),
    ("appsettings.json", Quoting::Double, r#"{"Smtp": {"Host": "a.b", "Password": "@"}}"#),
    ("shop/settings.py", Quoting::Single, "DATABASES = {'default': {'USER': 'app', 'PASSWORD': '@'}}"),
    ("shop/settings.py", Quoting::Double, r#"SECRET_KEY = "@""#),
    ("config/database.php", Quoting::Single, "'password' => env('DB_PASSWORD', '@'),"),
    ("wp-config.php", Quoting::Single, "define('DB_PASSWORD', '@');"),
    ("config/database.yml", Quoting::Double, "production:\n  username: app\n  password: \"@\"\n"),
    ("application.yml", Quoting::Line, "spring:\n  datasource:\n    username: app\n    password: @\n"),
    ("application.properties", Quoting::Line, "spring.datasource.password=@"),
    ("values.yaml", Quoting::Double, "auth:\n  password: \"@\"\n"),
    ("docker-compose.yml", Quoting::Line, "services:\n  db:\n    image: postgres\n    environment:\n      - POSTGRES_PASSWORD=@\n"),
    ("docker-compose.yml", Quoting::Double, "services:\n  db:\n    image: postgres\n    environment:\n      POSTGRES_PASSWORD: \"@\"\n"),
    ("group_vars/all.yml", Quoting::Double, "ansible_password: \"@\"\n"),
    ("inventory/hosts.ini", Quoting::Double, "[a]\nb ansible_user=app ansible_password=\"@\" ansible_port=22\n"),
    ("main.tf", Quoting::Double, "resource \"aws_db_instance\" \"a\" {\n  password = \"@\"\n}\n"),
    ("main.tf", Quoting::Double, "variable \"db_password\" {\n  default = \"@\"\n}\n"),
    ("terraform.tfvars", Quoting::Double, "db_password = \"@\"\n"),
    ("terraform.tfstate", Quoting::Double, r#"{"version": 4, "terraform_version": "1.5.0", "resources": [{"type": "aws_db_instance", "name": "a", "instances": [{"attributes": {"password": "@"}}]}]}"#),
    ("s.yaml", Quoting::Double, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData:\n  password: \"@\"\n"),
    ("s.yaml", Quoting::Base64, "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n  password: @\n"),
    ("kubeconfig", Quoting::Double, "apiVersion: v1\nkind: Config\nclusters: []\nusers: [{name: a, user: {username: app, password: \"@\"}}]\n"),
    (".mcp.json", Quoting::Double, r#"{"mcpServers": {"a": {"command": "npx", "args": ["--api-key", "@"], "env": {"API_KEY": "@"}}}}"#),
    (".mcp.json", Quoting::Double, r#"{"mcpServers": {"a": {"url": "https://a.b", "headers": {"Authorization": "Bearer @"}}}}"#),
    ("a.ipynb", Quoting::Escaped, r#"{"cells": [{"cell_type": "code", "source": ["password = \"@\"\n"]}], "nbformat": 4}"#),
    ("gradle.properties", Quoting::Line, "storePassword=@\nkeyPassword=@"),
    ("build.gradle", Quoting::Double, "signingConfigs {\n  release {\n    storePassword \"@\"\n  }\n}\n"),
    ("credentials.xml", Quoting::Xml, "<a><b><username>app</username><password>@</password></b></a>"),
    ("Info.plist", Quoting::Xml, "<plist><dict><key>apiSecret</key><string>@</string></dict></plist>"),
    ("res/values/strings.xml", Quoting::Xml, "<resources><string name=\"api_secret\">@</string></resources>"),
    ("unattend.xml", Quoting::Xml, "<a><AutoLogon><Password><Value>@</Value><PlainText>true</PlainText></Password><Username>app</Username></AutoLogon></a>"),
    ("redis.conf", Quoting::Double, "requirepass \"@\""),
    ("redis.conf", Quoting::Word, "requirepass @"),
    ("ldap.conf", Quoting::Line, "bindpw @"),
    ("airflow.cfg", Quoting::Line, "[smtp]\nsmtp_password = @\n"),
    ("airflow/connections.json", Quoting::Double, r#"{"a": {"conn_type": "postgres", "host": "db.prod.shop.net", "login": "app", "password": "@"}}"#),
    (".npmrc", Quoting::Line, "//r.shop.net/:_password=@"),
    (".npmrc", Quoting::Base64, "//r.shop.net/:_password=@"),
    ("pip.conf", Quoting::Url, "[global]\nindex-url = https://app:@pypi.shop.net/simple"),
    (".pypirc", Quoting::Line, "[pypi]\nusername = app\npassword = @"),
    (".dbt/profiles.yml", Quoting::Double, "a:\n  outputs:\n    p:\n      type: postgres\n      host: a.b\n      user: app\n      pass: \"@\"\n"),
    (".github/workflows/ci.yml", Quoting::Double, "on: push\njobs:\n  a:\n    runs-on: x\n    env:\n      DB_PASSWORD: \"@\"\n    steps:\n      - run: curl -k https://a.b\n"),
    (".github/workflows/ci.yml", Quoting::Single, "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: curl -k -u 'app:@' https://a.b\n"),
];

/// What stands in the middle of a secret.
const INSIDE: &[&str] = &[
    " ", "\"", "'", "\\", "%", "%20", "é", "$", "&", "<", "#", ",", "`", ":", "+", "{", "}", "!",
    "(", ")", "[", "]", "=", "|", ">", "^", "~", "*", "?", "\t", " - ", "日本", ";", "@", "/",
    "  ", "\" ", "' \"", "\\\"", "-", "\u{a0}",
];

/// What can't stand in the secret as the text around it has it.
fn may_hold(quoting: Quoting, inside: &str) -> bool {
    match quoting {
        Quoting::Word => !inside.contains([
            ' ', '\t', '"', '\'', '\\', '`', ';', '|', '&', '<', '>', '(', ')', '$', '#', '\u{a0}',
        ]),
        Quoting::List => !inside.contains([';', '"', '\'', '\\']),
        // A setting may end with a comment, and another may stand on its line.
        Quoting::Line if inside.contains(' ') => !inside.contains(['#', ';', '=', ':', '/']),
        Quoting::Line => !inside.contains(['#', ';']),
        Quoting::Inner => !inside.contains('"'),
        _ => true,
    }
}

fn write(quoting: Quoting, secret: &str) -> String {
    let escape = |text: &str, quote: char| {
        text.replace('\\', "\\\\")
            .replace(quote, &format!("\\{quote}"))
            .replace('\t', "\\t")
    };
    match quoting {
        Quoting::Line | Quoting::Word | Quoting::List => secret.to_owned(),
        Quoting::Double => escape(secret, '"'),
        Quoting::Single | Quoting::Inner => escape(secret, '\''),
        Quoting::Escaped => escape(&escape(secret, '"'), '"'),
        Quoting::Doubled => secret.replace('"', "\"\""),
        Quoting::Xml => secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;"),
        Quoting::Url => secret
            .bytes()
            .map(|b| match b {
                b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect(),
        Quoting::Base64 => data_encoding::BASE64.encode(secret.as_bytes()),
    }
}

/// All that a finding shows.
fn shown(finding: &Finding) -> String {
    let mut out = format!("{finding:?}");
    for text in [&finding.subject, &finding.anchor, &finding.message] {
        out.push_str(text);
    }
    out.push_str(finding.excerpt.text.as_str());
    out.extend(finding.facts.iter().map(|(_, fact)| fact.as_str()));
    out.extend(finding.related.iter().map(|r| r.message.as_str()));
    out
}

/// A form with a secret of three parts, or nothing when it can't be written there.
fn plant(form: usize, parts: [&str; 3]) -> Option<(&'static str, String)> {
    let (path, quoting, around) = FORMS[form];
    let written = write(quoting, &parts.concat());
    // A login before an address ends with a sign of its own.
    let with = match quoting {
        Quoting::Url => format!("{written}@"),
        _ if around.contains("@tcp") => format!("{written}@"),
        _ => written,
    };
    let text = around.replace("@@", "\u{1}").replace('@', &with);
    // Without quotes of its own, a value of a list ends at a semicolon or a line break.
    let ends = around.contains("Password=@") && parts[1].contains([';', '\\']);
    let parameter = around.contains("&password=@") && parts[1] != " ";
    let ends = ends || parameter && parts[1].contains(['&', ';', '#', ')', ']', '}', '<', ' ']);
    (!ends && may_hold(quoting, parts[1])).then(|| (path, text.replace('\u{1}', "@")))
}

/// How many findings there are in a text, and the first that shows one of the parts.
fn leak(path: &str, text: &str, parts: [&str; 3]) -> (usize, Option<String>) {
    let document = Document::new(path, text.as_bytes());
    let found = ENGINE.scan(&document, &mut Scratch::default());
    let leak = found.iter().find_map(|finding| {
        let shown = shown(finding);
        let part = [parts[0], parts[2]]
            .into_iter()
            .find(|part| shown.contains(part))?;
        let excerpt = finding.excerpt.text.as_str();
        Some(format!(
            "{} shows {part} of {path}: {text}\n{excerpt}",
            finding.rule
        ))
    });
    (found.len(), leak)
}

/// Texts that stand in one line before and after a form, as a minified file has them.
const BESIDE: &[(&str, &str)] = &[
    ("", ""),
    (
        "{\"a\": \"b\", 'c': 'd e', \"f\": `g`}, ",
        ", {\"h\": \"i\"}",
    ),
    ("// it's what we don't know: \"x\"; ", "  // and that"),
];

#[test]
fn no_half_of_a_secret_is_shown() {
    let mut leaks = Vec::new();
    for (form, (path, quoting, around)) in FORMS.iter().enumerate() {
        let mut fired = 0;
        for inside in INSIDE {
            for shape in ["{{base62:10}}", "{{lower:7}}", "{{lower:4}}{{digits:3}}"] {
                let half = |name: &str| sample::expand(shape, &format!("{form}{name}")).unwrap();
                let parts = [&*half("head"), inside, &*half("tail")];
                let Some((path, text)) = plant(form, parts) else {
                    continue;
                };
                // Only in code may anything stand before.
                let beside = if path.starts_with("a.") && *quoting != Quoting::Line {
                    BESIDE
                } else {
                    &BESIDE[..1]
                };
                for (before, after) in beside {
                    for times in [1, 12] {
                        let text = format!("{}{text}{after}", before.repeat(times));
                        let (count, leak) = leak(path, &text, parts);
                        fired += count;
                        leaks.extend(leak);
                    }
                }
            }
        }
        assert!(fired > 0, "nothing is found in {path}: {around}");
    }
    assert!(
        leaks.is_empty(),
        "{} leaks, such as {}",
        leaks.len(),
        leaks[..leaks.len().min(12)].join("\n")
    );
}

/// Nor in any format of the report.
#[test]
fn no_format_shows_a_half() {
    let folder = common::folder();
    let half = |form: usize, name: &str| {
        sample::expand("{{base62:10}}", &format!("{form}{name}")).unwrap()
    };
    for form in 0..FORMS.len() {
        let parts = [&*half(form, "head"), " ", &*half(form, "tail")];
        if let Some((path, text)) = plant(form, parts) {
            common::put(folder.path(), format!("{form}/{path}"), text);
        }
    }
    for format in ["text", "jsonl", "sarif"] {
        let args = ["--format", format, "--min-confidence", "low", "-vv"];
        let run = common::scan(folder.path(), &args);
        assert!(
            run.out.contains("static-key/connection-string"),
            "{}",
            run.err
        );
        for (form, (path, ..)) in FORMS.iter().enumerate() {
            for name in ["head", "tail"] {
                let half = half(form, name);
                let shown = run.out.contains(&half) || run.err.contains(&half);
                assert!(!shown, "{format} shows {half} of {path}");
            }
        }
    }
}

/// A password that stands twice on its line is found where a login has it.
#[test]
fn a_secret_is_found_in_its_place() {
    for (path, line) in [
        ("chap-secrets", "app * gr33nt3a gr33nt3a"),
        ("pgbouncer/userlist.txt", r#""app" "gr33nt3a" "gr33nt3a""#),
        ("sasl_passwd", "smtp.shop.net app:gr33nt3a # gr33nt3a"),
        ("wpa_supplicant.conf", "psk=\"gr33nt3a\" # gr33nt3a"),
    ] {
        let document = Document::new(path, line.as_bytes());
        let found = ENGINE.scan(&document, &mut Scratch::default());
        let columns: Vec<_> = found.iter().map(|f| f.place.region.column).collect();
        let first = line.find("gr33").unwrap() + 1;
        assert_eq!(columns, [u32::try_from(first).unwrap()], "{path}: {line}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The same with whatever a person types.
    #[test]
    fn no_part_of_what_is_typed_is_shown(
        form in 0..FORMS.len(),
        head in "[a-zA-Z0-9]{8,14}",
        inside in "[ -~]{1,4}|[ -~éß€]{1,3}",
        tail in "[a-zA-Z0-9]{8,14}",
    ) {
        let parts = [&*head, &*inside, &*tail];
        if let Some((path, text)) = plant(form, parts) {
            let (_, leak) = leak(path, &text, parts);
            prop_assert!(leak.is_none(), "{}", leak.unwrap_or_default());
        }
    }
}
