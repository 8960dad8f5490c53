//! The quickstart as a newcomer meets it: started, its printed commands pasted into a shell, and stopped.
#![cfg(unix)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aghanim_hooks::Secret;
use serde_json::{Value, json};

const SECRET: &str = "whsec_4f1c9d0a77b2e8d6";
const EVENTS: [&str; 4] = ["player.verify", "item.add", "item.remove", "order.paid"];

struct Quickstart {
    child: Child,
    port: u16,
    /// The commands that it printed, one for each event.
    commands: Vec<String>,
    /// The output before the commands.
    preamble: String,
    /// The output after the commands.
    printed: Arc<Mutex<Vec<String>>>,
}

impl Quickstart {
    fn start(secret: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
        command.env("PORT", "0").env_remove("AGHANIM_WEBHOOK_SECRET").stdout(Stdio::piped());
        if let Some(secret) = secret {
            command.env("AGHANIM_WEBHOOK_SECRET", secret);
        }
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let (mut preamble, mut commands) = (String::new(), Vec::<String>::new());
        while commands.len() < EVENTS.len() || commands.last().unwrap().ends_with('\\') {
            let line = lines.next().expect("it stopped printing").unwrap();
            match commands.last_mut() {
                Some(command) if command.ends_with('\\') => command.extend(["\n", &line]),
                _ if line.starts_with("curl") => commands.push(line),
                _ => preamble += &line,
            }
        }
        let port = commands[0].split("127.0.0.1:").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
        let printed = Arc::<Mutex<Vec<String>>>::default();
        let since = Arc::clone(&printed);
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| since.lock().unwrap().push(line)));
        Self { child, port, commands, preamble, printed }
    }

    fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }
}

impl Drop for Quickstart {
    fn drop(&mut self) {
        // It has usually ended by now.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// True if `curl` is installed. If not, prints a message, and fails in CI.
fn curl_is_there() -> bool {
    let there = Command::new("curl").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        assert!(std::env::var_os("CI").is_none(), "CI must have curl");
        // Not `eprintln!`, which the test runner swallows.
        drop(writeln!(
            io::stderr(),
            "SKIPPED the printed commands: there is no curl on this machine to paste them into"
        ));
    }
    there
}

/// Runs a command in a shell, and returns the status and the body.
fn paste(command: &str) -> (u16, Value) {
    let output = Command::new("sh").arg("-c").arg(command).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer to {command}: {text}"));
    (head.split(' ').nth(1).unwrap().parse().unwrap(), serde_json::from_str(body).unwrap())
}

#[test]
fn every_printed_command_gives_the_documented_answer() {
    if !curl_is_there() {
        return;
    }
    let quickstart = Quickstart::start(None);
    assert!(quickstart.preamble.contains("AGHANIM_WEBHOOK_SECRET is not set"), "{}", quickstart.preamble);
    for (event, command) in EVENTS.iter().zip(&quickstart.commands) {
        assert!(command.contains(&format!(r#""event_type":"{event}""#)), "{command}");
        let (status, body) = paste(command);
        assert_eq!(status, 200, "{event}: {body}");
        match *event {
            "player.verify" => assert_eq!((&body["player_id"], body["name"].is_string()), (&json!("2D2R-OP3C"), true)),
            _ => assert_eq!(body, json!({ "status": "ok" }), "{event}"),
        }
        // Changes one letter, so that the signature does not match.
        let (status, body) = paste(&command.replace("2D2R", "3D2R").replace("ord_1", "ord_2"));
        assert_eq!((status, &body["code"]), (403, &json!("invalid_signature")), "{event}");
    }
}

#[test]
fn what_is_pasted_twice_happens_once() {
    if !curl_is_there() {
        return;
    }
    let mut quickstart = Quickstart::start(Some(SECRET));
    let [_, add, remove, _] = &quickstart.commands[..] else { panic!("four commands") };
    for command in [add, add, remove] {
        assert_eq!(paste(command), (200, json!({ "status": "ok" })));
    }
    quickstart.signal("-TERM");
    assert!(quickstart.child.wait().unwrap().success());
    // Another thread reads the pipe, and sees its end a little later.
    let removed = || quickstart.printed.lock().unwrap().iter().any(|line| line.starts_with("-1 gems_100"));
    for _ in 0..100 {
        if removed() {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    let printed = quickstart.printed.lock().unwrap();
    assert_eq!(printed.iter().filter(|line| line.starts_with("+1 gems_100")).count(), 1, "{printed:?}");
    assert!(printed.iter().any(|line| line.starts_with("-1 gems_100")), "{printed:?}");
}

#[test]
fn a_request_in_flight_is_finished_before_it_stops() {
    let mut quickstart = Quickstart::start(Some(SECRET));
    let body = verify("testplayer");
    let mut connection = TcpStream::connect(("127.0.0.1", quickstart.port)).unwrap();
    connection.write_all(head(&body).as_bytes()).unwrap();
    connection.write_all(&body.as_bytes()[..10]).unwrap();
    // Long enough that the head has been read.
    std::thread::sleep(Duration::from_millis(200));
    quickstart.signal("-TERM");
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(quickstart.child.try_wait().unwrap(), None, "it stopped in the middle of a request");
    assert!(TcpStream::connect(("127.0.0.1", quickstart.port)).is_err(), "it still takes new connections");
    connection.write_all(&body.as_bytes()[10..]).unwrap();
    assert!(answer(&mut connection).starts_with("HTTP/1.1 200 "));
    assert!(quickstart.child.wait().unwrap().success());
}

#[test]
fn it_stops_when_told_to() {
    for signal in ["-TERM", "-INT"] {
        let mut quickstart = Quickstart::start(Some(SECRET));
        assert_eq!(quickstart.preamble, "");
        // Once it has answered, it listens for signals too.
        assert!(answer(&mut open(quickstart.port, "testplayer")).starts_with("HTTP/1.1 200 "));
        quickstart.signal(signal);
        assert!(quickstart.child.wait().unwrap().success(), "{signal}");
    }
}

#[test]
fn a_secret_that_is_none_is_named() {
    let output = Command::new(env!("CARGO_BIN_EXE_quickstart"))
        .env("PORT", "0")
        .env("AGHANIM_WEBHOOK_SECRET", "hunter2")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("AGHANIM_WEBHOOK_SECRET") && error.contains("16"), "{error}");
    assert!(!error.contains("hunter2"), "{error}");
}

fn verify(player: &str) -> String {
    format!(r#"{{"event_type":"player.verify","event_data":{{"player_id":"{player}"}}}}"#)
}

fn head(body: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs().to_string();
    let signature = Secret::new(SECRET).unwrap().sign(now.as_bytes(), body.as_bytes());
    format!(
        "POST /webhook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nX-Aghanim-Signature: {signature}\r\nX-Aghanim-Signature-Timestamp: {now}\r\n\r\n",
        body.len()
    )
}

fn open(port: u16, player: &str) -> TcpStream {
    let body = verify(player);
    let mut connection = TcpStream::connect(("127.0.0.1", port)).unwrap();
    connection.write_all((head(&body) + &body).as_bytes()).unwrap();
    connection
}

fn answer(connection: &mut TcpStream) -> String {
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    answer
}
