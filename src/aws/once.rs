//! Calls that are not repeated blindly: AWS takes no client token for them, and each makes another thing.

use aws_sdk_ec2::config::{
    Builder,
    interceptors::InterceptorContext,
    retry::{ClassifyRetry, RetryAction},
};

/// Lets the client repeat a call only where AWS has answered that it did not happen.
///
/// Where nobody knows, the engine looks for what may have been made before it asks once more.
#[derive(Debug)]
pub(crate) struct Once;

impl ClassifyRetry for Once {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(error)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let answer = context.response().filter(|_| error.is_operation_error());
        let did_nothing = answer.is_some_and(|answer| did_nothing(answer.status().as_u16(), answer.body().bytes().unwrap_or_default()));
        if did_nothing { RetryAction::NoActionIndicated } else { RetryAction::RetryForbidden }
    }

    fn name(&self) -> &'static str {
        "once"
    }
}

/// What makes an EC2 call one that is not repeated blindly.
pub(super) fn once() -> Builder {
    Builder::new().retry_classifier(Once)
}

/// Whether an answer says for sure that nothing was made: EC2 tells somebody who asks too often so with a 503.
fn did_nothing(status: u16, said: &[u8]) -> bool {
    let said = String::from_utf8_lossy(said);
    status < 500 || ["RequestLimitExceeded", "Throttling", "SlowDown", "TooManyRequests"].iter().any(|code| said.contains(code))
}

#[test]
fn a_refusal_did_nothing_and_of_a_failure_nobody_knows() {
    assert!(did_nothing(400, b"InvalidParameterValue"));
    assert!(did_nothing(503, b"<Code>RequestLimitExceeded</Code>"));
    assert!(!did_nothing(503, b"<Code>Unavailable</Code>"));
    assert!(!did_nothing(500, b""));
}
