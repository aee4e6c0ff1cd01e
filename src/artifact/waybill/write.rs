//! Writes a waybill. The list of files is written as text at once: as values it
//! would take ten times the memory.

use serde_json::{Value, json};

use super::{PREDICATE, STATEMENT, Waybill};
use crate::artifact::canonical::{canonical, quoted};
use crate::artifact::{Image, PackedFile, PackedKind};
use crate::model::Choice;

/// The statement's canonical form.
pub fn text(waybill: &Waybill) -> String {
    let Waybill { name, artifact, source, build, target, files, image } = waybill;
    let build = json!({
        "attempt": build.attempt, "event": build.event, "job": build.job, "jobId": artifact.job_id, "run": build.run,
    });
    let source = json!({
        "repository": source.repository, "repositoryId": source.repository_id, "commit": source.commit,
        "ref": source.reference, "clean": source.clean,
    });
    let environments: Vec<_> = target.environments.iter().map(|environment| environment.word()).collect();
    let target = json!({
        "bakedUrls": target.baked_urls, "environment": target.environment.word(), "environments": environments,
    });
    let subject = json!([{"name": name, "digest": {"sha256": artifact.checksum}}]);
    // No number in these has a fraction, so that each has a form.
    let form = |value: &Value| canonical(value).unwrap_or_default();
    let files: Vec<String> = files.iter().map(file).collect();
    let image = image.as_ref().map_or("null".to_owned(), |image| form(&image_value(image)));
    format!(
        r#"{{"_type":{},"predicate":{{"artifact":{},"build":{},"files":[{}],"image":{image},"source":{},"target":{}}},"predicateType":{},"subject":{}}}"#,
        quoted(STATEMENT),
        form(&artifact.to_value()),
        form(&build),
        files.join(","),
        form(&source),
        form(&target),
        quoted(PREDICATE),
        form(&subject),
    )
}

fn file(file: &PackedFile) -> String {
    let PackedFile { path, kind, size, sha256, sha1 } = file;
    let (link, mode) = match kind {
        PackedKind::Plain => (String::new(), "0644"),
        PackedKind::Executable => (String::new(), "0755"),
        PackedKind::Link(target) => (format!(r#""link":{},"#, quoted(target)), "0777"),
    };
    format!(
        r#"{{{link}"mode":"{mode}","path":{},"sha1":{},"sha256":{},"size":{size}}}"#,
        quoted(path),
        quoted(sha1),
        quoted(sha256)
    )
}

fn image_value(image: &Image) -> Value {
    let platforms: Vec<Value> = image
        .platforms
        .iter()
        .map(|platform| {
            let layers: Vec<Value> = platform
                .layers
                .iter()
                .map(|layer| {
                    json!({
                        "digest": layer.digest, "diffId": layer.diff_id, "size": layer.size, "mediaType": layer.media_type,
                    })
                })
                .collect();
            json!({
                "platform": platform.platform, "manifest": platform.manifest, "config": platform.config, "layers": layers,
            })
        })
        .collect();
    json!({"digest": image.digest, "mediaType": image.media_type, "size": image.size, "platforms": platforms})
}

/// See [`Waybill::checksums`].
pub fn checksums(files: &[PackedFile]) -> String {
    let mut list = String::new();
    for file in files.iter().filter(|file| !matches!(file.kind, PackedKind::Link(_))) {
        // As coreutils has it: a leading backslash says that the name is escaped.
        let escaped = file.path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
        let mark = if escaped == file.path { "" } else { "\\" };
        list.push_str(&format!("{mark}{}  {escaped}\n", file.sha256));
    }
    list
}
