//! Where a function's code comes from. AWS tells its hash, and of an image where it is; the rest is kept in tags.

use aws_sdk_lambda::{
    operation::update_function_code::builders::UpdateFunctionCodeFluentBuilder,
    primitives::Blob,
    types::{Architecture, FunctionCode},
};
use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    aws::tags::Tags,
    resource::{Error, Kind, Secret},
};

const BUCKET: &str = "iasql:s3_bucket";
const KEY: &str = "iasql:s3_key";
const OBJECT_VERSION: &str = "iasql:s3_object_version";
const ZIP_VERSION: &str = "iasql:zip_file_version";
/// How the function stood when these tags were written: as long as it stands so, the code that they tell of is not there.
const BEFORE: &str = "iasql:code_before";

/// The columns that are about code. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Code {
    pub s3_bucket: Option<String>,
    pub s3_key: Option<String>,
    pub s3_object_version: Option<String>,
    pub image_uri: Option<String>,
    pub zip_file: Option<Secret>,
    pub zip_file_version: Option<Uuid>,
    pub source_code_hash: Option<String>,
    pub architectures: Option<Vec<String>>,
}

impl Code {
    /// The tags that tell where it comes from.
    pub(super) fn tags(&self) -> Tags {
        let zip = self.zip_file_version.map(|version| version.to_string());
        let all = [(BUCKET, &self.s3_bucket), (KEY, &self.s3_key), (OBJECT_VERSION, &self.s3_object_version), (ZIP_VERSION, &zip)];
        all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value.clone()?))).collect()
    }

    /// The tag that goes with those until the code is there, too. `last_modified` is the function's.
    pub(super) fn not_yet(&self, last_modified: Option<&str>) -> (String, String) {
        (BEFORE.to_owned(), self.stand(last_modified))
    }

    fn stand(&self, last_modified: Option<&str>) -> String {
        format!("{} {}", last_modified.unwrap_or_default(), self.source_code_hash.as_deref().unwrap_or_default())
    }

    /// The same with what its tags tell.
    pub(super) fn told(mut self, ours: &Tags, last_modified: Option<&str>) -> Self {
        if ours.get(BEFORE) == Some(&self.stand(last_modified)) {
            return self;
        }
        let tag = |key: &str| ours.get(key).cloned();
        (self.s3_bucket, self.s3_key, self.s3_object_version) = (tag(BUCKET), tag(KEY), tag(OBJECT_VERSION));
        self.zip_file_version = tag(ZIP_VERSION).and_then(|version| version.parse().ok());
        self
    }

    /// Whether the code must be brought there. What has the hash that is asked for is there already, wherever it came from.
    pub(super) fn differs(&self, was: &Self) -> bool {
        let machine = self.architectures.is_some() && self.architectures != was.architectures;
        let image = self.image_uri.is_some() && self.image_uri != was.image_uri;
        let place = |code: &Self| (code.s3_bucket.clone(), code.s3_key.clone(), code.s3_object_version.clone());
        let zip = match &self.source_code_hash {
            _ if self.s3_bucket.is_none() && self.zip_file.is_none() => false,
            Some(hash) => Some(hash) != was.source_code_hash.as_ref(),
            None => place(self) != place(was),
        };
        machine || image || zip
    }

    /// This one as the cloud shows it, with its own hash of it, and where it asks for nothing as it was.
    pub(super) fn over(self, was: &Self) -> Self {
        let architectures = self.architectures.or_else(|| was.architectures.clone());
        Self { zip_file: None, source_code_hash: was.source_code_hash.clone(), architectures, ..self }
    }

    /// As the creating call takes it.
    ///
    /// # Errors
    /// When the zip file is no base64.
    pub(super) fn asked(&self) -> Result<FunctionCode, Error> {
        Ok(FunctionCode::builder()
            .set_s3_bucket(self.s3_bucket.clone())
            .set_s3_key(self.s3_key.clone())
            .set_s3_object_version(self.s3_object_version.clone())
            .set_image_uri(self.image_uri.clone())
            .set_zip_file(self.zip()?)
            .build())
    }

    /// As the changing call takes it.
    ///
    /// # Errors
    /// When the zip file is no base64.
    pub(super) fn put(&self, asked: UpdateFunctionCodeFluentBuilder) -> Result<UpdateFunctionCodeFluentBuilder, Error> {
        Ok(asked
            .set_s3_bucket(self.s3_bucket.clone())
            .set_s3_key(self.s3_key.clone())
            .set_s3_object_version(self.s3_object_version.clone())
            .set_image_uri(self.image_uri.clone())
            .set_zip_file(self.zip()?)
            .set_architectures(self.machine()))
    }

    /// What it runs on, as AWS takes it.
    pub(super) fn machine(&self) -> Option<Vec<Architecture>> {
        self.architectures.as_ref().map(|all| all.iter().map(|it| it.as_str().into()).collect())
    }

    fn zip(&self) -> Result<Option<Blob>, Error> {
        let zip = self.zip_file.as_ref().map(|zip| base64::decode(zip.expose()).map(Blob::new));
        // whatever is wrong with it, the error is not to quote it
        zip.transpose().map_err(|_| Error::new("UpdateFunctionCode", Kind::Invalid, "zip_file is no base64"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_s3(key: &str) -> Code {
        Code { s3_bucket: Some("b".to_owned()), s3_key: Some(key.to_owned()), ..Code::default() }
    }

    fn seen(hash: &str) -> Code {
        Code { source_code_hash: Some(hash.to_owned()), ..Code::default() }
    }

    #[test]
    fn tags_tell_where_code_came_from_once_it_is_there() {
        let mut ours = in_s3("2.zip").tags();
        ours.extend([seen("old").not_yet(Some("monday"))]);
        assert_eq!(seen("old").told(&ours, Some("monday")).s3_key, None, "the tags were written, and the code was not brought there");
        assert_eq!(seen("new").told(&ours, Some("tuesday")).s3_key.as_deref(), Some("2.zip"));
        assert_eq!(seen("old").told(&ours, Some("tuesday")).s3_key.as_deref(), Some("2.zip"), "the same code under another key");
    }

    #[test]
    fn code_is_brought_there_where_its_hash_says_so_and_without_one_where_its_place_does() {
        let was = Code { source_code_hash: Some("x".to_owned()), ..in_s3("1.zip") };
        let hashed = |hash: &str, key| Code { source_code_hash: Some(hash.to_owned()), ..in_s3(key) };
        assert!(!in_s3("1.zip").differs(&was) && in_s3("2.zip").differs(&was));
        assert!(!hashed("x", "2.zip").differs(&was) && hashed("y", "1.zip").differs(&was));
        assert!(Code { architectures: Some(vec!["arm64".to_owned()]), ..in_s3("1.zip") }.differs(&was));
    }
}
