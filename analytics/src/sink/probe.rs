//! Asks regularly whether ClickHouse answers, also when there is nothing to write.

use std::time::Duration;

use clickhouse::Client;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::health::Health;
use tokio_util::sync::CancellationToken;

use crate::exception::fix_for;

/// How often to ask.
const INTERVAL: Duration = Duration::from_secs(5);
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Asks until `stop`, and reports to `health`. An idle sink, or one whose insert hangs, would not
/// notice.
pub async fn probe(client: Client, health: Health, stop: CancellationToken) {
    loop {
        match tokio::time::timeout(TIMEOUT, client.query("SELECT 1").fetch_one::<u8>()).await {
            Ok(Ok(_)) => health.running(),
            Ok(Err(error)) => match fix_for(&error) {
                Some(fix) => health.refused(ErrorCode::SinkRefused, &format!("{error}: {fix}")),
                None => away(&health, format!("ClickHouse does not answer: {error}")),
            },
            Err(_) => away(&health, format!("ClickHouse does not answer within {} s", TIMEOUT.as_secs())),
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(INTERVAL) => {}
        }
    }
}

fn away(health: &Health, detail: String) {
    let error = ErrorCode::ClickHouse.with(detail);
    health.waiting_with(Some(error.code), &error.to_string());
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::health::HealthState;

    use super::*;

    /// A stopped server takes the connection and sends nothing.
    #[tokio::test]
    async fn a_server_that_does_not_answer_is_away() {
        let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", silent.local_addr().unwrap());
        let client = crate::client::connect(&url, "ebasvuru", "default", "").unwrap();
        let (health, stop) = (Health::new("clickhouse"), CancellationToken::new());
        health.running();
        let task = tokio::spawn(probe(client, health.clone(), stop.clone()));
        while health.state() == HealthState::Running {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(matches!(health.state(), HealthState::Waiting { .. }), "{:?}", health.state());
        assert_eq!(health.state().code(), Some(ErrorCode::ClickHouse));
        stop.cancel();
        task.await.unwrap();
    }
}
