//! What a job runs in the end: its own steps, those of the local actions that they use,
//! and those of the local workflow that it calls.

use super::{Job, Pipeline, Read, Step, System, Text, find, is_own_token, of_neighbour, reads};
use crate::detect::hit::Spot;
use crate::document::neighbours::{self, Neighbour};
use crate::document::{Document, Span};
use crate::kind::{Kind, Kinds};

/// How deep calls are followed.
const DEEPEST: usize = 4;

/// Most called steps that are looked at: of one job, and of all jobs of a pipeline.
const MOST: usize = 500;
const MOST_IN_ALL: usize = 50_000;

/// A step that a job runs.
pub(crate) struct Reached<'p> {
    /// The pipeline, job and step as they are written.
    pub(crate) pipeline: &'p Pipeline,
    pub(crate) job: &'p Job,
    pub(crate) step: &'p Step,
    /// The file of the callee, and where the caller's file calls it.
    through: Option<(&'p Neighbour, Span)>,
}

impl Reached<'_> {
    /// Where a span of the step is, in the caller's file.
    pub(crate) fn place(&self, span: Span) -> Span {
        self.through.map_or(span, |(_, call)| call)
    }

    /// Where a span of the step is written.
    pub(crate) fn spot(&self, span: Span) -> Spot {
        match self.through {
            Some((file, _)) => Spot::there(file, span),
            None => Spot::Here(span),
        }
    }

    /// Whether it is a step of a callee.
    pub(crate) const fn is_called(&self) -> bool {
        self.through.is_some()
    }
}

/// The pipeline of the project that a text calls: `./.github/workflows/x.yml`,
/// `./actions/x`.
pub(crate) fn callee<'p>(
    document: &Document<'p>,
    call: &Text,
) -> Option<(&'p Neighbour, &'p Pipeline)> {
    let path = call.text.strip_prefix("./")?;
    let path = neighbours::resolve("", path)?;
    let all = document.neighbours()?;
    let file = all
        .get(&path)
        .or_else(|| all.get(&format!("{path}/action.yml")))
        .or_else(|| all.get(&format!("{path}/action.yaml")))?;
    Some((file, of_neighbour(file)?))
}

/// What a workflow's callers give it for one of its secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Given {
    /// The token of their own run.
    Own,
    /// A secret that the project stores, by its name there.
    Stored(String),
}

/// How many files and jobs are asked whether they call a workflow.
const CALLERS: usize = 200;
const CALLING: usize = 20_000;

/// What the project's workflows that call this one give for its secret `name`. What is
/// stored counts more than a token of a run.
pub(crate) fn given(document: &Document<'_>, pipeline: &Pipeline, name: &str) -> Option<Given> {
    if !pipeline.callable || pipeline.system != System::Github {
        return None;
    }
    let files = document.neighbours()?;
    let files = files.of(Kinds::NONE.with(Kind::GithubWorkflow));
    let pipelines = files.take(CALLERS).filter_map(of_neighbour);
    let jobs = pipelines.flat_map(|pipeline| &pipeline.jobs);
    let mut own = None;
    for job in jobs.take(CALLING).filter(|job| !job.secrets.is_empty()) {
        let path = job.calls.as_ref().and_then(|c| c.text.strip_prefix("./"));
        let path = path.and_then(|path| neighbours::resolve("", path));
        if path.as_deref() != Some(document.path()) {
            continue;
        }
        let Some(set) = find(&job.secrets, name) else {
            continue;
        };
        for read in reads(System::Github, &set.value.text) {
            match read {
                Read::Secret(name) if is_own_token(&name) => own = Some(Given::Own),
                Read::Secret(name) => return Some(Given::Stored(name)),
                _ => {}
            }
        }
    }
    own
}

/// The task or template of the same file that a job uses: in a cluster's objects.
pub(crate) fn of_same_file<'p>(pipeline: &'p Pipeline, job: &Job) -> Option<&'p Job> {
    let name = &job.calls.as_ref()?.text;
    match pipeline.system {
        System::Tekton => pipeline.job(name),
        System::Argo => {
            // `Workflow/name/template/task`
            let (at, _) = job.id.match_indices('/').nth(1)?;
            pipeline.job(&format!("{}/{name}", job.id.get(..at)?))
        }
        _ => None,
    }
}

/// The task or template of another file that a cluster's job uses, with the jobs that it
/// is made of.
fn object<'p>(
    document: &Document<'p>,
    system: System,
    call: &Text,
) -> Option<(&'p Neighbour, &'p Pipeline, &'p [Job])> {
    let all = document.neighbours()?;
    let find = |kinds: [&str; 2], name: &str| {
        let mut kinds = kinds.into_iter();
        kinds.find_map(|kind| Some((kind.to_owned(), all.object(kind, name)?)))
    };
    let (file, id) = match system {
        System::Tekton => {
            let (_, file) = find(["Task", "ClusterTask"], &call.text)?;
            (file, call.text.clone())
        }
        System::Argo => {
            let (name, template) = call.text.split_once('/')?;
            let (kind, file) = find(["WorkflowTemplate", "ClusterWorkflowTemplate"], name)?;
            (file, format!("{kind}/{name}/{template}"))
        }
        _ => return None,
    };
    let callee = of_neighbour(file)?;
    Some((file, callee, whole(callee, &id)))
}

/// A job and the tasks that it is made of, which stand after it.
fn whole<'p>(pipeline: &'p Pipeline, id: &str) -> &'p [Job] {
    let jobs = pipeline.jobs_from(id);
    let below = |job: &Job| {
        job.id
            .strip_prefix(id)
            .is_some_and(|rest| rest.starts_with('/'))
    };
    let tasks = jobs.iter().skip(1).take_while(|job| below(job)).count();
    jobs.get(..=tasks).unwrap_or_default()
}

/// Every step that a job of the document's own pipeline runs.
pub(crate) fn reached<'p>(
    document: &Document<'p>,
    pipeline: &'p Pipeline,
    job: &'p Job,
) -> Vec<Reached<'p>> {
    // Each job has its share, so that it doesn't matter which rule asks for which first.
    let share = MOST_IN_ALL / pipeline.jobs.len().max(1);
    let mut reader = Follow {
        document,
        left: share.clamp(8, MOST),
        cut: false,
        out: Vec::new(),
    };
    reader.follow((pipeline, job), None, 0);
    if reader.cut {
        document.note("calls more steps than are looked at");
    }
    reader.out
}

struct Follow<'a, 'p> {
    document: &'a Document<'p>,
    /// How many called steps and jobs may still be looked at.
    left: usize,
    /// Something was not looked at.
    cut: bool,
    out: Vec<Reached<'p>>,
}

impl<'p> Follow<'_, 'p> {
    fn follow(
        &mut self,
        (pipeline, job): (&'p Pipeline, &'p Job),
        through: Option<(&'p Neighbour, Span)>,
        depth: usize,
    ) {
        if let Some(call) = &job.calls {
            self.enter(call, through, depth);
            self.enter_object((pipeline, job), call, through, depth);
        }
        for step in &job.steps {
            if through.is_some() && !self.pays() {
                return;
            }
            self.out.push(Reached {
                pipeline,
                job,
                step,
                through,
            });
            if let Some(uses) = &step.uses {
                self.enter(uses, through, depth);
            }
        }
    }

    /// Pays for one called step or job; false when no more are looked at.
    fn pays(&mut self) -> bool {
        match self.left.checked_sub(1) {
            Some(left) => self.left = left,
            None => self.cut = true,
        }
        !self.cut
    }

    /// Follows the use of a cluster's task or template. One of the document's own file is
    /// a job there, which waits for those that use it.
    fn enter_object(
        &mut self,
        (pipeline, job): (&'p Pipeline, &'p Job),
        call: &Text,
        through: Option<(&'p Neighbour, Span)>,
        depth: usize,
    ) {
        if depth >= DEEPEST || self.cut || !pipeline.system.runs_in_a_cluster() {
            return;
        }
        let own = of_same_file(pipeline, job);
        let (file, callee, jobs) = match (own, through) {
            (Some(own), Some((file, _))) => (file, pipeline, whole(pipeline, &own.id)),
            (Some(_), None) => return,
            (None, _) => match object(self.document, pipeline.system, call) {
                Some(found) => found,
                None => return,
            },
        };
        let place = through.map_or(call.span, |(_, place)| place);
        for job in jobs {
            if !self.pays() {
                return;
            }
            self.follow((callee, job), Some((file, place)), depth + 1);
        }
    }

    /// Follows a call.
    fn enter(&mut self, call: &Text, through: Option<(&'p Neighbour, Span)>, depth: usize) {
        if depth >= DEEPEST || self.cut {
            return;
        }
        let Some((file, callee)) = callee(self.document, call) else {
            return;
        };
        let place = through.map_or(call.span, |(_, place)| place);
        for job in &callee.jobs {
            if !self.pays() {
                return;
            }
            self.follow((callee, job), Some((file, place)), depth + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Neighbours;

    /// The commands that the jobs of `text` run, with the files in which they are written.
    fn run(text: &str, others: &[(&str, &str)]) -> Vec<(String, String)> {
        let mut files = Neighbours::default();
        for (path, text) in others {
            files.add(path, text.as_bytes().into(), Kinds::NONE);
        }
        let document = Document::new("k8s/a.yaml", text.as_bytes());
        let document = document.among(&files, Kinds::NONE);
        let pipeline = super::super::of(&document).unwrap();
        let jobs = pipeline.jobs.iter();
        let all = jobs.flat_map(|job| reached(&document, pipeline, job));
        all.flat_map(|reached| {
            let commands = reached.step.script.commands.iter();
            let written = commands.map(|command| {
                let path = match reached.spot(command.span) {
                    Spot::There(place) => place.path.to_string(),
                    Spot::Here(_) => String::new(),
                };
                (command.name().to_owned(), path)
            });
            written.collect::<Vec<_>>()
        })
        .collect()
    }

    #[test]
    fn a_callee_learns_what_its_secrets_are() {
        let mut files = Neighbours::default();
        let mut add = |path: &str, text: &str| files.add(path, text.as_bytes().into(), Kinds::NONE);
        let called = "on: workflow_call\njobs:\n  d:\n    steps: [{run: x}]\n";
        let user = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/d.yml\n    secrets: {one: '${{ secrets.RELEASE_PAT }}', two: '${{ secrets.GITHUB_TOKEN }}'}\n";
        add(".github/workflows/d.yml", called);
        add(".github/workflows/a.yml", user);
        let document = Document::new(".github/workflows/d.yml", called.as_bytes());
        let document = document.among(&files, Kinds::NONE);
        let pipeline = super::super::of(&document).unwrap();
        let asked = |name| given(&document, pipeline, name);
        assert_eq!(asked("one"), Some(Given::Stored("RELEASE_PAT".to_owned())));
        assert_eq!(asked("two"), Some(Given::Own));
        assert_eq!(asked("three"), None);
    }

    #[test]
    fn tasks_of_a_cluster_are_followed_by_name() {
        let task = |name: &str, command: &str| {
            format!(
                "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {{name: {name}}}\nspec:\n  steps: [{{image: x, script: {command} go}}]\n"
            )
        };
        let text = "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata: {name: p}\nspec:\n  tasks:\n    - {name: a, taskRef: {name: roll}}\n    - {name: b, taskRef: {name: none}}\n    - {name: c, taskRef: {name: twice}}\n";
        let (roll, one, two) = (task("roll", "helm"), task("twice", "a"), task("twice", "b"));
        let others = [
            ("k8s/a.yaml", text),
            ("k8s/roll.yaml", &roll),
            ("k8s/one.yaml", &one),
            ("k8s/two.yaml", &two),
        ];
        // Of two tasks of one name it isn't known which is meant.
        assert_eq!(
            run(text, &others),
            [("helm".to_owned(), "k8s/roll.yaml".to_owned())]
        );
    }

    #[test]
    fn templates_of_a_cluster_are_followed_by_name() {
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: w}\nspec:\n  entrypoint: m\n  templates:\n    - name: m\n      steps: [[{name: s, templateRef: {name: lib, template: main}}]]\n";
        let library = "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: lib}\nspec:\n  templates:\n    - name: main\n      steps: [[{name: s, template: roll}], [{name: again, template: main}]]\n    - name: roll\n      container: {image: x, command: [helm, upgrade]}\n    - name: other\n      container: {image: x, command: [make]}\n";
        let found = run(text, &[("k8s/a.yaml", text), ("k8s/lib.yaml", library)]);
        assert!(!found.is_empty() && found.len() < MOST);
        assert!(
            found
                .iter()
                .all(|(name, path)| name == "helm" && path == "k8s/lib.yaml")
        );
    }

    #[test]
    fn local_workflows_and_actions_are_followed() {
        let mut files = Neighbours::default();
        let mut add = |path: &str, text: &str| files.add(path, text.as_bytes().into(), Kinds::NONE);
        add(
            ".github/workflows/d.yml",
            "on: workflow_call\njobs:\n  d:\n    steps:\n      - uses: ./up\n      - uses: ./none\n",
        );
        add(
            "up/action.yml",
            "runs:\n  using: composite\n  steps:\n    - run: make up\n    - uses: ./up\n",
        );
        let text = "on: push\njobs:\n  a:\n    uses: ./.github/workflows/d.yml\n";
        let document = Document::new(".github/workflows/a.yml", text.as_bytes());
        let document = document.among(&files, Kinds::NONE);
        let pipeline = super::super::of(&document).unwrap();
        let all = reached(&document, pipeline, &pipeline.jobs[0]);
        let makes: Vec<_> = all
            .iter()
            .flat_map(|r| {
                r.step
                    .commands()
                    .map(move |(_, span)| (r.place(span), r.spot(span)))
            })
            .collect();
        // The action calls itself: it is followed so deep and no deeper.
        assert_eq!(makes.len(), DEEPEST - 1);
        let call = text.find("./.github").unwrap();
        for (place, spot) in makes {
            assert_eq!(place.start, call);
            assert!(
                matches!(spot, Spot::There(place) if &*place.path == "up/action.yml" && place.region.line == 4)
            );
        }
    }
}
