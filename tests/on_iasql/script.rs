//! `iasql-on-iasql.sh`, as a person runs it: made, nothing changed the second time, and exactly what was broken repaired.

use std::{path::PathBuf, process::Output};

use tokio::process::Command;

use crate::support;

/// A folder of its own, in which everything ends with the test.
struct Core {
    dir: PathBuf,
}

impl Core {
    fn new() -> Self {
        Self { dir: std::env::temp_dir().join(format!("iasql-core-{}", std::process::id())) }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(env!("CARGO_MANIFEST_DIR")).env("IASQL_CORE_DIR", &self.dir).env("IASQL_BINARY", support::binary());
        command.env("IASQL_VENV", support::venv()).kill_on_drop(true);
        command
    }

    async fn run(&self) -> String {
        told(&self.command("./iasql-on-iasql.sh").output().await.expect("the script"))
    }

    /// Somebody changes the cloud behind the engine's back, with boto3.
    async fn meddle(&self) {
        let running = std::fs::read_to_string(self.dir.join("running.json")).expect("it runs");
        let running: serde_json::Value = serde_json::from_str(&running).expect("a document");
        let python = support::venv().join("bin/python");
        let mut command = self.command(python.to_str().expect("a path"));
        command.arg("tests/on_iasql/meddle.py").env("AWS_ENDPOINT_URL", running["endpoint"].as_str().expect("an endpoint"));
        command.envs([("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_DEFAULT_REGION", "us-east-1")]);
        told(&command.output().await.expect("python"));
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let mut stop = std::process::Command::new("./iasql-on-iasql.sh");
        stop.arg("--stop").current_dir(env!("CARGO_MANIFEST_DIR")).env("IASQL_CORE_DIR", &self.dir).stdout(std::process::Stdio::null());
        assert!(stop.status().expect("the script").success(), "it stops");
        let _never_made = std::fs::remove_dir_all(&self.dir);
    }
}

fn told(output: &Output) -> String {
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}");
    said
}

#[tokio::test]
async fn the_script_makes_all_of_it_then_nothing_and_then_repairs_just_what_was_broken() {
    let core = Core::new();
    let first = core.run().await;
    for line in ["insert into ec2.vpc", "ecs.service", "rds.db_instance", "push skipped: "] {
        assert!(first.contains(line), "{line} in {first}");
    }
    assert!(first.contains("done: ") && !first.contains("done: 0 changes made"), "{first}");
    let second = core.run().await;
    assert!(second.contains("nothing was inserted") && second.contains("done: 0 changes made, 0 left"), "{second}");
    core.meddle().await;
    let third = core.run().await;
    assert!(third.contains("done: 3 changes made, 0 left"), "{third}");
}
