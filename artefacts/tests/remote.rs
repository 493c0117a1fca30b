//! Stores that others serve: what is read is right or an error, whatever the server does.
#![allow(clippy::unwrap_used)]

mod support;

use artefacts::{RemoteSettings, Store, StoreError, WriteError};
use hmac::{Hmac, Mac};
use protocol::digest::{Digest, content_address};
use sha2::Sha256;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Answer, Request, Server};

const BLOB: &[u8] = b"a blob of some length, so that half of it is still something";

fn address() -> Digest {
    content_address(BLOB)
}

fn patient(tries: u32) -> RemoteSettings {
    RemoteSettings {
        tries,
        first_pause: Duration::from_millis(1),
        read_timeout: Duration::from_millis(300),
        blob_timeout: Duration::from_millis(600),
        ..RemoteSettings::default()
    }
}

fn store_at(server: &Server, tries: u32) -> Store {
    Store::open_remote(server.url(), &patient(tries)).unwrap()
}

#[test]
fn a_folder_behind_a_web_server_is_a_store_that_can_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let local = Store::open(folder.path()).unwrap();
    local.put(BLOB).unwrap();
    let server = Server::of_folder(folder.path().to_owned());
    let store = Store::open_remote(format!("{}/", server.url()), &patient(1)).unwrap();
    assert_eq!(store.get(&address()).unwrap(), BLOB);
    let name = address().to_string();
    assert_eq!(server.requests()[0].path, format!("/{}/{name}", &name[..2]));
    assert!(matches!(store.get(&content_address(b"other")), Err(StoreError::Missing(_))));
    let refused = store.put(b"new").unwrap_err();
    assert!(matches!(&refused, StoreError::Write(WriteError::Io { .. })), "{refused}");
    assert!(store.is_read_only() && refused.to_string().contains("can only be read"), "{refused}");
}

#[test]
fn several_stores_are_one_of_which_the_first_is_written_to() {
    let (near, far) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let origin = Store::open(far.path()).unwrap();
    origin.put(BLOB).unwrap();
    let server = Server::of_folder(far.path().to_owned());
    let location = format!("{},{}", near.path().display(), server.url());
    let store = Store::open_remote(&location, &patient(1)).unwrap();
    assert_eq!((store.root(), store.is_read_only()), (Path::new(&location), false));
    assert_eq!(artefacts::folder_of(store.root()), Some(near.path()));
    assert_eq!(store.get(&address()).unwrap(), BLOB);
    let own = store.put(b"a report").unwrap();
    assert!(store.path_of(&own).starts_with(near.path()) && store.path_of(&own).is_file());
    assert!(matches!(origin.get(&own), Err(StoreError::Missing(_))));
    let asked = server.requests().len();
    assert_eq!(store.get(&own).unwrap(), b"a report");
    assert_eq!(server.requests().len(), asked);
    assert!(matches!(store.get(&content_address(b"nowhere")), Err(StoreError::Missing(_))));
    // damaged here, and good there
    store.put(BLOB).unwrap();
    std::fs::write(store.path_of(&address()), b"damaged").unwrap();
    assert_eq!(store.get(&address()).unwrap(), BLOB);
    std::fs::remove_file(origin.path_of(&address())).unwrap();
    assert!(matches!(store.get(&address()), Err(StoreError::Corrupt { .. })));
}

#[test]
fn a_blob_is_not_missing_while_a_store_does_not_answer() {
    let near = tempfile::tempdir().unwrap();
    let broken = Server::start(|_, _| Answer::Nothing);
    let location = format!("{},{},http://127.0.0.1:1", near.path().display(), broken.url());
    let store = Store::open_remote(location, &patient(1)).unwrap();
    assert!(matches!(store.get(&address()), Err(StoreError::Read { .. })));
    let folder = Store::open(near.path().join("a,b")).unwrap();
    assert!(near.path().join("a,b").is_dir() && !folder.is_read_only());
}

#[test]
fn a_bad_answer_is_asked_for_again() {
    let bad = [
        Answer::CutOff(BLOB.to_vec(), 20),
        Answer::Whole(200, b"something else".to_vec()),
        Answer::Whole(503, b"busy".to_vec()),
        Answer::Nothing,
        Answer::Silence(BLOB.to_vec()),
        Answer::Whole(206, BLOB[..9].to_vec()),
    ];
    let last = bad.len();
    let server =
        Server::start(move |_, number| bad.get(number - 1).cloned().unwrap_or(Answer::Whole(200, BLOB.to_vec())));
    assert_eq!(store_at(&server, last as u32 + 1).get(&address()).unwrap(), BLOB);
    assert_eq!(server.requests().len(), last + 1);
}

#[test]
fn what_stays_bad_is_an_error_that_says_how() {
    type Expected = fn(&StoreError) -> bool;
    let unreadable: Expected = |error| matches!(error, StoreError::Read { .. });
    let cases: [(Answer, Expected, &str); 6] = [
        (Answer::CutOff(BLOB.to_vec(), 20), unreadable, "127.0.0.1"),
        (Answer::Whole(200, b"other".to_vec()), |error| matches!(error, StoreError::Corrupt { .. }), "hash to"),
        (Answer::Whole(500, b"no disk".to_vec()), unreadable, "no disk"),
        (Answer::Drip(vec![7; 1 << 12]), unreadable, "did not come within"),
        (Answer::Silence(BLOB.to_vec()), unreadable, "127.0.0.1"),
        (Answer::Endless(500), unreadable, "500"),
    ];
    for (answer, expected, text) in cases {
        let shown = format!("{answer:?}");
        let server = Server::start(move |_, _| answer.clone());
        let error = store_at(&server, 2).get(&address()).unwrap_err();
        assert!(expected(&error) && error.to_string().contains(text), "{shown:.60}: {error}");
        assert_eq!(server.requests().len(), 2, "{shown:.60}");
    }
}

#[test]
fn what_would_end_the_same_way_is_not_asked_for_again() {
    for status in [401, 403, 404] {
        let server = Server::start(move |_, _| Answer::Whole(status, b"no".to_vec()));
        let error = store_at(&server, 5).get(&address()).unwrap_err();
        assert_eq!(matches!(error, StoreError::Missing(_)), status == 404, "{status}: {error}");
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[test]
fn no_more_is_read_than_a_blob_can_have() {
    let long = vec![0; 1 << 20];
    let server = Server::start(move |_, _| Answer::Whole(200, long.clone()));
    let store = store_at(&server, 3);
    let error = store.get_within(&address(), 1_000).unwrap_err();
    assert!(matches!(error, StoreError::TooLong { limit_bytes: 1_000, .. }), "{error}");
    let small = RemoteSettings { max_blob_bytes: 5_000, ..patient(3) };
    let error = Store::open_remote(server.url(), &small).unwrap().get(&address()).unwrap_err();
    assert!(error.to_string().contains("AIXBLOCK_STORE_MAX_BYTES"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_server_that_is_not_there_is_an_error_of_this_host() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let store = Store::open_remote(format!("http://{address}/data"), &patient(2)).unwrap();
    assert!(matches!(store.get(&content_address(BLOB)), Err(StoreError::Read { .. })));
}

#[tokio::test]
async fn a_store_is_used_within_an_asynchronous_program_too() {
    let server = Server::start(|_, _| Answer::Whole(200, BLOB.to_vec()));
    assert_eq!(store_at(&server, 1).get(&address()).unwrap(), BLOB);
}

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

/// The signature that AWS's documents ("Signature Version 4 signing process") give for `request`.
fn signature(request: &Request, secret: &str) -> Option<String> {
    let hex_hash = |bytes: &[u8]| content_address(bytes).to_string();
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let authorization = request.headers.get("authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
    let fields: BTreeMap<&str, &str> = authorization.split(", ").filter_map(|field| field.split_once('=')).collect();
    let names = fields.get("SignedHeaders")?;
    let (_, scope) = fields.get("Credential")?.split_once('/')?;
    let headers: String = names.split(';').map(|name| format!("{name}:{}\n", request.headers[name])).collect();
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    let payload = &request.headers["x-amz-content-sha256"];
    if payload != "UNSIGNED-PAYLOAD" && *payload != hex_hash(&request.body) {
        return None;
    }
    let canonical = format!("{}\n{path}\n{query}\n{headers}\n{names}\n{payload}", request.method);
    let date = &request.headers["x-amz-date"];
    let to_sign = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex_hash(canonical.as_bytes()));
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| mac(&key, part));
    (hex::encode(mac(&key, &to_sign)) == fields["Signature"]).then(|| fields["Signature"].to_owned())
}

/// A service that keeps objects in memory, and only talks to who knows `SECRET`.
fn s3() -> Server {
    let objects: Arc<Mutex<BTreeMap<String, Vec<u8>>>> = Arc::default();
    let busy = AtomicBool::new(true);
    Server::start(move |request, _| {
        if signature(request, SECRET).is_none() {
            return Answer::Whole(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>".to_vec());
        }
        let mut objects = objects.lock().unwrap();
        match request.method.as_str() {
            "PUT" if busy.swap(false, Ordering::SeqCst) => {
                Answer::Whole(503, b"<Error><Code>SlowDown</Code></Error>".to_vec())
            }
            "PUT" => {
                objects.insert(request.path.clone(), request.body.clone());
                Answer::Whole(200, Vec::new())
            }
            _ => match objects.get(&request.path) {
                Some(bytes) => Answer::Whole(200, bytes.clone()),
                None => Answer::Whole(404, b"<Error><Code>NoSuchKey</Code></Error>".to_vec()),
            },
        }
    })
}

fn s3_store(server: &Server, secret: &str) -> Store {
    s3_store_over(server, secret, "true")
}

fn s3_store_over(server: &Server, secret: &str, allow_http: &str) -> Store {
    let endpoint = server.url();
    let s3 = [
        ("aws_endpoint", endpoint.as_str()),
        ("aws_allow_http", allow_http),
        ("aws_region", "eu-central-1"),
        ("aws_access_key_id", "AKIDEXAMPLE"),
        ("aws_secret_access_key", secret),
        ("aws_some_other_program", "setting"),
    ];
    Store::open_remote("s3://bucket/data/sets/", &RemoteSettings { s3: s3.into(), ..patient(3) }).unwrap()
}

#[test]
fn a_bucket_of_an_s3_service_is_a_store() {
    let server = s3();
    let store = s3_store(&server, SECRET);
    assert!(matches!(store.get(&content_address(b"never stored")), Err(StoreError::Missing(_))));
    assert_eq!(store.put(BLOB).unwrap(), address());
    assert_eq!(store.get(&address()).unwrap(), BLOB);
    assert_eq!(store.put(b"").unwrap(), content_address(b""));
    assert_eq!(store.get(&content_address(b"")).unwrap(), b"");
    let name = address().to_string();
    let put = server.requests().into_iter().find(|request| request.method == "PUT").unwrap();
    assert_eq!(put.path, format!("/bucket/data/sets/{}/{name}", &name[..2]));
}

#[test]
fn a_bucket_is_read_without_encryption_only_where_that_is_allowed() {
    let server = s3();
    let error = s3_store_over(&server, SECRET, "false").get(&address()).unwrap_err();
    assert!(matches!(error, StoreError::Read { .. }), "{error}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Server::start(|_, _| Answer::Whole(200, BLOB.to_vec()));
    let to = elsewhere.url();
    let server = Server::start(move |_, _| Answer::Elsewhere(to.clone()));
    assert!(matches!(store_at(&server, 1).get(&address()), Err(StoreError::Read { .. })));
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_wrong_secret_is_refused_once_and_not_shown() {
    let server = s3();
    let store = s3_store(&server, "a wrong secret");
    let error = store.get(&address()).unwrap_err();
    assert!(matches!(error, StoreError::Read { .. }), "{error}");
    assert!(!format!("{error} {error:?} {store:?}").contains("a wrong secret"));
    assert_eq!(server.requests().len(), 1);
    assert!(store.put(BLOB).is_err());
}
