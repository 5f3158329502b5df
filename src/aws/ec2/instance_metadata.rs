//! The metadata service of an instance.

use aws_sdk_ec2::types::{HttpTokensState, Instance, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest};
use serde::{Deserialize, Serialize};

use crate::{
    aws::{Aws, error::refused},
    resource::Error,
};

/// How an instance's metadata service answers. `None` asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Metadata {
    pub(super) http_tokens: Option<String>,
    pub(super) http_put_response_hop_limit: Option<i32>,
    pub(super) http_endpoint: Option<String>,
}

impl Metadata {
    pub(super) fn shown(instance: &Instance) -> Self {
        let options = instance.metadata_options();
        Self {
            http_tokens: options.and_then(|options| options.http_tokens()).map(|tokens| tokens.as_str().to_owned()),
            http_put_response_hop_limit: options.and_then(|options| options.http_put_response_hop_limit()),
            http_endpoint: options.and_then(|options| options.http_endpoint()).map(|state| state.as_str().to_owned()),
        }
    }

    /// This, and where it asks for nothing the other one.
    pub(super) fn or(&self, other: &Self) -> Self {
        Self {
            http_tokens: self.http_tokens.clone().or_else(|| other.http_tokens.clone()),
            http_put_response_hop_limit: self.http_put_response_hop_limit.or(other.http_put_response_hop_limit),
            http_endpoint: self.http_endpoint.clone().or_else(|| other.http_endpoint.clone()),
        }
    }

    pub(super) fn tokens(&self) -> Option<HttpTokensState> {
        self.http_tokens.as_deref().map(HttpTokensState::from)
    }

    pub(super) fn endpoint(&self) -> Option<InstanceMetadataEndpointState> {
        self.http_endpoint.as_deref().map(InstanceMetadataEndpointState::from)
    }

    /// As `RunInstances` takes it; nothing where nothing is asked for.
    pub(super) fn request(&self) -> Option<InstanceMetadataOptionsRequest> {
        (*self != Self::default()).then(|| {
            InstanceMetadataOptionsRequest::builder()
                .set_http_tokens(self.tokens())
                .set_http_put_response_hop_limit(self.http_put_response_hop_limit)
                .set_http_endpoint(self.endpoint())
                .build()
        })
    }
}

/// Turns the metadata service of one instance from `is` into `should`: one call, or none.
pub(super) async fn change(id: &str, is: &Metadata, should: &Metadata, aws: &Aws) -> Result<(), Error> {
    let all = should.or(is);
    if all == *is {
        return Ok(());
    }
    let call = aws.ec2().modify_instance_metadata_options().instance_id(id).set_http_tokens(all.tokens());
    let call = call.set_http_put_response_hop_limit(all.http_put_response_hop_limit).set_http_endpoint(all.endpoint());
    call.send().await.map_err(refused("ModifyInstanceMetadataOptions"))?;
    Ok(())
}
