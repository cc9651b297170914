//! Who takes the records from the network and hands them to the ledger. The smallest server that keeps the promise: an answer
//! only when the records are on the disk.

use super::client::REFUSED;
use super::told;
use gongdao_ledger::{Ledger, Pending};
use gongdao_model::DecisionRecord;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, sync_channel};

/// Bytes of a request at most.
const REQUEST_BYTES: usize = 16 << 20;

/// Serve so many connections until each has ended.
pub(crate) fn serve(listener: &TcpListener, connections: u64, ledger: &Ledger) -> Result<(), String> {
    std::thread::scope(|scope| {
        let mut running = Vec::new();
        for _ in 0..connections {
            let (stream, _) = listener.accept().map_err(told)?;
            running.push(scope.spawn(move || connection(stream, ledger)));
        }
        running.into_iter().try_for_each(|one| one.join().map_err(|_| "a thread of the server ended")?)
    })
}

fn connection(mut stream: TcpStream, ledger: &Ledger) -> Result<(), String> {
    stream.set_nodelay(true).map_err(told)?;
    let answers = stream.try_clone().map_err(told)?;
    let (logged, to_answer) = sync_channel(8);
    std::thread::scope(|scope| {
        let answering = scope.spawn(move || answer(answers, &to_answer));
        let mut bytes = Vec::new();
        while let Some(request) = read(&mut stream, &mut bytes)? {
            let pending = ledger.append_decisions(&decisions(request)?).map_err(told)?;
            logged.send(pending).map_err(|_| "the answers ended")?;
        }
        drop(logged);
        answering.join().map_err(|_| "a thread of the server ended")?
    })
}

fn read<'a>(stream: &mut TcpStream, bytes: &'a mut Vec<u8>) -> Result<Option<&'a [u8]>, String> {
    let mut head = [0; 4];
    match stream.read_exact(&mut head) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other.map_err(told)?,
    }
    let length = usize::try_from(u32::from_be_bytes(head)).map_err(told)?;
    if length > REQUEST_BYTES {
        return Err(format!("a request of {length} bytes"));
    }
    bytes.resize(length, 0);
    stream.read_exact(bytes).map_err(told)?;
    Ok(Some(bytes))
}

fn decisions(request: &[u8]) -> Result<Vec<DecisionRecord>, String> {
    let lines = request.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(|line| serde_json::from_slice(line).map_err(told)).collect()
}

fn answer(mut answers: TcpStream, to_answer: &Receiver<Pending>) -> Result<(), String> {
    let mut bytes = Vec::new();
    while let Ok(pending) = to_answer.recv() {
        let placed = pending.wait().map_err(told)?;
        bytes.clear();
        bytes.extend_from_slice(&u32::try_from(placed.len()).map_err(told)?.to_be_bytes());
        for place in placed {
            bytes.extend_from_slice(&place.map_or(REFUSED, |logged| logged.leaf).to_be_bytes());
        }
        answers.write_all(&bytes).map_err(told)?;
    }
    Ok(())
}
