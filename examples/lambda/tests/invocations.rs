//! The function answers invocations as Lambda sends them. A server here plays Lambda's runtime API.

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";

/// Longer than a slow machine needs, shorter than anyone would wait for a test.
const PATIENCE: Duration = Duration::from_secs(30);

/// The runtime API's two ends: the function polls for invocations, and posts its answers.
struct Api {
    invocations: Mutex<mpsc::Receiver<Value>>,
    answers: mpsc::Sender<Value>,
}

/// The function, running.
struct Function {
    invocations: mpsc::Sender<Value>,
    answers: mpsc::Receiver<Value>,
    _process: Child,
}

impl Function {
    async fn start() -> Self {
        let (invocations, to_function) = mpsc::channel(1);
        let (from_function, answers) = mpsc::channel(1);
        let api = Arc::new(Api { invocations: Mutex::new(to_function), answers: from_function });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{outcome}", post(answered))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        let process = Command::new(env!("CARGO_BIN_EXE_aghanim-hooks-lambda"))
            .env("AGHANIM_WEBHOOK_SECRET", SECRET)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .env("AWS_LAMBDA_FUNCTION_NAME", "webhooks")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        Self { invocations, answers, _process: process }
    }

    /// Sends one invocation, and returns what the function answers: its outcome, and its JSON.
    async fn invoke(&mut self, event: Value) -> Value {
        self.invocations.send(event).await.unwrap();
        timeout(PATIENCE, self.answers.recv()).await.expect("the function answers").unwrap()
    }
}

async fn next(State(api): State<Arc<Api>>) -> impl IntoResponse {
    let event = api.invocations.lock().await.recv().await;
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap() + PATIENCE;
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:webhooks".to_owned()),
    ];
    (headers, Json(event))
}

async fn answered(
    State(api): State<Arc<Api>>,
    Path((_, outcome)): Path<(String, String)>,
    // Lambda's runtime sends it without a content type.
    body: Bytes,
) -> StatusCode {
    let answer: Value = serde_json::from_slice(&body).unwrap();
    api.answers.send(json!({ "outcome": outcome, "answer": answer })).await.unwrap();
    StatusCode::ACCEPTED
}

/// The request of a function URL, in the format 2.0 of API Gateway, with the body as text or in base64.
fn request(signed: &[u8], sent: &[u8], in_base64: bool) -> Value {
    let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
    let signature = Secret::new(SECRET).unwrap().sign(timestamp.as_bytes(), signed).to_string();
    let body = if in_base64 { BASE64_STANDARD.encode(sent) } else { String::from_utf8(sent.to_vec()).unwrap() };
    json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/webhook",
        "rawQueryString": "",
        "headers": {
            "content-type": "application/json",
            "host": "id.lambda-url.eu-west-2.on.aws",
            "user-agent": "Aghanim/0.1.0",
            "x-aghanim-signature": signature,
            "x-aghanim-signature-timestamp": timestamp,
        },
        "requestContext": {
            "accountId": "anonymous",
            "apiId": "id",
            "domainName": "id.lambda-url.eu-west-2.on.aws",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/webhook",
                "protocol": "HTTP/1.1",
                "sourceIp": "198.51.100.7",
                "userAgent": "Aghanim/0.1.0",
            },
            "requestId": "MIZRNhJtIAMEMDw=",
            "routeKey": "$default",
            "stage": "$default",
            "time": "24/Nov/2026:22:00:00 +0000",
            "timeEpoch": 1_795_557_600_000_u64,
        },
        "body": body,
        "isBase64Encoded": in_base64,
    })
}

fn status(answer: &Value) -> u64 {
    assert_eq!(answer["outcome"], "response", "{answer}");
    answer["answer"]["statusCode"].as_u64().unwrap()
}

/// The body of an answer, which Lambda is told to send as text.
fn body(answer: &Value) -> Value {
    assert_eq!(answer["answer"]["isBase64Encoded"], false, "{answer}");
    assert_eq!(answer["answer"]["headers"]["content-type"], "application/json", "{answer}");
    serde_json::from_str(answer["answer"]["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn invocations_are_answered_in_each_events_own_shape() {
    // The spaces, the escape and the letters beyond ASCII would not survive a body that is parsed and written again.
    let verify = br#"{ "event_type" :"player.verify",  "event_data":{"player_id":"2D2R\u002dOP3C","new":"\u00e9 "} }"#;
    let verify = [verify.as_slice(), "\n \t".as_bytes()].concat();
    let grant =
        "{\"event_type\":\"item.add\",\"event_data\":{\"player_id\":\"Ünïcode ☂\",\"items\":[]}}\r\n".as_bytes();
    let stranger = br#"{"event_type":"player.verify","event_data":{"player_id":"nobody"}}"#;
    let mut function = Function::start().await;
    for in_base64 in [false, true] {
        let answer = function.invoke(request(&verify, &verify, in_base64)).await;
        assert_eq!(status(&answer), 200, "{answer}");
        assert_eq!(body(&answer)["name"], "Beetle");

        let answer = function.invoke(request(grant, grant, in_base64)).await;
        assert_eq!((status(&answer), body(&answer)), (200, json!({ "status": "ok" })), "{answer}");

        let answer = function.invoke(request(stranger, stranger, in_base64)).await;
        assert_eq!(status(&answer), 404);
        assert_eq!(body(&answer)["code"], "not_found");

        let changed = String::from_utf8(grant.to_vec()).unwrap().replace("\r\n", "\n");
        let answer = function.invoke(request(grant, changed.as_bytes(), in_base64)).await;
        assert_eq!(status(&answer), 403, "one byte less than was signed");
    }
}
