//! Stored tokens that packages are published with.

mod verbs;

use super::script::assigned;
use super::{At, Claim, Keys, Stored, action};
use crate::detect::code::alternatives::Service;
use crate::detect::pipeline::{Job, Setting, Step, find};
use crate::detect::shell::{Command, Word};
use crate::detect::{Cx, Hit};
use crate::document::Span;
use crate::finding::{Confidence, Severity};

use verbs::{Verb, published};

/// What a registry of packages is called, and the variables that hold its token.
struct Registry {
    service: Service,
    title: &'static str,
    variables: &'static [&'static str],
}

const REGISTRIES: &[Registry] = &[
    Registry {
        service: Service::Npm,
        title: "npmjs.com",
        variables: &[
            "NODE_AUTH_TOKEN",
            "NPM_TOKEN",
            "NPM_AUTH_TOKEN",
            "YARN_NPM_AUTH_TOKEN",
            "NPM_CONFIG_TOKEN",
        ],
    },
    Registry {
        service: Service::Pypi,
        title: "pypi.org",
        variables: &[
            "TWINE_PASSWORD",
            "UV_PUBLISH_TOKEN",
            "UV_PUBLISH_PASSWORD",
            "POETRY_PYPI_TOKEN_PYPI",
            "POETRY_HTTP_BASIC_PYPI_PASSWORD",
            "MATURIN_PYPI_TOKEN",
            "MATURIN_PASSWORD",
            "FLIT_PASSWORD",
            "HATCH_INDEX_AUTH",
            "PDM_PUBLISH_PASSWORD",
            "PYPI_TOKEN",
            "PYPI_API_TOKEN",
        ],
    },
    Registry {
        service: Service::Crates,
        title: "crates.io",
        variables: &["CARGO_REGISTRY_TOKEN", "CRATES_IO_TOKEN", "CARGO_TOKEN"],
    },
    Registry {
        service: Service::Rubygems,
        title: "rubygems.org",
        variables: &[
            "GEM_HOST_API_KEY",
            "RUBYGEMS_API_KEY",
            "RUBYGEMS_AUTH_TOKEN",
        ],
    },
    Registry {
        service: Service::Nuget,
        title: "nuget.org",
        variables: &[
            "NUGET_API_KEY",
            "NUGET_AUTH_TOKEN",
            "NUGET_KEY",
            "NUGET_TOKEN",
        ],
    },
    Registry {
        service: Service::Jsr,
        title: "jsr.io",
        variables: &["JSR_TOKEN", "DENO_DEPLOY_TOKEN"],
    },
];

/// Variables that nothing but publishing needs.
const ONLY_PUBLISH: &[&str] = &[
    "TWINE_PASSWORD",
    "UV_PUBLISH_TOKEN",
    "POETRY_PYPI_TOKEN_PYPI",
    "MATURIN_PYPI_TOKEN",
    "FLIT_PASSWORD",
    "PDM_PUBLISH_PASSWORD",
    "CARGO_REGISTRY_TOKEN",
    "GEM_HOST_API_KEY",
];

/// Variables that send packages elsewhere.
const ELSEWHERE: &[&str] = &[
    "TWINE_REPOSITORY_URL",
    "TWINE_REPOSITORY",
    "UV_PUBLISH_URL",
    "MATURIN_REPOSITORY_URL",
    "MATURIN_REPOSITORY",
    "FLIT_INDEX_URL",
    "PDM_PUBLISH_REPO",
    "RUBYGEMS_HOST",
    "NPM_CONFIG_REGISTRY",
    "npm_config_registry",
];

/// Actions that publish: what they publish to, the input that takes the token, and the
/// inputs that send packages elsewhere.
const ACTIONS: &[(&str, Service, &str, &[&str])] = &[
    (
        "pypa/gh-action-pypi-publish",
        Service::Pypi,
        "password",
        &["repository-url", "repository_url"],
    ),
    (
        "js-devtools/npm-publish",
        Service::Npm,
        "token",
        &["registry"],
    ),
    (
        "katyo/publish-crates",
        Service::Crates,
        "registry-token",
        &[],
    ),
    (
        "dawidd6/action-publish-gem",
        Service::Rubygems,
        "api_key",
        &[],
    ),
    (
        "brandedoutcast/publish-nuget",
        Service::Nuget,
        "NUGET_KEY",
        &["NUGET_SOURCE"],
    ),
    (
        "alirezanet/publish-nuget",
        Service::Nuget,
        "NUGET_KEY",
        &["NUGET_SOURCE"],
    ),
];

/// Actions that publish when there is something to, with a token from their environment.
const BY_ENVIRONMENT: &[(&str, Service)] = &[
    ("changesets/action", Service::Npm),
    ("cycjimmy/semantic-release-action", Service::Npm),
    ("pascalgn/npm-publish-action", Service::Npm),
    ("release-plz/action", Service::Crates),
    ("marcoieni/release-plz-action", Service::Crates),
    ("cadwallion/publish-rubygems-action", Service::Rubygems),
];

/// Finds the tokens, once for each job and secret.
pub(in crate::detect::code) fn tokens(cx: &Cx<'_, '_>) -> Vec<Hit> {
    let Some(mut keys) = Keys::of(cx) else {
        return Vec::new();
    };
    keys.steps(step);
    keys.environments(unseen);
    keys.hits
}

fn step<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &'p Job, step: &'p Step) {
    if let Some(name) = action(step) {
        uses(keys, at, &name, step);
    }
    for command in step.script.commands.iter() {
        let Some(verb) = published(command) else {
            continue;
        };
        if goes_elsewhere(keys, at, job, verb.service) {
            continue;
        }
        if let Some((claim, sure)) = token(keys, at, job, step, command, &verb) {
            push(keys, at, job, verb.service, claim.sure(sure));
        }
    }
}

fn uses<'p>(keys: &mut Keys<'p>, at: At<'p>, name: &str, step: &'p Step) {
    let Some(job) = at.job else {
        return;
    };
    if let Some((_, service, input, elsewhere)) = ACTIONS.iter().find(|row| row.0 == name) {
        let mut targets = elsewhere.iter().filter_map(|name| find(&step.with, name));
        if targets.any(|target| !is_public(*service, &target.value.text)) {
            return;
        }
        if let Some(setting) = find(&step.with, input)
            && let Some(stored) = keys.stored(at, &setting.value.text)
        {
            let claim = Claim::new(&setting.value, &stored, does(*service));
            push(keys, at, job, *service, claim);
        }
    }
    if let Some((_, service)) = BY_ENVIRONMENT.iter().find(|row| row.0 == name)
        && !goes_elsewhere(keys, at, job, *service)
        && (name != "changesets/action" || find(&step.with, "publish").is_some())
        && find(&step.with, "command").is_none_or(|s| !s.value.text.contains("release-pr"))
        && let Some((setting, stored)) = in_environment(keys, at, job, step, *service)
    {
        let claim = Claim::new(&setting.value, &stored, does(*service));
        push(keys, at, job, *service, claim.sure(Confidence::Medium));
    }
}

fn of(service: Service) -> Option<&'static Registry> {
    REGISTRIES
        .iter()
        .find(|registry| registry.service == service)
}

fn does(service: Service) -> String {
    let title = of(service).map_or("a registry", |registry| registry.title);
    format!("publishes to {title} with the stored token")
}

/// Whether a registry's address is that of the public one.
fn is_public(service: Service, address: &str) -> bool {
    let host = match service {
        Service::Npm => "registry.npmjs.org",
        Service::Pypi => "upload.pypi.org",
        Service::Nuget => "nuget.org",
        _ => return false,
    };
    address.trim().is_empty() || address.contains(host)
}

/// Whether the job's settings send its packages to another registry.
fn goes_elsewhere(keys: &Keys<'_>, at: At<'_>, job: &Job, service: Service) -> bool {
    let scopes = at.step.map(|step| &step.env).into_iter();
    let mut scopes = scopes.chain([&job.env, &keys.pipeline.env]);
    let named = scopes.any(|env| {
        ELSEWHERE
            .iter()
            .filter_map(|name| find(env, name))
            .any(|s| s.value.text != "pypi" && !is_public(service, &s.value.text))
    });
    // `setup-node` writes the registry into npm's settings.
    let mut set_up = job
        .steps
        .iter()
        .take_while(|_| keys.may_look())
        .filter_map(|step| find(&step.with, "registry-url"));
    named || service == Service::Npm && set_up.any(|s| !is_public(service, &s.value.text))
}

/// The stored token of a publishing command, and how sure it is that it is used.
fn token<'p>(
    keys: &Keys<'p>,
    at: At<'p>,
    job: &'p Job,
    step: &'p Step,
    command: &Command,
    verb: &Verb<'_>,
) -> Option<(Claim, Confidence)> {
    let service = verb.service;
    if let Some(text) = verb.token {
        let stored = keys.stored(at, text)?;
        let place = step.script.place(command.span);
        return Some((Claim::at(place, &stored, does(service)), verb.sure));
    }
    let variables = of(service)?.variables;
    let own = command
        .sets
        .iter()
        .find(|set| variables.contains(&set.name.as_str()));
    if let Some(set) = own {
        let stored = keys.stored(at, &set.value)?;
        let place = step.script.place(set.span);
        return Some((Claim::at(place, &stored, does(service)), verb.sure));
    }
    if let Some((setting, stored)) = in_environment(keys, at, job, step, service) {
        return Some((
            Claim::new(&setting.value, &stored, does(service)),
            verb.sure,
        ));
    }
    let (place, stored) = set_up(keys, job, service)?;
    Some((Claim::at(place, &stored, does(service)), verb.sure))
}

fn in_environment<'p>(
    keys: &Keys<'p>,
    at: At<'p>,
    job: &'p Job,
    step: &'p Step,
    service: Service,
) -> Option<(&'p Setting, Stored)> {
    let variables = of(service)?.variables;
    let mut env = keys.pipeline.env_of(job, step);
    env.find_map(|setting| {
        let named = variables.contains(&setting.name.as_str());
        let stored = named.then(|| keys.stored(at, &setting.value.text))??;
        Some((setting, stored))
    })
}

/// What a script of the job has put where the publishing program looks for it.
fn set_up<'p>(keys: &Keys<'p>, job: &'p Job, service: Service) -> Option<(Span, Stored)> {
    let variables = of(service)?.variables;
    for step in job.steps.iter().take_while(|_| keys.may_look()) {
        let at = At {
            job: Some(job),
            step: Some(step),
        };
        for command in keys.commands_of(std::slice::from_ref(step)) {
            let text = match service {
                Service::Npm => npm_token(command),
                Service::Crates if command.name() == "cargo" && command.begins_with(&["login"]) => {
                    command.operands().nth(1).map(|word| word.text().to_owned())
                }
                Service::Pypi
                    if command.name() == "poetry"
                        && command.begins_with(&["config", "pypi-token.pypi"]) =>
                {
                    command.operands().nth(2).map(|word| word.text().to_owned())
                }
                Service::Rubygems => rubygems_key(command),
                _ => None,
            };
            let set = || {
                let all = assigned(command).into_iter();
                let mut all = all.filter(|set| variables.contains(&set.name));
                all.next().map(|set| set.value.into_owned())
            };
            if let Some(text) = text.or_else(set)
                && let Some(stored) = keys.stored(at, &text)
            {
                return Some((step.script.place(command.span), stored));
            }
        }
    }
    None
}

/// `//registry.npmjs.org/:_authToken=TOKEN`, set or written into npm's settings.
fn npm_token(command: &Command) -> Option<String> {
    let words: Vec<&str> = command.args().iter().map(Word::text).collect();
    let at = words.iter().position(|word| word.contains("_authToken"))?;
    let text = words.get(at..)?.join(" ");
    let other = text.contains("//") && !text.contains("registry.npmjs.org");
    (!other).then(|| {
        text.split_once("_authToken")
            .map(|(_, rest)| rest.to_owned())
    })?
}

fn rubygems_key(command: &Command) -> Option<String> {
    let mut words = command.args().iter().map(Word::text);
    let text = words.find(|word| word.contains("rubygems_api_key"))?;
    Some(text.to_owned())
}

/// What is only of use for publishing, where no command is seen to publish: a script or a
/// tool does it.
fn unseen<'p>(keys: &mut Keys<'p>, at: At<'p>, env: &'p [Setting]) {
    for name in ONLY_PUBLISH {
        let Some(setting) = find(env, name) else {
            continue;
        };
        let registry = REGISTRIES.iter().find(|r| r.variables.contains(name));
        let job = at.job;
        if let Some(registry) = registry
            && let Some(stored) = keys.stored(at, &setting.value.text)
        {
            let nobody = Job::default();
            if goes_elsewhere(keys, at, job.unwrap_or(&nobody), registry.service) {
                continue;
            }
            let does = format!("can publish to {} with the stored token", registry.title);
            let claim = Claim::new(&setting.value, &stored, does).sure(Confidence::Medium);
            push(keys, at, job.unwrap_or(&nobody), registry.service, claim);
        }
    }
}

fn push<'p>(keys: &mut Keys<'p>, at: At<'p>, job: &Job, service: Service, claim: Claim) {
    let claim = claim.of(service).grave(Severity::Medium);
    // npm's trusted publishing asks for a machine of the platform's.
    let own = job.runner.iter().any(|label| label.text == "self-hosted");
    let refused = service == Service::Npm && own;
    let claim = if refused || keys.alternative(claim.service).is_none() {
        claim.grave(Severity::Low).sure(Confidence::Low)
    } else {
        claim
    };
    keys.push(at, claim);
}
