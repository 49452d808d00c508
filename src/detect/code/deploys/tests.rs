use super::*;
use crate::detect::shell;
use crate::document::Document;

fn all(text: &str) -> Vec<Command> {
    let document = Document::new("a.sh", text.as_bytes());
    shell::commands(&document).cloned().collect()
}

fn script(text: &str) -> bool {
    all(text).iter().any(command)
}

fn deploy(text: &str) -> Option<Deploy> {
    all(text).iter().find_map(of_command)
}

#[test]
fn commands_that_change_something_elsewhere_deploy() {
    for text in [
        "kubectl apply -f k8s/",
        "kubectl -n web set image deploy/app app=app:1",
        "cd infra && terraform -chdir=prod apply -auto-approve",
        "terragrunt run-all apply",
        "helm upgrade --install app ./chart",
        "helm --kube-context prod upgrade app ./chart",
        "aws ecs update-service --force-new-deployment",
        "aws --region eu-west-1 lambda update-function-code --function-name x",
        "aws s3 sync dist/ s3://site --delete",
        "gcloud beta run deploy app --image x",
        "az webapp deployment slot swap -n app",
        "./scripts/deploy.sh prod",
        "make deploy-prod",
        "npm run deploy:web",
        "kustomize build k8s | kubectl \\\n  apply -f -",
        "if npx serverless deploy; then echo done; fi",
        "ssh app@host systemctl restart app",
        "ssh -p 22 app@host <<EOF\nuptime\nEOF",
        "rsync -az build/ app@host:/srv/app",
        "scp a.tgz host:/tmp",
        "git push heroku main",
        "ansible-playbook -i hosts site.yml",
        "vercel --token x --prod",
        "docker --context web stack deploy -c a.yml app",
        "gh release create v1",
        "docker push x/y",
        "mvn -B clean deploy",
        "docker buildx build --push -t x .",
        "cargo +stable publish",
    ] {
        assert!(script(text), "{text}");
    }
    for text in [
        "kubectl get pods",
        "kubectl get pods -l app=create",
        "kubectl config set-context x",
        "kubectl apply --dry-run=client -f k8s/",
        "kubectl diff -f k8s/",
        "kubectl --context kind-ci apply -f k8s/",
        "terraform plan",
        "helm template x",
        "helm plugin install x",
        "helm diff upgrade app ./chart",
        "awslocal s3 mb s3://x",
        "aws --endpoint-url http://localhost:4566 ecs create-service",
        "aws s3 cp s3://builds/a.tgz .",
        "aws cloudformation deploy --no-execute-changeset",
        "echo kubectl apply",
        "# kubectl apply",
        "make test",
        "make redeployment-test",
        "ssh-keyscan host",
        "ssh -T git@github.com",
        "ssh -f -N -L 1:db:1 host",
        "rsync -a src/ dst/",
        "scp host:/tmp/a .",
        "npm test",
        "kubectl rollout status deploy/app",
        "ansible-playbook --check site.yml",
        "ansible-playbook -i localhost, -c local site.yml",
        "docker compose up -d",
        "vercel env pull",
        "docker buildx build -t x .",
        "cargo publish --dry-run",
        "goreleaser release --snapshot",
        "git push origin main",
        "gradle publishToMavenLocal",
    ] {
        assert!(!script(text), "{text}");
    }
}

#[test]
fn a_deployment_tells_what_where_and_how_sure() {
    let of = |text: &str| {
        let deploy = deploy(text).unwrap_or_else(|| panic!("{text}"));
        (deploy.what, deploy.stage, deploy.rehearsal, deploy.sure)
    };
    for (text, expected) in [
        (
            "kubectl apply -n prod -f x",
            ("kubernetes", Stage::Production, false, true),
        ),
        (
            "kubectl apply -n non-prod -f x",
            ("kubernetes", Stage::Test, false, true),
        ),
        (
            "kubectl apply --dry-run=none -f x",
            ("kubernetes", Stage::Unknown, false, true),
        ),
        (
            "kubectl apply --dry-run=server -f x",
            ("kubernetes", Stage::Unknown, true, true),
        ),
        (
            "terraform apply -var-file=envs/prd.tfvars",
            ("terraform", Stage::Production, false, true),
        ),
        (
            "serverless deploy --stage dev",
            ("serverless", Stage::Test, false, true),
        ),
        (
            "ENV=production make deploy",
            ("script", Stage::Production, false, false),
        ),
        (
            "aws s3 cp a.tgz s3://builds",
            ("aws", Stage::Unknown, false, false),
        ),
        (
            "aws sqs create-queue",
            ("aws", Stage::Unknown, false, false),
        ),
    ] {
        assert_eq!(of(text), expected, "{text}");
    }
}

#[test]
fn logins_and_publishing_are_no_deployments() {
    for (text, login) in [
        ("aws eks update-kubeconfig --name prod", "kubernetes"),
        (
            "gcloud auth activate-service-account --key-file k",
            "google",
        ),
        ("az login --service-principal -u x", "azure"),
        ("docker login ghcr.io", "registry"),
        ("kubectl config set-credentials ci", "kubernetes"),
    ] {
        let commands = all(text);
        assert_eq!(commands.iter().find_map(signs_in), Some(login), "{text}");
        assert_eq!(deploy(text), None, "{text}");
    }
    for (text, what) in [
        ("twine upload dist/*", "package"),
        ("helm push a.tgz oci://r", "helm chart"),
        ("/kaniko/executor --destination r/x", "image"),
        ("mkdocs gh-deploy", "pages"),
    ] {
        let commands = all(text);
        assert_eq!(commands.iter().find_map(publishes), Some(what), "{text}");
        assert_eq!(deploy(text), None, "{text}");
    }
}

#[test]
fn clusters_of_the_job_rehearse() {
    for text in [
        "kind create cluster",
        "minikube start --driver=docker",
        "k3d cluster create ci",
        "docker run -d localstack/localstack:3",
        "make kind-create",
        "kubectl config use-context kind-kind",
        "sudo snap install microk8s --classic",
    ] {
        assert!(all(text).iter().any(rehearses), "{text}");
    }
    for text in [
        "kind get clusters",
        "kubectl config use-context prod",
        "make build",
        "docker run x/y",
    ] {
        assert!(!all(text).iter().any(rehearses), "{text}");
    }
    assert!(rehearses_by_action("helm/kind-action@v1"));
    assert!(!rehearses_by_action("azure/login@v2"));
    assert!(rehearses_by_image("docker.io/localstack/localstack:3.0"));
}

#[test]
fn steps_of_every_service_deploy() {
    let none = |_: &str| None;
    for (name, what) in [
        ("Azure/webapps-deploy@v3", "azure"),
        ("google-github-actions/deploy-cloudrun@v2", "google"),
        ("circleci/aws-ecs/deploy-service-update", "aws"),
        ("kubernetes/create-or-update-resource", "kubernetes"),
        ("AzureWebApp@1", "azure"),
        ("KubernetesManifest@1", "kubernetes"),
        ("atlassian/aws-ecs-deploy:1.6.0", "aws"),
        ("ecs-deploy#v2.1.0", "aws"),
    ] {
        assert_eq!(of_action(name, &none).map(|d| d.what), Some(what), "{name}");
    }
    for name in [
        "actions/checkout@v4",
        "azure/login@v2",
        "pypa/gh-action-pypi-publish@release/v1",
        "HelmDeploy@0",
        "pulumi/actions@v6",
        "azure/setup-kubectl@v4",
    ] {
        assert_eq!(of_action(name, &none), None, "{name}");
    }
    assert_eq!(
        actions::signs_in_by_action("Azure/login@v2", &none),
        Some("azure")
    );
    assert_eq!(
        publishes_by_action("pypa/gh-action-pypi-publish@release/v1", &none),
        Some("package")
    );
    assert_eq!(
        publishes_by_action("plugins/docker:20", &none),
        Some("image")
    );
    assert_eq!(of_provider("heroku").map(|d| d.what), Some("heroku"));
    assert_eq!(of_provider("npm"), None);
    let image = of_image("docker.io/appleboy/drone-ssh:1.8", &none);
    assert_eq!(image.map(|d| d.what), Some("host"));
}

#[test]
fn inputs_decide_what_a_step_does() {
    let input = |sought: &'static str, value: &'static str| {
        move |name: &str| (name == sought).then(|| value.to_owned())
    };
    let upgrade = input("command", "upgrade");
    assert!(of_action("HelmDeploy@0", &upgrade).is_some());
    let package = input("command", "package");
    assert!(of_action("HelmDeploy@0", &package).is_none());
    let up = input("command", "up");
    assert!(of_action("pulumi/actions@v6", &up).is_some());
    let preview = input("command", "preview");
    assert!(of_action("pulumi/actions@v6", &preview).is_none());
    let push = input("push", "true");
    assert_eq!(
        publishes_by_action("docker/build-push-action@v6", &push),
        Some("image")
    );
    let host = input("host", "web.prod.example.com");
    let deploy = of_action("appleboy/ssh-action@v1", &host);
    assert_eq!(deploy.map(|d| d.stage), Some(Stage::Production));
}

#[test]
fn an_apply_that_asks_nobody_is_told_from_one_that_was_planned() {
    let of = |text: &str| all(text).iter().find_map(unattended_apply);
    for (text, what) in [
        ("terraform apply -auto-approve", "terraform apply"),
        ("tofu -chdir=x destroy --auto-approve", "tofu destroy"),
        ("pulumi up --yes --stack prod", "pulumi up"),
        ("pulumi up --skip-preview", "pulumi up"),
        (
            "npx cdk deploy --all --require-approval never",
            "cdk deploy",
        ),
        (
            "terragrunt run-all apply --terragrunt-non-interactive",
            "terragrunt apply",
        ),
        (
            "aws cloudformation deploy --stack-name x",
            "aws cloudformation deploy",
        ),
    ] {
        let found = of(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(found.what, what, "{text}");
        assert!(!found.planned, "{text}");
    }
    for text in [
        "terraform apply tfplan",
        "terraform apply -auto-approve -var a=b tfplan",
    ] {
        assert!(of(text).is_some_and(|found| found.planned), "{text}");
    }
    assert!(of("terraform apply -auto-approve -var a=b").is_some_and(|f| !f.planned));
    assert!(of("terraform apply -destroy -auto-approve").is_some_and(|f| f.destroys));
    for text in [
        "terraform apply",
        "terraform plan -auto-approve",
        "pulumi preview --yes",
        "cdk deploy --require-approval broadening",
        "terraform apply -auto-approve=false",
        "aws cloudformation deploy --no-execute-changeset",
        "tflocal apply -auto-approve",
    ] {
        assert_eq!(of(text), None, "{text}");
    }
}
