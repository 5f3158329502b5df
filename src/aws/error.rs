//! What AWS means by its error codes.

use aws_sdk_ec2::{config::http::HttpResponse, error::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::{
    causes,
    resource::{Error, Kind},
};

/// Says which call failed and what to make of it: `.map_err(refused("CreateVpc"))`.
pub(crate) fn refused<E>(operation: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(refusal) => {
            let (code, said) = (refusal.err().code(), refusal.err().message());
            let kind = code.map_or_else(|| without_code(refusal.raw().status().as_u16()), |code| meant(code, said.unwrap_or_default()));
            let said = said.unwrap_or("the answer says no more than that it failed");
            let hint = if kind == Kind::Expired { RENEW } else { "" };
            Error { operation, kind, code: code.map(str::to_owned), said: format!("{said}{hint}") }
        }
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => before_the_answer(operation, &error),
        _ => Error::new(operation, Kind::Broken, format!("the answer makes no sense: {}", cause(&error))),
    }
}

/// What to do about credentials that are over.
const RENEW: &str = ": the credentials are over; renew them where they come from, and check again";

/// What a refusal means that names no code: an emulator says so of what it does not know, what stands before a service that it is away.
fn without_code(status: u16) -> Kind {
    if (502..=504).contains(&status) { Kind::Broken } else { Kind::Unsupported }
}

/// What a refusal means: some codes mean that something else was made so lately that it is not known everywhere.
fn meant(code: &str, said: &str) -> Kind {
    if NOT_YET.iter().any(|(of, words)| *of == code && said.to_lowercase().contains(words)) { Kind::Held } else { kind(code) }
}

/// Codes that stand for many things, and what AWS says with them of somebody who was made a moment ago.
const NOT_YET: [(&str, &str); 5] = [
    ("MalformedPolicyDocument", "invalid principal"),
    ("MalformedPolicyDocumentException", "invalid principal"),
    ("MalformedPolicy", "invalid principal"),
    ("InvalidParameter", "principalnotfound"),
    ("InvalidParameterValue", "invalid iam instance profile"),
];

fn before_the_answer(operation: &'static str, error: &(dyn std::error::Error + 'static)) -> Error {
    let said = causes::in_one_line(error);
    if said.contains("credential") || said.contains("identity") {
        return Error::new(operation, Kind::Anonymous, format!("there are no credentials to ask AWS with: {}", cause(error)));
    }
    Error::new(operation, Kind::Unreachable, format!("AWS does not answer: {}", cause(error)))
}

/// What it came from, in one line: whatever stands above repeats it, or says no more than that something failed.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let said = causes::innermost(error);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What each code means: those of the services' API references, "Common errors" and each operation's own.
const CODES: [(Kind, &str); 7] = [
    (
        Kind::Throttled,
        "Throttling ThrottlingException ThrottledException RequestLimitExceeded TooManyRequestsException SlowDown \
         RequestThrottled BandwidthLimitExceeded PriorRequestNotComplete TooManyUpdates",
    ),
    (
        Kind::Denied,
        "AccessDenied AccessDeniedException UnauthorizedOperation OptInRequired AuthFailure AllAccessDisabled \
         InvalidAction",
    ),
    (
        Kind::Expired,
        "ExpiredToken ExpiredTokenException RequestExpired InvalidClientTokenId UnrecognizedClientException \
         InvalidAccessKeyId SignatureDoesNotMatch InvalidToken",
    ),
    (
        Kind::Broken,
        "InsufficientInstanceCapacity InternalError InternalFailure ServiceUnavailable ServiceUnavailableException \
         InternalServiceError InternalServerError Unavailable RequestTimeout ServerException KMSInternalException \
         DependencyTimeoutException ServiceFailure",
    ),
    (
        Kind::Held,
        "DependencyViolation ResourceInUse BucketNotEmpty OperationAborted InvalidDBInstanceState \
         InvalidDBSubnetGroupStateFault InvalidDBParameterGroupState IncorrectState IncorrectInstanceState \
         Resource.AlreadyAssociated InvalidGroup.InUse InvalidParameterValue.InUse ConditionalRequestConflict \
         ClusterContainsCapacityProviderException ClusterContainsContainerInstancesException \
         ClusterContainsServicesException ClusterContainsTasksException UpdateInProgressException ResourceInUseException \
         RequestInProgressException RepositoryNotEmptyException ResourceConflictException KMSInvalidStateException \
         DisabledException DeleteConflict EntityTemporarilyUnmodifiable ConcurrentModification QueueDeletedRecently \
         AWS.SimpleQueueService.QueueDeletedRecently ConcurrentAccess ContinuousBackupsUnavailableException \
         InvalidIPAddress.InUse InvalidStateTransition HostedZoneNotEmpty VolumeInUse IncorrectModificationState \
         InvalidDBClusterStateFault InvalidDBSnapshotState",
    ),
    (
        Kind::Absent,
        "Gateway.NotAttached NoSuchBucket NoSuchKey NoSuchTagSet NoSuchBucketPolicy NoSuchPublicAccessBlockConfiguration \
         ServerSideEncryptionConfigurationNotFoundError ResourceNotFoundException DBInstanceNotFound \
         DBInstanceNotFoundFault DBSubnetGroupNotFoundFault DBParameterGroupNotFound DBParameterGroupNotFoundFault \
         LoadBalancerNotFound TargetGroupNotFound ListenerNotFound RuleNotFound ClusterNotFoundException \
         ServiceNotFoundException ServiceNotActiveException RepositoryNotFoundException RepositoryPolicyNotFoundException \
         LifecyclePolicyNotFoundException RepositoryCatalogDataNotFoundException ResourceNotFound NotFoundException \
         NoSuchEntity ParameterNotFound InvalidResourceId QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue \
         NotFound TableNotFoundException NoSuchCORSConfiguration NoSuchLifecycleConfiguration NoSuchWebsiteConfiguration \
         NatGatewayNotFound NoSuchHostedZone VPCAssociationNotFound InvalidLaunchTemplateName.NotFoundException \
         DBClusterNotFoundFault DBClusterParameterGroupNotFound DBSnapshotNotFound DBSnapshotNotFoundFault",
    ),
    (
        Kind::Taken,
        "BucketAlreadyOwnedByYou ResourceExistsException DBInstanceAlreadyExists \
         DBSubnetGroupAlreadyExists DBParameterGroupAlreadyExists RouteAlreadyExists InvalidVpc.Conflict InvalidSubnet.Conflict \
         DuplicateLoadBalancerName DuplicateTargetGroupName DuplicateListener PriorityInUse \
         RepositoryAlreadyExistsException ResourceAlreadyExistsException AlreadyExistsException EntityAlreadyExists \
         ParameterAlreadyExists QueueNameExists QueueAlreadyExists NetworkAclEntryAlreadyExists HostedZoneAlreadyExists \
         InvalidLaunchTemplateName.AlreadyExistsException DBClusterAlreadyExistsFault DBSnapshotAlreadyExists",
    ),
];

fn kind(code: &str) -> Kind {
    // EC2 spells it per type: InvalidVpcID.NotFound, InvalidGroup.Duplicate, …
    match code.rsplit_once('.') {
        Some((_, "NotFound")) => Kind::Absent,
        Some((_, "Duplicate")) => Kind::Taken,
        _ => CODES.iter().find(|(_, codes)| codes.split(' ').any(|known| known == code)).map_or(Kind::Invalid, |(kind, _)| *kind),
    }
}

/// What a call that succeeded says of one of several things that it did not do.
pub(crate) fn said_of_one(operation: &'static str, code: Option<&str>, said: Option<&str>) -> Error {
    let said = said.unwrap_or("the answer says no more than that it failed").to_owned();
    Error { operation, kind: code.map_or(Kind::Broken, kind), code: code.map(str::to_owned), said }
}

/// An answer of success without the thing it is about.
pub(super) fn empty(operation: &'static str) -> Error {
    Error::new(operation, Kind::Broken, "AWS answered without saying what it made")
}
