// Creates a party and gives it a second key, with a stock JOSE library (npm's jose) alone.
//
//     node sign_with_jose.mjs http://127.0.0.1:8080 FOLDER
//
// Writes the two receipts into the folder.

import { createHash, randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { base64url, exportJWK, generateKeyPair, GeneralSign } from 'jose'

const [url, folder] = process.argv.slice(2)

/** The ID code that follows from a first key: base32 of a hash, and an ISO 7064 check character. */
function partyOf(x) {
  const hash = createHash('sha256').update('chancery party 1\0').update(base64url.decode(x)).digest()
  const bits = [...hash.subarray(0, 15)].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  const code = bits.match(/.{5}/g).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[parseInt(five, 2)]).join('')
  let product = 36
  for (const character of code) product = (((product + parseInt(character, 36)) % 36 || 36) * 2) % 37
  return code + '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ'[(37 - product) % 36]
}

async function newKey() {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519', { extractable: true })
  return { x: (await exportJWK(publicKey)).x, privateKey }
}

/** A transition: General JSON Serialization (RFC 7515, 7.2.1), one signature for each key. */
async function sign(ledger, action, party, keys) {
  const payload = {
    ledger,
    id: randomUUID(),
    not_after: new Date(Date.now() + 3600_000).toISOString(),
    actions: [action],
  }
  const signing = new GeneralSign(new TextEncoder().encode(JSON.stringify(payload)))
  for (const { x, privateKey } of keys) {
    const header = { alg: 'Ed25519', typ: 'chancery-transition+json', kid: `${party}#${x}` }
    signing.addSignature(privateKey).setProtectedHeader(header)
  }
  return signing.sign()
}

/** Hands a transition in and waits for its receipt. */
async function submit(transition) {
  const response = await fetch(`${url}/v1/transitions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/jose+json', Prefer: 'wait=10' },
    body: JSON.stringify(transition),
  })
  const text = await response.text()
  if (![200, 201].includes(response.status)) throw new Error(`no receipt: ${response.status} ${text}`)
  return text
}

const { ledger } = await (await fetch(`${url}/v1/ledger`)).json()
const first = await newKey()
const party = partyOf(first.x)

const create = { register: 'identity', action: 'create', kind: 'organisation', key: first.x }
writeFileSync(join(folder, 'jose-create.json'), await submit(await sign(ledger, create, party, [first])))

const second = await newKey()
const addKey = { register: 'identity', action: 'add-key', party, key: second.x, purposes: ['custody', 'device'] }
writeFileSync(join(folder, 'jose-add-key.json'), await submit(await sign(ledger, addKey, party, [first, second])))
console.log(party)
