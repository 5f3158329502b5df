//! What AWS means by its error codes.

use aws_sdk_ec2::error::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::resource::{Error, Kind};

/// Says which call failed and what to make of it: `.map_err(refused("CreateVpc"))`.
pub(super) fn refused<E, R>(operation: &'static str) -> impl Fn(SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    move |error| match &error {
        SdkError::ServiceError(refusal) => {
            let (code, said) = (refusal.err().code(), refusal.err().message());
            let kind = code.map_or(Kind::Unsupported, kind);
            let said = said.unwrap_or("the answer says no more than that it failed").to_owned();
            Error { operation, kind, code: code.map(str::to_owned), said }
        }
        SdkError::ConstructionFailure(_) | SdkError::DispatchFailure(_) | SdkError::TimeoutError(_) => before_the_answer(operation, &error),
        _ => Error::new(operation, Kind::Broken, format!("the answer makes no sense: {}", cause(&error))),
    }
}

fn before_the_answer(operation: &'static str, error: &(dyn std::error::Error + 'static)) -> Error {
    let said = chain(error);
    if said.contains("credential") || said.contains("identity") {
        return Error::new(operation, Kind::Anonymous, format!("there are no credentials to ask AWS with: {}", cause(error)));
    }
    Error::new(operation, Kind::Unreachable, format!("AWS does not answer: {}", cause(error)))
}

/// What it came from, in one line: whatever stands above repeats it, or says no more than that something failed.
fn cause(error: &(dyn std::error::Error + 'static)) -> String {
    let said = causes(error).last().map(ToString::to_string).unwrap_or_default();
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes<'a>(error: &'a (dyn std::error::Error + 'static)) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source())
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
        "BucketAlreadyExists BucketAlreadyOwnedByYou ResourceExistsException DBInstanceAlreadyExists \
         DBSubnetGroupAlreadyExists DBParameterGroupAlreadyExists RouteAlreadyExists InvalidVpc.Conflict \
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
pub(super) fn said_of_one(operation: &'static str, code: Option<&str>, said: Option<&str>) -> Error {
    let said = said.unwrap_or("the answer says no more than that it failed").to_owned();
    Error { operation, kind: code.map_or(Kind::Broken, kind), code: code.map(str::to_owned), said }
}

/// An answer of success without the thing it is about.
pub(super) fn empty(operation: &'static str) -> Error {
    Error::new(operation, Kind::Broken, "AWS answered without saying what it made")
}
