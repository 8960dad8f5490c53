//! Each form in which a file may come, and what the report says of it.

use aghanim_hooks_batch::{Form, Shape};

use super::game::{event, gzip, lines, run};

/// Runs a file of these three events, and returns its shape.
async fn shape(file: impl AsRef<[u8]>) -> Shape {
    let (report, seen) = run(file.as_ref()).await;
    let report = report.unwrap();
    assert_eq!(seen, ["a", "b", "c"], "{}", String::from_utf8_lossy(file.as_ref()));
    assert_eq!((report.events, report.answered, report.failed), (3, 3, 0));
    report.shape
}

#[tokio::test]
async fn lines_with_every_kind_of_end() {
    let plain = lines(["a", "b", "c"]);
    for (file, expected) in [
        (plain.clone(), ""),
        (plain.replace('\n', "\r\n"), ", CR LF"),
        (plain.trim_end().to_owned(), ", no newline at the end"),
        (format!("\n \r\n{}\n\n", plain.replace('\n', "\n\t\n")), ", 7 blank"),
        (format!("\u{feff}{plain}"), ", with a byte order mark"),
        (
            format!("\u{feff}\r\n{}", plain.replace('\n', "\r\n").trim_end()),
            ", with a byte order mark, CR LF, no newline at the end, 1 blank",
        ),
    ] {
        assert_eq!(shape(&file).await.to_string(), format!("one event per line{expected}"), "{file:?}");
        let compressed = shape(gzip(&file).await).await.to_string();
        assert_eq!(compressed, format!("one event per line, gzip{expected}"), "{file:?}");
    }
}

#[tokio::test]
async fn a_compressed_file_to_which_another_was_appended() {
    let (first, rest) = (gzip(lines(["a"])).await, gzip(lines(["b", "c"])).await);
    assert!(shape([first, rest].concat()).await.gzip);
}

#[tokio::test]
async fn arrays() {
    let (a, b, c) = (event("a"), event("b"), event("c"));
    for file in [
        format!("[{a},{b},{c}]"),
        format!("\n [\n  {a},\n  {b},\n  {c}\n]\n"),
        format!("[{a},{b},{c},]\r\n"),
        // One array after another, as a writer that appends makes them.
        format!("[{a}][] [{b}]\n[{c}]"),
        // Pretty-printed.
        format!("[{},{b},{c}]", a.replace(',', ",\n    ").replace('{', "{\n")),
        format!("\u{feff}[{a},{b},{c}]"),
        // The text after an array is read by lines.
        format!("[{a},{b}]\n\n{c}\n"),
    ] {
        let shape = shape(&file).await;
        assert_eq!((shape.form, shape.blank, shape.gzip), (Form::Array, 0, false), "{file}");
        assert!(self::shape(gzip(&file).await).await.gzip, "{file}");
    }
    assert_eq!(shape(format!("[{a},,{b},{c}]")).await.blank, 1);
}

#[tokio::test]
async fn separators_inside_strings_and_nested_values_separate_nothing() {
    let odd = r#"{"event_type":"quest.done","extra":["],[",{"a":"\"}],\\"}],"event_data":{"id":"a","more":[[],{}]}}"#;
    assert_eq!(shape(format!("[{odd},{},{}]", event("b"), event("c"))).await.form, Form::Array);
}

#[tokio::test]
async fn files_without_events() {
    for file in ["", "\n\n", "[]", " [ ] \n", "\u{feff}", "[", "\u{feff}["] {
        let (report, seen) = run(file).await;
        let events = report.map_or_else(|error| error.report().events, |report| report.events);
        assert_eq!((events, seen.len()), (0, 0), "{file:?}");
    }
    assert!(run(gzip("").await).await.0.is_ok());
}

/// The same file in two reads, cut at each place: every separator is on a border once.
#[tokio::test]
async fn any_size_of_reads_gives_the_same_events() {
    use tokio::io::AsyncReadExt;
    for file in [
        format!("\u{feff} \r\n{}", lines(["a", "b", "c"])),
        format!(" [ {} ,\n{},{}]\n", event("a"), event("b"), event("c")),
    ] {
        for file in [file.clone().into_bytes(), gzip(&file).await] {
            for cut in 0..file.len() {
                let game = super::game::Game::default();
                let batch = aghanim_hooks_batch::Batch::new(&super::game::hooks(), game.clone()).unwrap();
                let report = batch.run(file[..cut].chain(&file[cut..])).await.unwrap();
                assert_eq!((report.answered, game.seen().concat().as_str()), (3, "abc"), "cut at {cut}");
            }
        }
    }
}
