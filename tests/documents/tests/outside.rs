//! Every document is accepted by the tools that others use: `openapi-spec-validator` and `@asyncapi/parser`.
//!
//! `AGHANIM_TEST_PYTHON` names a Python with the former, `NODE_PATH` the folder with the latter.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use aghanim_hooks::documents::Contract;
use aghanim_hooks_tests::skip;
use serde_json::{Value, json};

use crate::game::endpoint;

/// Fails with the messages of `@asyncapi/parser` that are errors.
const PARSE: &str = "
const { Parser } = require('@asyncapi/parser');
const text = require('fs').readFileSync(0, 'utf8');
new Parser().parse(text).then(({ diagnostics }) => {
  const errors = diagnostics.filter(({ severity }) => severity === 0);
  for (const { path, message } of errors) console.log(path.join('.') + ': ' + message);
  process.exit(errors.length ? 1 : 0);
});";

fn run(program: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn is_there(program: &str, arguments: &[&str]) -> bool {
    let status = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Asserts that the program accepts each document, and refuses the last one.
fn judge(documents: &[Value], wrong: &Value, validate: impl Fn(&str) -> Output) {
    let said = |output: &Output| {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    };
    for document in documents {
        let output = validate(&document.to_string());
        assert!(output.status.success(), "{}", said(&output));
    }
    assert!(!validate(&wrong.to_string()).status.success(), "a wrong document is refused");
}

#[test]
fn a_validator_of_openapi_accepts_the_documents() {
    let python = std::env::var("AGHANIM_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    if !is_there(&python, &["-c", "import openapi_spec_validator"]) {
        skip("OpenAPI documents", "there is no python3 with openapi-spec-validator");
        return;
    }
    let documents = [Contract::catalogue().openapi(), endpoint().contract().openapi()];
    let mut wrong = documents[0].clone();
    wrong["webhooks"]["item.add"]["post"]["responses"]["200"]["description"] = json!(7);
    judge(&documents, &wrong, |document| {
        let mut file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
        file.write_all(document.as_bytes()).unwrap();
        run(&python, &["-m", "openapi_spec_validator", "--schema", "3.1", file.path().to_str().unwrap()], "")
    });
}

#[test]
fn a_parser_of_asyncapi_accepts_the_documents() {
    if !is_there("node", &["-e", "require('@asyncapi/parser')"]) {
        skip("AsyncAPI documents", "there is no node with @asyncapi/parser in NODE_PATH");
        return;
    }
    let documents = [Contract::catalogue().asyncapi(), endpoint().contract().asyncapi()];
    let mut wrong = documents[0].clone();
    wrong["operations"]["item.add"]["channel"] = json!({ "$ref": "#/channels/nowhere" });
    judge(&documents, &wrong, |document| run("node", &["-e", PARSE], document));
}
