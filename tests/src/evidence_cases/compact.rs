//! Bad compact evidence: another encoding of what is good, or something else in its place.

use chancery_ledger::evidence::Evidence;

use super::bad::case;
use super::{Case, Form};
use crate::small_ledger::{genesis, key, party};

type Bad = (Case, &'static str);

/// Where the parts of compact evidence stand.
const KIND: usize = 1;
const HEADER: usize = 2;
const LEDGER: usize = 4;
const POOL: usize = 9;
const HEIGHT: usize = 13;

/// Bad forms of a receipt and of a status proof of the small ledger.
#[allow(clippy::expect_used)]
pub(super) fn bad_compact(receipt: &Evidence, in_block: &Evidence, status: &Evidence) -> Vec<Bad> {
    let in_block = in_block.to_compact(&genesis().into()).expect("it has a compact form");
    let receipt = receipt.to_compact(&genesis().into()).expect("it has a compact form");
    let status = status.to_compact(&genesis().into()).expect("it has a compact form");
    let mut all = Vec::new();
    for (kind, good) in
        [("receipt", &receipt), ("receipt by its block", &in_block), ("status", &status)]
    {
        all.extend(of_both(kind, good));
    }
    all.extend(of_receipt(&receipt));
    all.extend(of_block_receipt(&in_block));
    all.extend(of_status(&status));
    all
}

fn changed(name: String, good: &[u8], check: &'static str, change: &dyn Fn(&mut Vec<u8>)) -> Bad {
    let mut bytes = good.to_vec();
    change(&mut bytes);
    assert_ne!(bytes, good, "{name}: nothing was changed");
    case(&name, &genesis(), Form::Compact(bytes), check)
}

/// Where these bytes stand.
#[allow(clippy::expect_used)]
fn find(bytes: &[u8], part: &[u8]) -> usize {
    bytes.windows(part.len()).position(|window| window == part).expect("they stand in it")
}

/// Puts other bytes in the place of those that stand there once.
fn replace(bytes: &mut Vec<u8>, from: &[u8], to: &[u8]) {
    let at = find(bytes, from);
    bytes.splice(at..at + from.len(), to.iter().copied());
}

fn of_both(kind: &str, good: &[u8]) -> Vec<Bad> {
    let mut all = Vec::new();
    let mut put = |what: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        all.push(changed(format!("compact: {kind}: {what}"), good, check, change));
    };
    put("a byte more", "form", &|it| it.push(0));
    put("a byte less", "form", &|it| it.truncate(it.len() - 1));
    put("half of it", "form", &|it| it.truncate(it.len() / 2));
    put("its first byte alone", "form", &|it| it.truncate(1));
    put("of an unknown kind", "form", &|it| it[KIND] = 4);
    put("of a credential's kind", "form", &|it| it[KIND] = 3);
    put("of the other kind", "form", &|it| it[KIND] ^= 1);
    put("a kind written longer", "form", &|it| drop(it.splice(KIND..=KIND, [0x18, it[KIND]])));
    put("an array written longer", "form", &|it| drop(it.splice(HEADER..=HEADER, [0x98, 0x06])));
    put("an array left open", "form", &|it| it[HEADER] = 0x9f);
    put("a byte string left open", "form", &|it| it[LEDGER - 1] = 0x5f);
    put("a reserved length", "form", &|it| it[LEDGER - 1] = 0x5c);
    put("a tag", "form", &|it| it.insert(HEADER, 0xc1));
    put("a text for bytes", "form", &|it| it[LEDGER - 1] |= 0x20);
    put("another ledger", "ledger", &|it| it[LEDGER] ^= 1);
    put("another pool", "seal", &|it| it[POOL] ^= 1);
    put("another height", "seal", &|it| it[HEIGHT] ^= 1);
    put("a height below zero", "form", &|it| it[HEIGHT] |= 0x20);
    put("a height as a float", "form", &|it| drop(it.splice(HEIGHT..=HEIGHT, [0xf9, 0x44, 0])));
    put("a height of 2^53", "form", &|it| {
        it.splice(HEIGHT..=HEIGHT, [0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0]);
    });
    put("a height written longer", "form", &|it| {
        it.splice(HEIGHT..=HEIGHT, [0x1b, 0, 0, 0, 0, 0, 0, 0, it[HEIGHT]]);
    });
    // Behind the height: the time in nine bytes, the log size in one, three hashes in one string.
    let time = HEIGHT + 1;
    put("another time", "seal", &|it| it[time + 8] ^= 1);
    put("a time past the year 9999", "form", &|it| {
        it.splice(time + 1..time + 9, [0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    });
    let hashes = time + 10;
    put("another block before", "seal", &|it| it[hashes + 2] ^= 1);
    put("another body", "seal", &|it| it[hashes + 2 + 32] ^= 1);
    put("another root", "seal", &|it| it[hashes + 2 + 64] ^= 1);
    put("a hash cut short", "form", &|it| {
        it[hashes + 1] = 95;
        it.remove(hashes + 2);
    });
    put("two hashes for three", "form", &|it| {
        it[hashes + 1] = 64;
        it.drain(hashes + 2..hashes + 34);
    });
    // Behind the hashes: the seal, an array of the round and of an array of place and signature.
    let seal = hashes + 98;
    put("the seal of block 0", "seal", &|it| drop(it.splice(seal..seal + 70, [0xf6])));
    put("another round", "seal", &|it| it[seal + 1] ^= 1);
    put("a round of 2^32", "form", &|it| {
        it.splice(seal + 1..seal + 2, [0x1b, 0, 0, 0, 1, 0, 0, 0, 0]);
    });
    put("a validator that the pool has not", "seal", &|it| it[seal + 3] = 1);
    put("a validator without a signature", "form", &|it| {
        it[seal + 2] = 0x81;
        it.drain(seal + 4..seal + 70);
    });
    put("no signature", "seal", &|it| {
        it[seal + 2] = 0x80;
        it.drain(seal + 3..seal + 70);
    });
    put("one signature twice", "seal", &|it| {
        it[seal + 2] = 0x84;
        let vote = it[seal + 3..seal + 70].to_vec();
        it.splice(seal + 70..seal + 70, vote);
    });
    put("a bit of R", "seal", &|it| it[seal + 6] ^= 1);
    put("a bit of S", "seal", &|it| it[seal + 69] ^= 1);
    put("an array longer than all", "form", &|it| {
        it.splice(seal + 2..seal + 3, [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    });
    put("bytes longer than all", "form", &|it| {
        it.splice(seal + 4..seal + 6, [0x5b, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    });
    all
}

fn of_receipt(good: &[u8]) -> Vec<Bad> {
    let mut all = Vec::new();
    let mut put = |what: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        all.push(changed(format!("compact: receipt: {what}"), good, check, change));
    };
    let party_key = *key(2).public().as_bytes();
    let card = chancery_ledger::hash::Hash::of(&[b"card", &2_u64.to_be_bytes()]);
    put("another outcome", "seal", &|it| replace(it, b"applied", b"aqplied"));
    put("an outcome that is none", "form", &|it| replace(it, b"applied", b"Applied"));
    put("another id", "seal", &|it| replace(it, b"\"id\":\"2-2\"", b"\"id\":\"2-3\""));
    put("another card", "seal", &|it| {
        let at = find(it, &card.0);
        it[at] ^= 1;
    });
    put("a hash not cut out", "form", &|it| {
        let hash = [&b"\x58\x20"[..], &card.0].concat();
        let at = find(it, &hash);
        // The text before it, the hash and the text behind it become one text.
        it[at] = 0x78;
    });
    // Behind the outcome: an array of pieces, of which the first is null.
    let pieces = find(good, b"applied") + 7;
    let beginning = b"\x6b{\"ledger\":\"";
    put("a beginning written out", "form", &|it| {
        it[pieces] += 1;
        it.splice(pieces + 1..pieces + 2, [&beginning[..], b"\xf6"].concat());
    });
    put("the ledger written out", "form", &|it| {
        it[pieces] += 1;
        let ledger = genesis().ledger();
        let begins = [&beginning[..], b"\x58\x20", &ledger.0].concat();
        it.splice(pieces + 1..pieces + 2, begins);
    });
    put("no pieces", "form", &|it| {
        let end = find(it, &party_key) - 3;
        it[pieces] = 0x80;
        it.drain(pieces + 1..end);
    });
    put("the signer's party written out", "form", &|it| {
        let id = party(2).to_string();
        let party = data_encoding::BASE32_NOPAD.decode(&id.as_bytes()[..24]).unwrap_or_default();
        let from = [&b"\x58\x20"[..], &party_key].concat();
        replace(it, &from, &[&b"\x58\x2f"[..], &party, &party_key].concat());
    });
    put("another signer", "seal", &|it| {
        let at = find(it, &party_key);
        it[at] ^= 1;
    });
    put("a signer of 31 bytes", "form", &|it| {
        let at = find(it, &party_key);
        it[at - 1] = 31;
        it.remove(at);
    });
    put("a bit of the signer's signature", "seal", &|it| {
        let at = find(it, &party_key) + 32 + 2;
        it[at] ^= 1;
    });
    put("an entry that is not taken apart", "form", &|it| {
        if let Ok(Evidence::Receipt(receipt)) = Evidence::from_compact(good, &genesis().into()) {
            let entry = receipt.entry.0;
            let head = [&[0x59][..], &(entry.len() as u16).to_be_bytes()].concat();
            let begin = find(it, b"\x83\x67applied");
            let end = find(it, &party_key) + 32 + 66;
            it.splice(begin..end, [head, entry].concat());
        }
    });
    put("a text that is not UTF-8", "form", &|it| {
        let at = find(it, b"\"id\"");
        it[at] = 0xff;
    });
    // The position and the path are last: 5 hashes of an entry within a log of ten.
    let path = find(good, &party_key) + 32 + 66 + 1;
    put("another position", "seal", &|it| it[path - 1] ^= 1);
    put("a position outside", "inclusion", &|it| it[path - 1] = 0x17);
    put("a bit of the path", "seal", &|it| it[path + 2] ^= 1);
    put("a path of one hash less", "inclusion", &|it| {
        it.truncate(it.len() - 32);
        it[path + 1] -= 32;
    });
    put("a path that ends within a hash", "form", &|it| {
        it.pop();
        it[path + 1] -= 1;
    });
    put("a path of null", "form", &|it| {
        it.truncate(path);
        it.push(0xf6);
    });
    all
}

fn of_block_receipt(good: &[u8]) -> Vec<Bad> {
    let mut all = Vec::new();
    let mut put = |what: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        all.push(changed(format!("compact: receipt by its block: {what}"), good, check, change));
    };
    let entry = find(good, b"\x67applied") + 8;
    // Behind the entry: the sides in one byte, the path of three hashes in two and its bytes.
    let sides = good.len() - 3 * 32 - 3;
    put("another outcome", "seal", &|it| replace(it, b"applied", b"aqplied"));
    put("an outcome that is none", "form", &|it| replace(it, b"applied", b"Applied"));
    put("another id", "seal", &|it| replace(it, b"2-2", b"2-3"));
    put("a phrase written out", "form", &|it| {
        let at = find(it, b"\x1b2-2");
        it.splice(at..=at, *br#"","id":""#);
        let length = if it[entry] == 0x78 { entry + 1 } else { entry };
        it[length] += 7;
    });
    put("a character that stands for nothing taken out", "form", &|it| {
        replace(it, b"2-2", b"2\x002")
    });
    put("another side", "seal", &|it| it[sides] ^= 1);
    put("a side more than the path has", "form", &|it| it[sides] |= 8);
    put("a bit of the path", "seal", &|it| it[sides + 5] ^= 1);
    put("a hash less", "seal", &|it| {
        it[sides] &= 3;
        it[sides + 2] = 64;
        it.truncate(it.len() - 32);
    });
    put("a hash more", "seal", &|it| {
        it[sides + 2] = 128;
        it.extend([7; 32]);
    });
    put("33 hashes", "form", &|it| {
        it.truncate(sides + 1);
        it.extend([0x59, 0x04, 0x20]);
        it.extend([7; 33 * 32]);
    });
    put("a path cut short", "form", &|it| {
        it[sides + 2] -= 1;
        it.pop();
    });
    all
}

fn of_status(good: &[u8]) -> Vec<Bad> {
    let mut all = Vec::new();
    let mut put = |what: &str, check, change: &dyn Fn(&mut Vec<u8>)| {
        all.push(changed(format!("compact: status: {what}"), good, check, change));
    };
    let id = party(3).to_string();
    put("another object", "seal", &|it| {
        replace(it, id.as_bytes(), party(4).to_string().as_bytes())
    });
    put("two parts of a name", "object", &|it| replace(it, b"identity/party/", b"identity/party-"));
    put("a bit of the value", "seal", &|it| {
        let at = find(it, b"version");
        it[at] ^= 1;
    });
    put("said to be absent", "seal", &|it| {
        let begin = find(it, id.as_bytes()) + id.len();
        let end = begin + 2 + usize::from(it[begin + 1]);
        it.splice(begin..end, [0xf6]);
    });
    put("a leaf beside its own", "state", &|it| {
        it.pop();
        it.extend_from_slice(&[0x58, 64]);
        it.extend_from_slice(&[0xab; 64]);
    });
    put("a leaf of 63 bytes", "form", &|it| {
        it.pop();
        it.extend_from_slice(&[0x58, 63]);
        it.extend_from_slice(&[0xab; 63]);
    });
    put("a bit of a sibling", "seal", &|it| {
        let at = it.len() - 2;
        it[at] ^= 1;
    });
    put("undefined for null", "form", &|it| {
        it.pop();
        it.push(0xf7);
    });
    all
}
