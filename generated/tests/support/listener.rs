//! A listener that answers nothing and remembers who came.

#![allow(dead_code, reason = "every test file uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up should stop")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long a connection may take to say what it wants.
const PATIENCE: Duration = Duration::from_millis(500);

/// Accepts connections in a thread of its own, and refuses whatever they ask for.
pub(crate) struct Listener {
    address: SocketAddr,
    seen: Arc<Mutex<(usize, String)>>,
}

impl Listener {
    /// Listens on a free port of this address.
    pub(crate) fn start(host: &str) -> Self {
        let listener = TcpListener::bind((host, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<(usize, String)>> = Arc::default();
        let shared = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                shared.lock().unwrap().0 += 1;
                stream.set_read_timeout(Some(PATIENCE)).unwrap();
                let mut bytes = vec![0; 65_536];
                let length = stream.read(&mut bytes).unwrap_or(0);
                shared.lock().unwrap().1 += &String::from_utf8_lossy(&bytes[..length]);
                stream.write_all(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").ok();
            }
        });
        Self { address, seen }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// How many connections came, and what they said first.
    pub(crate) fn received(&self) -> (usize, String) {
        self.seen.lock().unwrap().clone()
    }
}
