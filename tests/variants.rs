//! A credential is found however it is written: in every kind of file, under every way
//! of naming it, with any line ends, on a line of its own or in one long line.

use std::sync::LazyLock;

use byway::detect::{Engine, Scratch};
use byway::document::Document;
use byway::finding::{Class, Confidence};
use byway::rule::{self, sample};

static ENGINE: LazyLock<Engine> =
    LazyLock::new(|| Engine::new(rule::builtin().to_vec()).expect("our own rules"));

/// How a value is given, with the path of the file: `NAME` and `VALUE` stand for
/// themselves.
const FORMS: &[(&str, &str)] = &[
    ("src/a.py", "NAME = \"VALUE\"\n"),
    ("src/a.py", "NAME: str = 'VALUE'\n"),
    ("src/a.py", "connect(host, NAME='VALUE', timeout=3)\n"),
    (
        "src/a.py",
        "def run(host, NAME: str = \"VALUE\"):\n    pass\n",
    ),
    ("src/a.py", "settings['NAME'] = \"VALUE\"\n"),
    ("src/a.py", "X = {'host': 'h1', 'NAME': 'VALUE'}\n"),
    ("src/a.py", "x = os.environ.get(\"NAME\", \"VALUE\")\n"),
    ("src/a.py", "x = os.environ.get(\"NAME\") or \"VALUE\"\n"),
    (
        "src/a.py",
        "subprocess.run([\"tool\", \"--NAME\", \"VALUE\"])\n",
    ),
    ("src/a.py", "if NAME == \"VALUE\":\n    pass\n"),
    ("src/a.js", "const NAME = 'VALUE';\n"),
    ("src/a.js", "const a = { host, NAME: `VALUE` };\n"),
    ("src/a.js", "const x = process.env.NAME || 'VALUE';\n"),
    ("src/a.js", "const x = process.env.NAME ?? \"VALUE\";\n"),
    ("src/a.ts", "private readonly NAME: string = 'VALUE';\n"),
    ("src/a.ts", "if (NAME === 'VALUE') { return true; }\n"),
    ("src/a.go", "const NAME = \"VALUE\"\n"),
    ("src/a.go", "\tNAME := \"VALUE\"\n"),
    ("src/a.go", "var NAME string = `VALUE`\n"),
    ("src/a.go", "\tc := Config{Host: h, NAME: \"VALUE\"}\n"),
    ("src/a.go", "\tNAME: []byte(\"VALUE\"),\n"),
    (
        "src/A.java",
        "  private static final String NAME = \"VALUE\";\n",
    ),
    ("src/A.java", "  config.setNAME(\"VALUE\");\n"),
    ("src/A.java", "  props.put(\"NAME\", \"VALUE\");\n"),
    ("src/A.kt", "val NAME: String = \"VALUE\"\n"),
    (
        "src/A.cs",
        "public string NAME { get; set; } = \"VALUE\";\n",
    ),
    ("src/A.cs", "var c = new Client { NAME = @\"VALUE\" };\n"),
    ("src/a.rb", "config[:NAME] = 'VALUE'\n"),
    ("src/a.rb", "connect(NAME: 'VALUE')\n"),
    ("src/a.rb", "{ :NAME => \"VALUE\" }\n"),
    ("src/a.php", "$NAME = 'VALUE';\n"),
    ("src/a.php", "define('NAME', 'VALUE');\n"),
    ("src/a.php", "'NAME' => 'VALUE',\n"),
    ("src/a.php", "$this->NAME = \"VALUE\";\n"),
    ("src/a.rs", "const NAME: &str = \"VALUE\";\n"),
    (
        "src/a.rs",
        "let a = Login { NAME: \"VALUE\".to_owned() };\n",
    ),
    (
        "src/a.rs",
        "let a = Login { NAME: Some(String::from(\"VALUE\")) };\n",
    ),
    ("src/a.c", "static const char NAME[] = \"VALUE\";\n"),
    ("src/a.c", "char *NAME = \"VALUE\";\n"),
    ("src/a.h", "#define NAME \"VALUE\"\n"),
    ("src/a.swift", "let NAME = \"VALUE\"\n"),
    ("src/a.pl", "my $NAME = 'VALUE';\n"),
    ("src/a.lua", "local NAME = \"VALUE\"\n"),
    ("src/a.sql", "SET NAME = 'VALUE';\n"),
    ("a.sh", "NAME=VALUE\n"),
    ("a.sh", "export NAME='VALUE'\n"),
    ("a.sh", "tool --NAME VALUE --verbose\n"),
    ("a.sh", "tool --NAME=VALUE\n"),
    ("a.sh", "NAME=\"${NAME:-x}\"; NAME=\"VALUE\"\n"),
    ("a.ps1", "$NAME = \"VALUE\"\n"),
    ("a.ps1", "Invoke-Thing -NAME 'VALUE'\n"),
    ("a.bat", "set NAME=VALUE\n"),
    ("Dockerfile", "FROM alpine:3\nENV NAME=VALUE\n"),
    ("Dockerfile", "FROM alpine:3\nENV NAME VALUE\n"),
    ("Makefile", "NAME := VALUE\n"),
    ("a.yaml", "db:\n  NAME: VALUE\n"),
    ("a.yaml", "db:\n  NAME: \"VALUE\"\n"),
    ("a.yaml", "env:\n  - name: NAME\n    value: \"VALUE\"\n"),
    ("a.yaml", "env:\n  - NAME=VALUE\n"),
    ("a.yaml", "db: { user: x, NAME: 'VALUE' }\n"),
    ("a.json", "{\"user\": \"x\", \"NAME\": \"VALUE\"}\n"),
    (
        "a.json",
        "{\"user\":\"x\",\"NAME\":\"VALUE\",\"port\":5432}",
    ),
    ("a.json", "{\"body\": \"{\\\"NAME\\\": \\\"VALUE\\\"}\"}\n"),
    ("a.json", "{\"name\": \"NAME\", \"value\": \"VALUE\"}\n"),
    ("a.toml", "[db]\nNAME = \"VALUE\"\n"),
    ("a.ini", "[db]\nNAME = VALUE\n"),
    ("a.conf", "NAME=VALUE\n"),
    ("a.properties", "db.NAME=VALUE\n"),
    ("a.xml", "<db><NAME>VALUE</NAME></db>\n"),
    ("a.xml", "<add key=\"NAME\" value=\"VALUE\" />\n"),
    ("a.xml", "<db><NAME type=\"text\">VALUE</NAME></db>\n"),
    ("src/b.js", "//NAME = 'VALUE';\n"),
    ("src/b.c", "curl_easy_setopt(c, CURLOPT_NAME, \"VALUE\");\n"),
    ("a.xml", "<db NAME=\"VALUE\"/>\n"),
    ("main.tf", "resource \"a\" \"b\" {\n  NAME = \"VALUE\"\n}\n"),
    ("a.tfvars", "NAME = \"VALUE\"\n"),
    (".env", "NAME=VALUE\n"),
    (".env", "export NAME=\"VALUE\"\n"),
    (
        "a.ipynb",
        "{\"cells\": [{\"cell_type\": \"code\", \"source\": [\"NAME = \\\"VALUE\\\"\\n\"]}]}\n",
    ),
    ("notes", "NAME: VALUE\n"),
    ("notes.txt", "user: root NAME: VALUE\n"),
    ("a.patch", "+  NAME = \"VALUE\"\n"),
    ("a.patch", "-  \"NAME\": \"VALUE\",\n"),
];

/// The names of a password and of a key, as each way of writing has them.
const PASSWORDS: &[&str] = &[
    "password",
    "DB_PASSWORD",
    "dbPasswd",
    "smtp_pwd",
    "AdminPassword",
];
const KEYS: &[&str] = &[
    "apiKey",
    "API_TOKEN",
    "client_secret",
    "AuthToken",
    "secret_key",
];

/// Values that nobody takes for a word.
const STRONG: &[&str] = &[
    "{{lower:2}}{{digits:2}}!{{upper:2}}{{digits:2}}z",
    "{{base62:14}}4x",
];
const RANDOM: &[&str] = &["{{base62:32}}", "{{hex:40}}", "{{base62:24}}-{{base62:8}}"];

/// Writes every value under every name in every form; what is not found of it.
fn misses(names: &[&str], values: &[&str], rewrite: fn(String) -> String) -> Vec<String> {
    let mut missed = Vec::new();
    let mut scratch = Scratch::default();
    for (at, (path, form)) in FORMS.iter().enumerate() {
        for (name, value) in names
            .iter()
            .flat_map(|n| values.iter().map(move |v| (n, v)))
        {
            let value = sample::expand(value, &format!("{name}{at}")).unwrap();
            let text = rewrite(form.replace("NAME", name).replace("VALUE", &value));
            let document = Document::new(path, text.as_bytes());
            let found = ENGINE.scan(&document, &mut scratch);
            let shown = found
                .iter()
                .any(|f| f.confidence >= Confidence::Medium && f.class == Class::StaticKey);
            if !shown {
                missed.push(format!("{path}: {text:?}"));
            }
        }
    }
    missed
}

fn none_missed(rewrite: fn(String) -> String) {
    let mut missed = misses(PASSWORDS, STRONG, rewrite);
    missed.extend(misses(KEYS, RANDOM, rewrite));
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn every_form() {
    none_missed(|text| text);
}

#[test]
fn with_the_line_ends_of_windows() {
    none_missed(|text| text.replace('\n', "\r\n"));
}

#[test]
fn behind_other_text_without_a_last_line_end() {
    none_missed(|text| format!("\n\n{}", text.trim_end()));
}
