//! An image for Docker: built from the Dockerfile where there is one, and pulled where there is none.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use bollard::{
    errors::Error as Cause,
    query_parameters::{BuildImageOptionsBuilder, CreateImageOptionsBuilder},
};
use futures::StreamExt;

use super::{Engine, context};
use crate::{
    causes::innermost,
    machines::{
        Error,
        image::{self, Reference},
        machine::Image,
        refusal::Refusal,
    },
};

/// Where Docker looks for what names no registry.
const HUB: &str = "docker.io";
/// How long it may take until the engine has taken the files that it builds from, and says a first word.
const PATIENCE: Duration = Duration::from_secs(600);
/// How many of the last lines are told of a build that failed.
const TOLD: usize = 20;

impl Engine {
    /// Finds the image that a reference names: what `images/<name>/Dockerfile` says as it is now, else what the engine has or can pull.
    pub(in crate::machines) async fn image(&self, images: &Path, asked: &str) -> Result<Image, Refusal> {
        let found = image::reference(asked)?;
        let dockerfile = images.join(found.name).join(context::DOCKERFILE);
        let (registry, id) = match dockerfile.is_file() {
            true => (found.registry, self.built(images.to_owned(), found.name).await?),
            false => {
                let registry = if asked.starts_with(found.registry) { found.registry } else { HUB };
                (registry, self.pulled(asked, &found, &dockerfile).await?)
            }
        };
        let text = |text: &str| text.to_owned();
        Ok(Image { registry: text(registry), repository: text(found.repository), tag: text(found.tag), digest: id.clone(), folder: id })
    }

    /// The id of an image that the engine has.
    async fn id(&self, name: &str) -> Result<Option<String>, Error> {
        match self.docker.inspect_image(name).await {
            Ok(found) => Ok(found.id),
            Err(Cause::DockerResponseServerError { status_code: 404, .. }) => Ok(None),
            Err(source) => Err(Error::docker("look at an image")(source)),
        }
    }

    async fn built(&self, images: PathBuf, name: &str) -> Result<String, Refusal> {
        let folder = images.join(name);
        let context = tokio::task::spawn_blocking(move || context::of(&images, &folder)).await.unwrap_or(Err(Refusal::Stopping))?;
        let tag = format!("iasql/{}:{}", name.to_lowercase(), context.digest);
        let _alone = self.builds.lock().await;
        if let Some(id) = self.id(&tag).await? {
            return Ok(id);
        }
        self.build(&tag, context).await?;
        let unknown = || Refusal::Unprocessable(format!("config.image was built, and the engine has no image {tag}"));
        self.id(&tag).await?.ok_or_else(unknown)
    }

    async fn build(&self, tag: &str, context: context::Context) -> Result<(), Refusal> {
        let options = BuildImageOptionsBuilder::default().dockerfile(&context.dockerfile).t(tag).rm(true).forcerm(true).build();
        let docker = self.docker.clone().with_timeout(PATIENCE);
        let mut steps = std::pin::pin!(docker.build_image(options, None, Some(bollard::body_full(context.tar.into()))));
        let mut said = String::new();
        while let Some(step) = steps.next().await {
            let failure = match step {
                Ok(step) => {
                    said.push_str(&step.stream.unwrap_or_default());
                    step.error_detail.map(|detail| detail.message.unwrap_or_default())
                }
                Err(Cause::DockerStreamError { error }) => Some(error),
                Err(Cause::DockerResponseServerError { message, .. }) => Some(message),
                Err(source) => return Err(Error::docker("build an image")(source).into()),
            };
            if let Some(failure) = failure {
                let said = format!("config.image could not be built from {}: {failure}\n{}", context.dockerfile, last(&said));
                return Err(Refusal::Unprocessable(said.trim_end().to_owned()));
            }
        }
        Ok(())
    }

    async fn pulled(&self, asked: &str, found: &Reference<'_>, dockerfile: &Path) -> Result<String, Refusal> {
        if let Some(id) = self.id(asked).await? {
            return Ok(id);
        }
        // without a tag the engine would pull all that there are
        let name = if asked.starts_with(found.registry) {
            format!("{}/{}", found.registry, found.repository)
        } else {
            found.repository.to_owned()
        };
        let tag = asked.split_once('@').map_or(found.tag, |(_, digest)| digest);
        let options = CreateImageOptionsBuilder::default().from_image(&name).tag(tag).build();
        let docker = self.docker.clone().with_timeout(PATIENCE);
        let mut steps = std::pin::pin!(docker.create_image(Some(options), None, None));
        let missing = |said: String| {
            let nothing = format!("there is no {}, and Docker could not pull it", dockerfile.display());
            Refusal::Missing(format!("config.image {asked:?} was not found: {nothing}: {said}"))
        };
        while let Some(step) = steps.next().await {
            match step {
                Ok(step) => step.error_detail.map_or(Ok(()), |detail| Err(missing(detail.message.unwrap_or_default())))?,
                Err(error @ (Cause::DockerStreamError { .. } | Cause::DockerResponseServerError { .. })) => {
                    return Err(missing(innermost(&error)));
                }
                Err(source) => return Err(Error::docker("pull an image")(source).into()),
            }
        }
        self.id(asked).await?.ok_or_else(|| missing("it is not there afterwards".to_owned()))
    }
}

/// The last lines of what a build said, without its colours.
fn last(said: &str) -> String {
    let mut parts = said.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = parts.fold(first, |plain, part| plain + part.split_once('m').map_or("", |(_, rest)| rest));
    let lines: Vec<&str> = plain.lines().collect();
    lines[lines.len().saturating_sub(TOLD)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::last;

    #[test]
    fn of_a_build_the_last_lines_are_told_without_colours() {
        assert_eq!(last("Step 1\n\u{1b}[91mno flour\n\u{1b}[0m"), "Step 1\nno flour");
        let many: String = (0..50).map(|line| format!("{line}\n")).collect();
        assert!(last(&many).starts_with("30\n") && last(&many).ends_with("\n49"));
    }
}
