//! Running a simulator: on the caller's runtime, on a thread of its own, or on a given listener.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::line::{Line, Lines};
use crate::simulator::Simulator;

/// A running simulator; dropping it stops it.
pub struct Running {
    simulator: Simulator,
    address: SocketAddr,
    /// Dropped with this value, which the server takes as the sign to stop.
    _stop: oneshot::Sender<()>,
}

impl Running {
    pub(crate) async fn start(simulator: Simulator) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        tokio::spawn(serve(simulator.clone(), listener, until(stopped)));
        Ok(Self { simulator, address, _stop: stop })
    }

    pub(crate) fn start_on_thread(simulator: Simulator) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let served = simulator.clone();
        std::thread::Builder::new().name("simulator".to_owned()).spawn(move || {
            runtime.block_on(async {
                serve(served, TcpListener::from_std(listener)?, until(stopped)).await
            })
        })?;
        Ok(Self { simulator, address, _stop: stop })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A handle on what runs here.
    pub fn simulator(&self) -> &Simulator {
        &self.simulator
    }
}

/// Done when the other side is dropped.
async fn until(stopped: oneshot::Receiver<()>) {
    let _ = stopped.await;
}

pub(crate) async fn serve(
    simulator: Simulator,
    listener: TcpListener,
    until: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    if !listener.local_addr()?.ip().is_loopback() {
        let why = "a simulator answers anyone, so it listens on loopback only, such as 127.0.0.1";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    }
    simulator.set_stopping(false);
    let postman = tokio::spawn(crate::postman::run(simulator.clone()));
    let service = simulator.router().into_make_service_with_connect_info::<Line>();
    let stop = async move {
        until.await;
        simulator.set_stopping(true);
    };
    let served = axum::serve(Lines(listener), service).with_graceful_shutdown(stop).await;
    postman.abort();
    served
}
