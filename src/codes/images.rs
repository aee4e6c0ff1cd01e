//! `WB45…`: images of containers.

use super::Code;
use crate::problem::Exit;

/// An image is refused.
const fn refused(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Refused, title, why, mend }
}

/// What most damage has in common.
const BUILD_AGAIN: &str =
    "build the image again; if it stays, look at what happens to the file between the builder and this step";

/// There is no image at `path`.
pub static IMAGE_MISSING: Code = refused(
    "WB4501",
    "there is no image at `path`",
    "the job takes an OCI archive, a folder with an OCI layout, or what `docker save` wrote",
    "have `run` write the image there, as `docker buildx build --output type=oci,dest=image.tar .` does, and name that file in `path`",
);

/// The archive is no tar, or a broken one.
pub static IMAGE_ARCHIVE: Code = refused(
    "WB4502",
    "the image's archive is broken",
    "a header that does not hold, an end that is missing, or bytes behind the end mean that the file was cut, changed or put together",
    BUILD_AGAIN,
);

/// A member of the archive, or of the folder, is unsafe.
pub static IMAGE_MEMBER: Code = refused(
    "WB4503",
    "the image's archive has an unsafe member",
    "a layout is made of plain files; a link, a device, a sparse file, or a path that leads out of the archive is read differently by every tool",
    "take the archive as the builder wrote it",
);

/// Two members of one name.
pub static IMAGE_DUPLICATE_MEMBER: Code = refused(
    "WB4504",
    "the image's archive has two members of one name",
    "one tool would take the first, the next one the last",
    "take the archive as the builder wrote it, and write it into a new file",
);

/// More of something than is taken.
pub static IMAGE_LIMIT: Code = refused(
    "WB4505",
    "the image has more than is taken",
    "members, layers, documents and nesting are bounded, so that a crafted archive cannot take the runner's memory",
    "make the image of fewer layers, or leave out what does not belong to it",
);

/// No layout, or one of an unknown version.
pub static IMAGE_LAYOUT: Code = refused(
    "WB4506",
    "this is no OCI layout of version 1.0.0",
    "`oci-layout` and `index.json` say how the rest is to be read",
    "have the builder write an OCI archive or layout",
);

/// A document is no JSON, or is ambiguous.
pub static IMAGE_JSON: Code = refused(
    "WB4507",
    "a document of the image is no strict JSON",
    "where a key stands twice, or only in another case, two readers see two images",
    BUILD_AGAIN,
);

/// A document is not what it must be.
pub static IMAGE_DOCUMENT: Code = refused(
    "WB4508",
    "a document of the image is not as the specification wants it",
    "a registry or a host would read it in its own way, or refuse it after the deployment has begun",
    "build the image with a tool that writes OCI images or Docker's schema 2",
);

/// A media type is unknown, or two disagree.
pub static IMAGE_MEDIA_TYPE: Code = refused(
    "WB4509",
    "a media type of the image is wrong",
    "the type decides how the bytes are read; what calls itself one thing and is another is read differently by every tool",
    "build the image with a tool that writes OCI images or Docker's schema 2",
);

/// A digest cannot be taken.
pub static IMAGE_DIGEST_FORM: Code = refused(
    "WB4510",
    "a digest of the image has a form that is not taken",
    "a digest becomes a path and a URL; only `sha256:` with 64 lower-case hex digits is safe and known to every registry",
    "build the image with a tool that uses SHA-256",
);

/// A blob is not there.
pub static IMAGE_BLOB_MISSING: Code = refused(
    "WB4511",
    "a blob of the image is missing",
    "the manifest names it, and nobody could run the image without it",
    BUILD_AGAIN,
);

/// A blob has another size than it should.
pub static IMAGE_BLOB_SIZE: Code = refused(
    "WB4512",
    "a blob of the image has another size than the image says",
    "registries take a lying size without a word, and the host fails or hangs when it pulls the image",
    BUILD_AGAIN,
);

/// A blob was changed.
pub static IMAGE_BLOB_CHANGED: Code =
    refused("WB4513", "a blob of the image was changed", "its bytes do not have the digest that names it", BUILD_AGAIN);

/// What a descriptor embeds is not the blob.
pub static IMAGE_DATA: Code = refused(
    "WB4514",
    "what a descriptor embeds is not the blob",
    "one tool would read the embedded copy, the next one the blob",
    BUILD_AGAIN,
);

/// A layer lies elsewhere.
pub static IMAGE_FOREIGN: Code = refused(
    "WB4515",
    "a layer of the image lies elsewhere",
    "what is fetched from a URL at the time of the pull cannot be verified here, and may be gone or changed then",
    "build on a base image whose layers may be distributed",
);

/// The platform is not there, or is another one.
pub static IMAGE_PLATFORM: Code = refused(
    "WB4516",
    "the image is not for the platform",
    "a host would refuse it, or start it and fail with `exec format error`",
    "build for the platform, as `docker buildx build --platform linux/amd64` does, or set `platform`",
);

/// More than one image for the platform.
pub static IMAGE_AMBIGUOUS: Code = refused(
    "WB4517",
    "there are two images for one platform",
    "which of them is pulled would be up to the host",
    "have the builder write one image into a new file; name the variant in `platform` where they differ by it",
);

/// A layer's content is not what the configuration says.
pub static IMAGE_DIFF_ID: Code = refused(
    "WB4518",
    "a layer does not hold what the image's configuration says",
    "hosts check the content when they unpack the layer, after the deployment has begun",
    BUILD_AGAIN,
);

/// A layer cannot be decompressed.
pub static IMAGE_COMPRESSION: Code =
    refused("WB4519", "a layer is damaged", "it cannot be decompressed to its end, or is no tar", BUILD_AGAIN);

/// A layer expands to more than is taken.
pub static IMAGE_EXPANDS: Code = refused(
    "WB4520",
    "a layer expands to more than is taken",
    "a few kilobytes can hold what fills a host's disk",
    "leave large files of zeros out of the image, or write the layers without compression",
);

/// A layer's compression is not known here.
pub static IMAGE_ZSTD: Code = refused(
    "WB4521",
    "this Node cannot read Zstandard",
    "layers compressed by it can be verified only by Node 22.15 and later; on a runner it is Node 24",
    "run with a later Node, or compress the layers with gzip",
);

/// What `docker save` wrote cannot be taken.
pub static IMAGE_DOCKER_SAVE: Code = refused(
    "WB4522",
    "the archive of `docker save` cannot be taken",
    "it must hold one image, with its configuration and all its layers",
    "save one image by its name, or have the builder write an OCI archive: `docker buildx build --output type=oci,dest=image.tar .`",
);

/// The image cannot be read or written.
pub static IMAGE_UNREADABLE: Code = Code {
    id: "WB4523",
    exit: Exit::Failed,
    title: "the image cannot be read or written",
    why: "the system refused, or the file changed while it was read",
    mend: "check the permissions and the disk's space, and that nothing else writes the file",
};

/// The image is that of an earlier build.
pub static IMAGE_STALE: Code = refused(
    "WB4524",
    "the image was there before the command",
    "a command that builds elsewhere, or nothing, would have an old image deployed as a new one",
    "have `run` write the image to `path`, or remove the old one before; leave `run` out where an earlier step builds the image",
);

/// A warning's code.
const fn warned(id: &'static str, title: &'static str, why: &'static str, mend: &'static str) -> Code {
    Code { id, exit: Exit::Success, title, why, mend }
}

/// Warned about: the image runs as root.
pub static IMAGE_ROOT: Code = warned(
    "WB4530",
    "the image runs as root",
    "whoever breaks into the service owns the container, and with a flaw in the kernel the host",
    "set `USER` to another user in the last stage",
);

/// Warned about: the image does not name the commit.
pub static IMAGE_REVISION: Code = warned(
    "WB4531",
    "the image does not name the commit that it is built from",
    "a health check, and whoever looks for the source of a running image, has nothing to go by",
    "build with `--label org.opencontainers.image.revision=${{ github.sha }}`",
);

/// Warned about: something like a secret.
pub static IMAGE_SECRET: Code = warned(
    "WB4532",
    "there is something like a secret in the image",
    "environment and history can be read by everybody who can pull the image",
    "hand secrets to the build by `--secret`, and to the service when it starts; replace this one",
);

/// Warned about: the image grew.
pub static IMAGE_GREW: Code = warned(
    "WB4533",
    "the image grew",
    "a larger image takes longer to pull, and growth of a sudden is mostly a file that does not belong there",
    "look at the layer that grew; raise `growth-limit` where it is meant so",
);

/// Noticed: blobs that nothing refers to.
pub static IMAGE_UNREFERENCED: Code = warned(
    "WB4534",
    "the image's archive holds blobs that nothing refers to",
    "builders leave them behind; they are not part of the image and are never pushed",
    "nothing needs to be done; a new output file for each build leaves them out",
);
