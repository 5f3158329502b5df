//! Hosts that are gone without a word: how soon the system notices on a line that somebody was at its other end.

use std::{io, os::fd::AsFd, time::Duration};

use socket2::{SockRef, TcpKeepalive};

/// How a line is asked whether somebody is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    /// After how long without a word.
    after: Duration,
    /// How often then.
    every: Duration,
    /// After how many times without an answer it is given up.
    times: u32,
    /// For how long nothing may be taken of what is sent. `None`: as long as the system sends it again, a quarter of an hour on Linux.
    untaken: Option<Duration>,
}

/// A client's: one that is gone is noticed within two minutes, and its database may sleep. Whoever only does not read, as in a debugger, stays.
pub(super) const CLIENT: Asked = Asked { after: Duration::from_secs(60), every: Duration::from_secs(15), times: 4, untaken: None };

/// Another gateway's: within 40 seconds, and where something is on its way to it within five minutes. The system takes one that reads nothing for gone as
/// well (TCP_USER_TIMEOUT, tcp(7)), and a server that waits for a lock reads nothing of what COPY sends it; so that is no shorter.
pub(super) const KIN: Asked =
    Asked { after: Duration::from_secs(10), every: Duration::from_secs(10), times: 3, untaken: Some(Duration::from_secs(300)) };

impl Asked {
    /// Has the system ask so; on a door for all who come in by it.
    ///
    /// # Errors
    /// Where the system does not know how.
    pub(super) fn on(self, line: &impl AsFd) -> io::Result<()> {
        let socket = SockRef::from(line);
        let keepalive = TcpKeepalive::new().with_time(self.after).with_interval(self.every).with_retries(self.times);
        socket.set_tcp_keepalive(&keepalive)?;
        socket.set_tcp_user_timeout(self.untaken)
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;
    use crate::gateway::listen;

    /// What the system has been told of a line.
    fn asked(line: &impl AsFd) -> Asked {
        let socket = SockRef::from(line);
        assert!(socket.keepalive().expect("an answer"), "nobody asks at all");
        let times = socket.tcp_keepalive_retries().expect("an answer");
        let (after, every) = (socket.tcp_keepalive_time().expect("an answer"), socket.tcp_keepalive_interval().expect("an answer"));
        Asked { after, every, times, untaken: socket.tcp_user_timeout().expect("an answer") }
    }

    #[tokio::test]
    async fn a_client_that_is_let_in_is_asked_whether_it_is_there_and_is_given_up_within_two_minutes() {
        let door = listen("127.0.0.1:0".parse().expect("an address")).expect("a door");
        let address = door.local_addr().expect("an address");
        let (accepted, client) = tokio::join!(door.accept(), TcpStream::connect(address));
        let (accepted, _) = accepted.expect("a client");
        assert_eq!(asked(&accepted), CLIENT);
        assert_eq!(CLIENT.after + CLIENT.every * CLIENT.times, Duration::from_secs(120));
        let client = client.expect("a line");
        KIN.on(&client).expect("a line that can be asked");
        assert_eq!(asked(&client), KIN);
    }
}
