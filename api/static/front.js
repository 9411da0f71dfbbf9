// The front page: where the ledger is, and the way to an entry.
"use strict";

const show = (id, text) => { document.getElementById(id).textContent = text; };

let registers = [];

async function showTip() {
  const response = await fetch("/v1/ledger");
  if (!response.ok) return;
  const ledger = await response.json();
  show("name", ledger.name);
  show("height", ledger.tip.height);
  show("time", ledger.tip.time);
  show("log-size", ledger.tip.log_size);
  show("ledger", ledger.ledger);
  show("state-root", ledger.tip.state_root);
  if (registers.length > 0) return;
  registers = ledger.registers;
  for (const register of registers) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/v1/transitions?register=${register.name}`;
    link.textContent = register.title;
    item.append(link, `: ${register.kinds.map((kind) => kind.name).join(", ")}`);
    document.getElementById("registers").append(item);
  }
}

/** Every address at which the text could be something. */
function addresses(text) {
  if (/^[0-9a-f]{64}$/.test(text)) return [`/v1/transitions/${text}`];
  const parts = text.split("/").map(encodeURIComponent);
  if (parts.length === 3) {
    const [name, kind, id] = parts;
    const register = registers.find((candidate) => candidate.name === name);
    const primary = register?.kinds[0]?.name === kind;
    return [primary ? `/v1/${name}/${id}` : `/v1/${name}/${kind}/${id}`];
  }
  const id = encodeURIComponent(text.replaceAll(" ", ""));
  return registers.flatMap((register) => register.kinds.map((kind) => kind.path.replace("{id}", id)));
}

async function find(event) {
  event.preventDefault();
  const text = document.getElementById("query").value.trim();
  show("found", "…");
  for (const address of addresses(text)) {
    const response = await fetch(address);
    if (response.ok) {
      location.href = address;
      return;
    }
  }
  show("found", "Nothing of that name is in the registers.");
}

document.getElementById("search").addEventListener("submit", find);
showTip();
setInterval(showTip, 5000);
