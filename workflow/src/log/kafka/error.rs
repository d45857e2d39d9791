//! The errors of librdkafka as errors of the log.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::budget;
use crate::log::LogError;

/// Tells what passes by itself, what a person must fix, and what ends this client.
pub(super) fn classify(error: &KafkaError) -> LogError {
    let text = error.to_string();
    if let KafkaError::ClientConfig(_, why, name, value) = error {
        return LogError::Refused(format!("kafka.properties: {name} = {value:?} is refused: {why}"));
    }
    if let KafkaError::Transaction(e) = error
        && e.is_fatal()
    {
        return LogError::StartOver(text);
    }
    let code = match error {
        KafkaError::Transaction(e) => Some(e.code()),
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    };
    match code {
        Some(code) => of_code(code, text),
        None => LogError::StartOver(text),
    }
}

/// The same for a code alone, with the text of the error.
pub(super) fn of_code(code: Code, text: String) -> LogError {
    match code {
        Code::BrokerTransportFailure
        | Code::AllBrokersDown
        | Code::Resolve
        | Code::OperationTimedOut
        | Code::MessageTimedOut
        | Code::TimedOutQueue
        | Code::RequestTimedOut
        | Code::QueueFull
        | Code::WaitingForCoordinator
        | Code::WaitCache
        | Code::Retry
        | Code::UnknownBroker
        | Code::ISRInsufficient
        | Code::LeaderNotAvailable
        | Code::NotLeaderForPartition
        | Code::BrokerNotAvailable
        | Code::ReplicaNotAvailable
        | Code::NetworkException
        | Code::CoordinatorLoadInProgress
        | Code::CoordinatorNotAvailable
        | Code::NotCoordinator
        | Code::NotController
        | Code::NotEnoughReplicas
        | Code::NotEnoughReplicasAfterAppend
        | Code::KafkaStorageError
        | Code::OffsetNotAvailable
        | Code::UnstableOffsetCommit
        | Code::ThrottlingQuotaExceeded => LogError::Unavailable(text),
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition => {
            LogError::Refused(format!("{text}: run `ebasvuru topics`"))
        }
        Code::MessageSizeTooLarge | Code::MessageBatchTooLarge => LogError::TooLarge(format!(
            "{text}: a topic takes less than {} bytes; `ebasvuru topics` names it and the fix",
            budget::RECORD
        )),
        Code::InvalidRecord
        | Code::InvalidTopic
        | Code::InvalidPartitions
        | Code::InvalidReplicationFactor
        | Code::InvalidReplicaAssignment
        | Code::InvalidConfig
        | Code::InvalidArgument
        | Code::InvalidSessionTimeout
        | Code::InvalidTransactionTimeout
        | Code::PolicyViolation
        | Code::UnsupportedVersion
        | Code::UnsupportedFeature
        | Code::SSL
        | Code::Authentication
        | Code::SaslAuthenticationFailed
        | Code::UnsupportedSASLMechanism
        | Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed => LogError::Refused(text),
        Code::FencedInstanceId => LogError::Fenced(text),
        // A fenced producer (its own slow transaction may be the cause), another generation, fatal,
        // or unknown: the client must not continue.
        _ => LogError::StartOver(text),
    }
}
