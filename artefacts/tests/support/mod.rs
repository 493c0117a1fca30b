//! A web server on this host that answers as a test tells it to, and keeps what it was asked.
#![allow(dead_code, clippy::unwrap_used, unreachable_pub, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What a client sent.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

/// What the server does with a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Answers in full.
    Whole(u16, Vec<u8>),
    /// Announces all bytes, sends so many, and hangs up.
    CutOff(Vec<u8>, usize),
    /// Sends a byte and then nothing, until the client leaves.
    Silence(Vec<u8>),
    /// Sends a byte every few milliseconds, until the client leaves.
    Drip(Vec<u8>),
    /// Announces nothing, and never stops sending.
    Endless(u16),
    /// Hangs up at once.
    Nothing,
    /// Sends the client to another server.
    Elsewhere(String),
}

pub struct Server {
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Serves until the test ends.
    pub fn start(answer: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let (seen, answer) = (requests.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, answer) = (seen.clone(), answer.clone());
                std::thread::spawn(move || {
                    let Some(request) = read_request(&stream) else { return };
                    let number = {
                        let mut seen = seen.lock().unwrap();
                        seen.push(request.clone());
                        seen.len()
                    };
                    // a client that left is none of the server's business
                    let _ = give(stream, &request, answer(&request, number));
                });
            }
        });
        Self { address, requests }
    }

    /// Serves the files below `folder`.
    pub fn of_folder(folder: std::path::PathBuf) -> Self {
        Self::start(move |request, _| match std::fs::read(folder.join(request.path.trim_start_matches('/'))) {
            Ok(bytes) => Answer::Whole(200, bytes),
            Err(_) => Answer::Whole(404, b"there is no such file".to_vec()),
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}

fn give(mut stream: TcpStream, request: &Request, answer: Answer) -> std::io::Result<()> {
    let head = |status: u16, length: Option<usize>| {
        let length = length.map_or_else(String::new, |length| format!("Content-Length: {length}\r\n"));
        format!(
            "HTTP/1.1 {status} x\r\n{length}ETag: \"e\"\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nConnection: close\r\n\r\n"
        )
    };
    match answer {
        Answer::Whole(status, bytes) => {
            stream.write_all(head(status, Some(bytes.len())).as_bytes())?;
            if request.method == "HEAD" { Ok(()) } else { stream.write_all(&bytes) }
        }
        Answer::CutOff(bytes, count) => {
            stream.write_all(head(200, Some(bytes.len())).as_bytes())?;
            stream.write_all(&bytes[..count])
        }
        Answer::Silence(bytes) => {
            stream.write_all(head(200, Some(bytes.len())).as_bytes())?;
            stream.write_all(&bytes[..1])?;
            // ends when the client hangs up
            stream.read(&mut [0]).map(drop)
        }
        Answer::Drip(bytes) => {
            stream.write_all(head(200, Some(bytes.len())).as_bytes())?;
            for byte in bytes {
                stream.write_all(&[byte])?;
                std::thread::sleep(Duration::from_millis(5));
            }
            Ok(())
        }
        Answer::Endless(status) => {
            stream.write_all(head(status, None).as_bytes())?;
            loop {
                stream.write_all(&[0; 1 << 14])?;
            }
        }
        Answer::Nothing => Ok(()),
        Answer::Elsewhere(url) => {
            let length = "Content-Length: 0\r\nConnection: close";
            stream
                .write_all(format!("HTTP/1.1 302 x\r\nLocation: {url}{}\r\n{length}\r\n\r\n", request.path).as_bytes())
        }
    }
}
