//! One connection through the proxy.

use std::io;
use std::sync::Arc;

use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::watch;
use tokio::time::sleep;

use super::protocol::{Message, Messages, Names, Request};
use super::{Fault, Moment, Shared, Side, What};

pub(super) struct Relay {
    from_client: Messages,
    to_client: OwnedWriteHalf,
    from_server: Messages,
    to_server: OwnedWriteHalf,
    names: Names,
    /// The number of times that the server has sent `ReadyForQuery`.
    was_ready: u64,
    /// A fault that waits until the server has been ready this many times.
    pending: Option<(Fault, u64)>,
    /// The first part of an answer that a pending fault will affect.
    held: Vec<Message>,
    shared: Arc<Shared>,
}

/// The connection was cut.
struct Cut;

impl Relay {
    pub(super) fn new(client: TcpStream, server: TcpStream, shared: Arc<Shared>) -> Self {
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        Self {
            from_client: Messages::of_client(from_client),
            to_client,
            from_server: Messages::of_server(from_server),
            to_server,
            names: Names::default(),
            was_ready: 0,
            pending: None,
            held: Vec::new(),
            shared,
        }
    }

    /// Forwards until one side closes the connection, or it is cut. Then both sides are closed.
    pub(super) async fn run(mut self) -> io::Result<()> {
        let mut cut = self.shared.cut.subscribe();
        loop {
            tokio::select! {
                message = self.from_client.next() => {
                    let Some(message) = message? else { return Ok(()) };
                    let request = self.names.read(&message);
                    if let Some(fault) = self.shared.fault(&request) {
                        match fault.side {
                            Side::Before => if self.meet(fault, &mut cut).await.is_err() { return Ok(()) },
                            // An executed statement is answered at the `Sync` that follows it.
                            Side::After => {
                                let at_sync = matches!(request, Request::Execute(_)) && !message.is_simple_query();
                                self.pending = Some((fault, self.names.will_be_ready + u64::from(at_sync)));
                            }
                        }
                    }
                    if Moment::Commit.is(&request) || Moment::Rollback.is(&request) {
                        self.shared.ended.send_modify(|times| *times += 1);
                    }
                    message.send(&mut self.to_server).await?;
                }
                message = self.from_server.next() => {
                    let Some(message) = message? else { return Ok(()) };
                    self.was_ready += u64::from(message.is_ready_for_query());
                    match self.pending {
                        Some((fault, times)) if self.was_ready >= times => {
                            self.pending = None;
                            if self.meet(fault, &mut cut).await.is_err() {
                                return Ok(());
                            }
                        }
                        // The whole answer waits. A start is several answers, and the client replies to some of them.
                        Some((fault, _)) if fault.moment != Moment::Connect => {
                            self.held.push(message);
                            continue;
                        }
                        _ => {}
                    }
                    for held in self.held.drain(..) {
                        held.send(&mut self.to_client).await?;
                    }
                    message.send(&mut self.to_client).await?;
                }
                _ = cut.changed() => return Ok(()),
            }
        }
    }

    /// Lets a fault happen. An error closes the connection.
    async fn meet(&self, fault: Fault, cut: &mut watch::Receiver<u64>) -> Result<(), Cut> {
        let mut let_go = self.shared.let_go.subscribe();
        self.shared.reached.notify_one();
        let over = async {
            match fault.what {
                What::Hold => drop(let_go.changed().await),
                What::Delay(time) => sleep(time).await,
                What::Cut => {}
            }
        };
        tokio::select! {
            () = over => if fault.what == What::Cut { Err(Cut) } else { Ok(()) },
            _ = cut.changed() => Err(Cut),
        }
    }
}
