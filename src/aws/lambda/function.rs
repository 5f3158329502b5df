//! A function: code that runs when something happens.

use aws_sdk_lambda::{
    operation::{get_function::GetFunctionOutput, update_function_configuration::builders::UpdateFunctionConfigurationInputBuilder},
    types::{FunctionConfiguration, LastUpdateStatus, State},
};
use serde::{Deserialize, Serialize};

use super::{
    code::Code,
    environment::Variables,
    labels::{listed, retag},
    settings::{Settings, dead_letters, storage, traced},
};
use crate::{
    aws::{
        Aws,
        error::{empty, refused},
        one_by_one,
        tags::{Tags, tell},
    },
    resource::{Error, Kind, Observed, Owner, Resource, gone},
};

/// The tag that says which writing of `environment` a function has, with a check sum of it.
const ENVIRONMENT: &str = "iasql:environment";

/// A row of `lambda.function`, with its rows of `lambda.function_subnet` and `lambda.function_security_group`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    region: String,
    name: String,
    package_type: String,
    #[serde(flatten)]
    code: Code,
    #[serde(flatten)]
    settings: Settings,
    tags: Tags,
    state: Option<String>,
    last_modified: Option<String>,
    arn: Option<String>,
}

impl Resource for Function {
    const TABLE: &'static str = "lambda.function";
    type Cloud = Aws;

    async fn list(aws: &Aws, _: &[Self]) -> Result<Vec<Observed<Self>>, Error> {
        let all = aws.lambda().list_functions().max_items(50).into_paginator().items().send();
        let all = all.try_collect().await.map_err(refused("ListFunctions"))?;
        // the list tells neither tags nor images, nor what a function is busy with
        one_by_one::each(all, |function| async move {
            let asked = aws.lambda().get_function().set_function_name(function.function_name);
            Ok(Self::shown(asked.send().await.map_err(refused("GetFunction"))?, aws.region()))
        })
        .await
    }

    async fn create(self, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let settings = self.settings.clone();
        let asked = aws
            .lambda()
            .create_function()
            .function_name(&self.name)
            .package_type(self.package_type.as_str().into())
            .code(self.code.asked()?)
            .set_architectures(self.code.machine())
            .role(settings.role.clone())
            .set_runtime(settings.runtime.as_deref().map(Into::into))
            .set_handler(settings.handler.clone())
            .set_description(settings.description.clone())
            .set_memory_size(settings.memory_size)
            .set_timeout(settings.timeout)
            .set_ephemeral_storage(storage(settings.ephemeral_storage_size))
            .set_environment(settings.environment.as_ref().map(Variables::asked))
            .set_kms_key_arn(settings.kms_key.clone())
            .set_layers(settings.layers.clone())
            .set_dead_letter_config(dead_letters(settings.dead_letter_target_arn.clone().filter(|arn| !arn.is_empty())))
            .set_tracing_config(traced(settings.tracing_mode.clone()))
            .set_vpc_config(settings.network())
            .set_tags(listed(self.labels(Some(&owner.tag))));
        let made = asked.send().await.map_err(refused("CreateFunction")).map_err(taken).map_err(not_yet)?;
        let arn = made.function_arn.ok_or_else(|| empty("CreateFunction"))?;
        let pending = busy(made.state.as_ref(), made.last_update_status.as_ref());
        let code = Code { zip_file: None, source_code_hash: made.code_sha256, ..self.code };
        let settings = Settings { environment: None, ..self.settings };
        let state = made.state.map(|state| state.as_str().to_owned());
        let row = Self { code, settings, state, last_modified: made.last_modified, arn: Some(arn), ..self };
        Ok(Observed::of(row).owned(Some(owner.tag.clone())).pending(pending))
    }

    async fn update(self, was: Observed<Self>, owner: &Owner, aws: &Aws) -> Result<Observed<Self>, Error> {
        let (arn, moves) = (was.row.arn.clone().unwrap_or_default(), self.code.differs(&was.row.code));
        // tags first: while a function changes, AWS takes none
        let before = was.row.labels(was.owner.as_deref());
        let mut now = self.labels(Some(&owner.tag));
        self.keep(&was.row, &mut now);
        if moves && self.code.tags() != was.row.code.tags() {
            now.extend([was.row.code.not_yet(was.row.last_modified.as_deref())]);
        }
        retag(aws, &arn, &before, &now).await?;
        let mut row = Self { tags: self.tags.clone(), ..was.row.clone() };
        let mut pending = None;
        if moves {
            let asked = self.code.put(aws.lambda().update_function_code().function_name(&self.name))?;
            let done = asked.send().await.map_err(refused("UpdateFunctionCode"))?;
            row = Self { last_modified: done.last_modified, ..row };
            pending = busy(done.state.as_ref(), done.last_update_status.as_ref());
            row.code.source_code_hash = done.code_sha256;
        }
        row.code = self.code.clone().over(&row.code);
        // the second of the two must wait until the first is through
        if pending.is_none() {
            pending = self.configured(&mut row, aws).await?;
        }
        Ok(Observed::of(row).owned(Some(owner.tag.clone())).pending(pending))
    }

    async fn delete(self, aws: &Aws) -> Result<Option<Observed<Self>>, Error> {
        gone(aws.lambda().delete_function().function_name(self.name).send().await.map_err(refused("DeleteFunction")))?;
        Ok(None)
    }
}

impl Function {
    /// The user's tags, the owner's, and what else is kept in tags.
    fn labels(&self, owner: Option<&str>) -> Tags {
        let owner = owner.map(|owner| (Owner::KEY.to_owned(), owner.to_owned()));
        let version = self.settings.environment_version;
        let mark = self.settings.environment.as_ref().zip(version).map(|(variables, version)| variables.mark(version));
        let mark = mark.map(|mark| (ENVIRONMENT.to_owned(), mark));
        self.tags.clone().into_iter().chain(owner).chain(mark).chain(self.code.tags()).collect()
    }

    /// The mark of variables that stay as they are is there already, and is not written again.
    fn keep(&self, was: &Self, now: &mut Tags) {
        if self.settings.environment_version == was.settings.environment_version {
            now.remove(ENVIRONMENT);
        }
    }

    /// Sets what differs about how it runs; answers what the function is busy with then.
    async fn configured(&self, row: &mut Self, aws: &Aws) -> Result<Option<String>, Error> {
        let asked = self.settings.changed(&row.settings, aws.lambda().update_function_configuration());
        if *asked.as_input() == UpdateFunctionConfigurationInputBuilder::default() {
            return Ok(None);
        }
        let done = asked.function_name(&self.name).send().await.map_err(refused("UpdateFunctionConfiguration")).map_err(not_yet)?;
        row.settings = self.settings.clone().over(&row.settings);
        row.last_modified = done.last_modified;
        Ok(busy(done.state.as_ref(), done.last_update_status.as_ref()))
    }

    fn shown(answer: GetFunctionOutput, region: &str) -> Option<Observed<Self>> {
        let function: FunctionConfiguration = answer.configuration?;
        let told = tell(answer.tags.unwrap_or_default()).name_is_a_tag();
        let last_modified = function.last_modified.clone();
        let code = Code {
            image_uri: answer.code.and_then(|code| code.image_uri),
            source_code_hash: function.code_sha256.clone(),
            architectures: function.architectures.as_ref().map(|all| all.iter().map(|it| it.as_str().to_owned()).collect()),
            ..Code::default()
        };
        let row = Self {
            region: region.to_owned(),
            name: function.function_name.clone().unwrap_or_default(),
            package_type: function.package_type.as_ref().map_or("Zip", |kind| kind.as_str()).to_owned(),
            code: code.told(&told.ours, last_modified.as_deref()),
            state: function.state.as_ref().map(|state| state.as_str().to_owned()),
            arn: function.function_arn.clone(),
            tags: told.tags,
            last_modified,
            settings: Settings::of(function.clone(), told.ours.get(ENVIRONMENT).map(String::as_str)),
        };
        let pending = busy(function.state.as_ref(), function.last_update_status.as_ref());
        Some(Observed::of(row).owned(told.owner).pending(pending))
    }
}

/// What a function is busy with. One that failed, or that AWS put to sleep, is at rest.
///
/// <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>
fn busy(state: Option<&State>, update: Option<&LastUpdateStatus>) -> Option<String> {
    let state = state.map(State::as_str).filter(|state| matches!(*state, "Pending" | "Deactivating" | "Deleting"));
    let update = update.map(LastUpdateStatus::as_str).filter(|update| *update == "InProgress");
    state.or(update).map(str::to_owned)
}

/// The same code says of a function that there is one of that name, and elsewhere that it is busy.
fn taken(error: Error) -> Error {
    let kind = if error.code.as_deref() == Some("ResourceConflictException") { Kind::Taken } else { error.kind };
    Error { kind, ..error }
}

/// A role that was made a moment ago is not known everywhere yet, nor what was allowed to it: later it will do.
///
/// AWS has no code for it but that of every wrong parameter; the sentences are those of
/// <https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-deployment.html>.
fn not_yet(error: Error) -> Error {
    const SENTENCES: [&str; 2] =
        ["The role defined for the function cannot be assumed by Lambda", "The provided execution role does not have permissions"];
    let waits = error.code.as_deref() == Some("InvalidParameterValueException")
        && SENTENCES.iter().any(|sentence| error.said.starts_with(sentence));
    Error { kind: if waits { Kind::Held } else { error.kind }, ..error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_was_made_a_moment_ago_is_waited_for_and_a_wrong_parameter_is_not() {
        let error = |said: &str| Error {
            code: Some("InvalidParameterValueException".to_owned()),
            ..Error::new("CreateFunction", Kind::Invalid, said)
        };
        assert_eq!(not_yet(error("The role defined for the function cannot be assumed by Lambda.")).kind, Kind::Held);
        assert_eq!(not_yet(error("The runtime parameter of python2.7 is no longer supported")).kind, Kind::Invalid);
    }

    #[test]
    fn a_function_at_rest_is_waited_for_no_longer() {
        assert_eq!(busy(Some(&State::Pending), None).as_deref(), Some("Pending"));
        assert_eq!(busy(Some(&State::Active), Some(&LastUpdateStatus::InProgress)).as_deref(), Some("InProgress"));
        assert!(
            [State::Active, State::Inactive, State::Failed]
                .iter()
                .all(|state| busy(Some(state), Some(&LastUpdateStatus::Failed)).is_none())
        );
    }
}
