//! The bytes of an OpenPGP key (RFC 9580, version 4), and those inside of an RSA key's PKCS#8.

use aws_lc_rs::digest;

/// RSA, for encrypting and signing.
const RSA: u8 = 1;
/// `EdDSA` as GnuPG has it.
const EDDSA: u8 = 22;
/// Ed25519, by its object identifier with its length.
const ED25519: [u8; 10] = [0x09, 0x2B, 0x06, 0x01, 0x04, 0x01, 0xDA, 0x47, 0x0F, 0x01];

/// A secret key as it stands in a packet: what is public of it, and what is not.
pub(super) struct Half {
    pub(super) public: Vec<u8>,
    secret: Vec<u8>,
}

impl Half {
    /// The one that signs.
    pub(super) fn ed25519(made_at: u32, public: &[u8], seed: &[u8]) -> Self {
        let point = [&[0x40], public].concat();
        let public = [&head(made_at, EDDSA)[..], &ED25519, &number(&point)].concat();
        Self { public, secret: number(seed) }
    }

    /// The one that is sealed to. OpenPGP wants the smaller prime first, and the inverse of it.
    pub(super) fn rsa(made_at: u32, key: &Rsa<'_>) -> Self {
        let public = [&head(made_at, RSA)[..], &number(key.n), &number(key.e)].concat();
        Self { public, secret: [key.d, key.q, key.p, key.inverse].map(number).concat() }
    }

    /// What is in the packet of the secret key: no password locks it.
    pub(super) fn body(&self) -> Vec<u8> {
        let sum = self.secret.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        [&self.public[..], &[0], &self.secret, &sum.to_be_bytes()].concat()
    }

    /// As a signature takes it in.
    pub(super) fn signed(&self) -> Vec<u8> {
        [&[0x99], &two(self.public.len())[..], &self.public].concat()
    }

    /// 20 bytes; the last 8 are the key's id.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &self.signed()).as_ref().to_vec()
    }
}

fn head(made_at: u32, algorithm: u8) -> Vec<u8> {
    [&[4], &made_at.to_be_bytes()[..], &[algorithm]].concat()
}

/// What a signature says before it is made: over which keys, and what they may be used for.
pub(super) struct Statement<'a> {
    pub(super) kind: u8,
    pub(super) made_at: u32,
    pub(super) flags: u8,
    pub(super) fingerprint: &'a [u8],
    pub(super) about: Vec<u8>,
}

impl Statement<'_> {
    /// The body of the signature's packet; `sign` signs a digest with Ed25519.
    pub(super) fn signature(&self, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let said = [
            subpacket(2, &self.made_at.to_be_bytes()),
            subpacket(27, &[self.flags]),
            // AES with 256 and 128 bits; SHA-256; no compression
            subpacket(11, &[9, 7]),
            subpacket(21, &[8]),
            subpacket(22, &[0]),
            subpacket(30, &[1]),
            subpacket(33, &[&[4], self.fingerprint].concat()),
        ]
        .concat();
        let head = [&[4, self.kind, EDDSA, 8], &two(said.len())[..], &said].concat();
        let end = [&[4, 0xFF], &four(head.len())[..]].concat();
        let sum = digest::digest(&digest::SHA256, &[&self.about[..], &head, &end].concat());
        let issuer = subpacket(16, &self.fingerprint[12..]);
        let signed = sign(sum.as_ref());
        let (r, s) = signed.split_at(32);
        [&head[..], &two(issuer.len()), &issuer, &sum.as_ref()[..2], &number(r), &number(s)].concat()
    }
}

fn subpacket(kind: u8, content: &[u8]) -> Vec<u8> {
    [&[u8::try_from(content.len() + 1).unwrap_or(u8::MAX), kind], content].concat()
}

/// A packet with its tag and its length.
pub(super) fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[0xC0 | tag, 0xFF], &four(body.len())[..], body].concat()
}

/// A number with its length in bits.
fn number(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let bytes = &bytes[zeros..];
    let bits = bytes.len() * 8 - bytes.first().map_or(0, |byte| byte.leading_zeros() as usize);
    [&two(bits)[..], bytes].concat()
}

fn two(length: usize) -> [u8; 2] {
    u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes()
}

/// A length in four bytes.
pub(super) fn four(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

/// The numbers of an RSA key.
pub(super) struct Rsa<'a> {
    n: &'a [u8],
    e: &'a [u8],
    d: &'a [u8],
    p: &'a [u8],
    q: &'a [u8],
    /// Of q, modulo p.
    inverse: &'a [u8],
}

impl<'a> Rsa<'a> {
    /// Out of PKCS#8: a sequence of a version, an algorithm, and the key's own sequence in an octet string.
    pub(super) fn read(pkcs8: &'a [u8]) -> Option<Self> {
        let outer = elements(elements(pkcs8)?.first()?)?;
        let numbers = elements(elements(outer.get(2)?)?.first()?)?;
        let [_, n, e, d, p, q, _, _, inverse, ..] = numbers[..] else { return None };
        Some(Self { n, e, d, p, q, inverse })
    }
}

/// What stands side by side in DER.
fn elements(mut der: &[u8]) -> Option<Vec<&[u8]>> {
    let mut found = vec![];
    while let [_tag, length, rest @ ..] = der {
        let (length, rest) = if *length < 0x80 {
            (usize::from(*length), rest)
        } else {
            let (bytes, rest) = rest.split_at_checked(usize::from(*length & 0x7F))?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
        };
        let (element, rest) = rest.split_at_checked(length)?;
        found.push(element);
        der = rest;
    }
    Some(found)
}
