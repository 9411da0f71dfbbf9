//! Keys and signatures against RFC 8032, and against what must never be taken.

#![allow(clippy::unwrap_used, missing_docs)]

use chancery_ledger::key::{KeyId, NotAKey, PublicKey, SecretKey};
use data_encoding::HEXLOWER;

fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap()
}

/// RFC 8032 7.1: seed, public key, message, signature.
const VECTORS: [[&str; 4]; 4] = [
    [
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ],
    [
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ],
    [
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ],
    [
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ],
];

#[test]
fn the_vectors_of_rfc_8032_hold() {
    for [seed, public, message, signature] in VECTORS {
        let key = SecretKey::from_seed(&bytes(seed));
        let message = HEXLOWER.decode(message.as_bytes()).unwrap();
        assert_eq!(key.public().as_bytes(), &bytes::<32>(public));
        assert_eq!(key.sign(&message), bytes::<64>(signature));
        let verifier = key.public().verifier().unwrap();
        assert!(verifier.verify(&message, &bytes(signature)));
        for bit in 0..512 {
            let mut other = bytes::<64>(signature);
            other[bit / 8] ^= 1 << (bit % 8);
            assert!(!verifier.verify(&message, &other), "bit {bit}");
        }
    }
}

/// The eight points whose order divides the cofactor, in their canonical encodings, and the
/// encodings of a y that is not below the prime.
#[test]
fn weak_and_non_canonical_keys_are_refused() {
    let small_order = [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ];
    for hex in small_order {
        assert_eq!(PublicKey::from_bytes(bytes(hex)).verifier().err(), Some(NotAKey::SmallOrder));
    }
    let not_canonical = [
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "0200000000000000000000000000000000000000000000000000000000000000",
    ];
    for hex in not_canonical {
        assert_eq!(
            PublicKey::from_bytes(bytes(hex)).verifier().err(),
            Some(NotAKey::NotCanonical),
            "{hex}"
        );
    }
}

/// RFC 8032 5.1.7: s is below the group's order; the same s plus the order is another's.
#[test]
fn a_signature_with_s_beyond_the_order_is_refused() {
    let order = bytes::<32>("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let [seed, _, message, signature] = VECTORS[1];
    let verifier = SecretKey::from_seed(&bytes(seed)).public().verifier().unwrap();
    let mut signature = bytes::<64>(signature);
    let mut carry = 0;
    for (digit, more) in signature[32..].iter_mut().zip(order) {
        let sum = u16::from(*digit) + u16::from(more) + carry;
        *digit = sum as u8;
        carry = sum >> 8;
    }
    assert!(!verifier.verify(&HEXLOWER.decode(message.as_bytes()).unwrap(), &signature));
}

#[test]
fn a_key_id_names_party_and_key() {
    let key = SecretKey::from_seed(&[1; 32]);
    let id = KeyId { party: key.party(), key: key.public() };
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(id.to_string().len(), 25 + 1 + 43);
    for wrong in ["", "#", "no-number-sign", "A#B", &id.to_string()[1..]] {
        assert!(wrong.parse::<KeyId>().is_err(), "{wrong:?}");
    }
}
