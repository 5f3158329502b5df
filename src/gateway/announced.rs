//! Who it is that comes, where a balancer that is trusted stands before us.

use std::{io, net::IpAddr};

use tokio::{io::AsyncReadExt, net::TcpStream};

use super::proxy::{self, Network};

/// The address of whoever is at the other end: the line's own, or what a header says that is demanded from a network that is trusted.
pub(super) async fn announced(trusted: &[Network], stream: &mut TcpStream, peer: IpAddr) -> io::Result<IpAddr> {
    if !trusted.iter().any(|network| network.contains(peer)) {
        return Ok(peer);
    }
    let wrong = |malformed: proxy::Malformed| io::Error::new(io::ErrorKind::InvalidData, malformed);
    let mut head = [0; 16];
    stream.read_exact(&mut head[..proxy::SIGNATURE.len()]).await?;
    let found = if head.starts_with(&proxy::SIGNATURE) {
        stream.read_exact(&mut head[proxy::SIGNATURE.len()..]).await?;
        let mut rest = vec![0; proxy::following(head).map_err(wrong)?];
        stream.read_exact(&mut rest).await?;
        proxy::second(head, &rest)
    } else {
        let mut text = head[..proxy::SIGNATURE.len()].to_vec();
        // byte for byte: what comes after the line is the client's
        while !text.ends_with(b"\r\n") && text.len() < proxy::LINE {
            text.push(stream.read_u8().await?);
        }
        proxy::first(&text)
    };
    Ok(found.map_err(wrong)?.unwrap_or(peer))
}
