//! `go test -json`: one event a line, other lines between.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;

use super::Run;
use super::build::Build;
use crate::model::finding::Status;
use crate::reports::lines::Lines;
use crate::reports::{Format, Head, Kind, SURE, Sink, Source};

/// `go test -json`, also as gotestsum's `--jsonfile` keeps it.
pub static FORMAT: Format = Format { name: "go-test-json", kind: Kind::Test, recognise, read };

/// Said of a line between others.
const TORN: &str = "a line that is no whole JSON is passed over";

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Event<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    package: Cow<'a, str>,
    #[serde(borrow)]
    import_path: Cow<'a, str>,
    #[serde(borrow)]
    test: Cow<'a, str>,
    #[serde(borrow)]
    output: Cow<'a, str>,
    #[serde(borrow)]
    output_type: Cow<'a, str>,
    elapsed: Option<f64>,
    #[serde(borrow)]
    failed_build: Cow<'a, str>,
}

fn recognise(head: &Head) -> u8 {
    let any = head.has("Action") && (head.has("Package") || head.has("ImportPath") || head.has("Test"));
    if any { SURE } else { 0 }
}

fn read(source: &mut Source, sink: &mut Sink) {
    let mut lines = Lines::new(source);
    let mut run = Run::new(sink);
    let mut build = Build::default();
    // Of each thing that is built, what it said since its last line's end.
    let mut builds: HashMap<String, Build> = HashMap::new();
    let mut unbuilt: Vec<String> = Vec::new();
    let mut events = 0u64;
    // The last line that is no whole JSON, while nothing comes after it.
    let mut torn = None;
    while lines.next_line().is_some() {
        let line = lines.raw().trim_start();
        // Output without a line's end may stand in front of an event.
        let at = if line.starts_with('{') { Some(0) } else { line.find("{\"Time\":\"") };
        let event = at.and_then(|at| serde_json::from_str::<Event>(&line[at..]).ok());
        let Some(event) = event.filter(|event| !event.action.is_empty()) else {
            if at == Some(0) {
                let former = torn.replace(lines.offset());
                former.inspect(|offset| run.sink.odd(TORN, Some(*offset)));
            } else {
                plain(lines.raw(), &mut run, &mut build);
            }
            continue;
        };
        events += 1;
        if let Some(offset) = torn.take() {
            run.sink.odd(TORN, Some(offset));
        }
        let (package, test) = (event.package.as_ref(), event.test.as_ref());
        let duration = event.elapsed.map(|seconds| seconds * 1000.0);
        let status = match event.action.as_ref() {
            "pass" | "bench" => Status::Passed,
            "fail" => Status::Failed,
            "skip" => Status::Skipped,
            "start" => {
                run.package(package).result = None;
                continue;
            }
            "run" => {
                run.begin(package, test);
                continue;
            }
            "output" => {
                run.output(package, test, &event.output, event.output_type.starts_with("error"));
                continue;
            }
            "build-output" => {
                let build = builds.entry(event.import_path.to_string()).or_default();
                build.line(event.output.trim_end_matches('\n'), run.sink);
                continue;
            }
            "build-fail" => {
                unbuilt.push(event.import_path.to_string());
                continue;
            }
            _ => continue,
        };
        if !test.is_empty() {
            run.end(package, test, status, duration);
            continue;
        }
        unbuilt.retain(|path| *path != event.failed_build && path.split(' ').next() != Some(package));
        run.end_package(package, status);
    }
    let end = lines.end();
    if let Some(offset) = torn {
        run.sink.lost("cut short: the last line is no whole JSON", Some(offset));
    }
    build.flush(run.sink);
    let mut rest: Vec<_> = builds.into_iter().collect();
    rest.sort_by(|one, other| one.0.cmp(&other.0));
    rest.iter_mut().for_each(|(_, build)| build.flush(run.sink));
    for path in unbuilt {
        run.sink.red(format!("`{path}` does not compile"));
    }
    if events == 0 {
        run.sink.lost("no event of `go test` in it", Some(end));
    }
    run.finish(end);
}

/// What `go` itself prints between the events: compilers' messages, and packages that have no events.
fn plain(line: &str, run: &mut Run, build: &mut Build) {
    if build.line(line.trim_end(), run.sink) {
        return;
    }
    if let Some(rest) = line.strip_prefix("FAIL\t")
        && let Some((package, _)) = rest.split_once(" [")
    {
        run.output(package, "", line, false);
        run.end_package(package, Status::Failed);
    }
}
