//! What stands in the README.md of a network and of a node: what to hand to whom, and how to start.

use chancery_client::{Genesis, PublicKey};

use super::member::Member;

/// For whoever has made all folders.
pub(super) fn of_network(genesis: &Genesis, members: &[Member], root_keys: &[PublicKey]) -> String {
    let mut text = format!(
        "# {}\n\nLedger `{}`\n\nEach folder is one node's. Hand each to its organisation alone, by a way that others cannot \
         read, and delete it here: it holds the node's key.\n\n",
        genesis.statement().name,
        genesis.ledger(),
    );
    for member in members {
        let name = member.name.as_str();
        let at = if genesis.work().is_some() { &member.peers } else { &member.consensus };
        text += &format!("- `{name}/` to {name}: key `{}`, at `{at}`\n", member.key);
    }
    let threshold = genesis.statement().root.threshold;
    text += &format!(
        "\nThe root authority has {}; {threshold} must sign. They are with whoever made them, and in none of \
         these folders:\n\n",
        match root_keys.len() {
            1 => "one key".to_owned(),
            count => format!("{count} keys"),
        }
    );
    for key in root_keys {
        text += &format!("- `{key}`\n");
    }
    text += "\n`genesis.json` is the same in each folder and is public: with it, everyone checks every proof. Tell each \
             other the ledger's id by another way and compare.\n\nWhere the organisations do not trust one place with all \
             keys, each makes its own: `chancery network key`, then `chancery network found`.\n";
    text
}

/// For whoever runs a node that validates.
pub(super) fn of_node(genesis: &Genesis, member: &Member) -> String {
    let name = member.name.as_str();
    if genesis.work().is_some() {
        return of_miner(genesis, member);
    }
    format!(
        "# The node of {name}\n\nLedger `{ledger}` ({title})\n\n\
         | file | is |\n|---|---|\n\
         | `node-key.pem` | the private key that votes for {name}, `{key}`. Nobody else may have it, and no second node may \
         run with it: two nodes with one key vote twice, which is recorded for good |\n\
         | `network.json` | where this node listens and where the others are |\n\
         | `genesis.json` | what the ledger was founded with; public |\n\n\
         {START}\
         Others must reach `{consensus}`. The HTTP interface is for your own people and whoever you let in.\n",
        ledger = genesis.ledger(),
        title = genesis.statement().name,
        key = member.key,
        consensus = member.consensus,
    )
}

/// For whoever runs a node of proof of work.
fn of_miner(genesis: &Genesis, member: &Member) -> String {
    format!(
        "# The node of {name}\n\nLedger `{ledger}` ({title}), sealed by work\n\n\
         | file | is |\n|---|---|\n\
         | `node-key.pem` | the private key of this node, `{key}`: its identity among its peers, and what signs its checkpoints |\n\
         | `network.json` | where this node listens, some others to begin with, and `miner_threads` |\n\
         | `genesis.json` | what the ledger was founded with; public |\n\n\
         {START}\
         Others must reach `{peers}`.\n",
        name = member.name.as_str(),
        ledger = genesis.ledger(),
        title = genesis.statement().name,
        key = member.key,
        peers = member.peers,
    )
}

/// For whoever runs a node that follows.
pub(super) fn of_follower(genesis: &Genesis, key: &PublicKey) -> String {
    format!(
        "# A node that follows\n\nLedger `{ledger}` ({title})\n\n\
         | file | is |\n|---|---|\n\
         | `node-key.pem` | the private key of this node, `{key}` |\n\
         | `network.json` | where this node listens and where others are |\n\
         | `genesis.json` | what the ledger was founded with; public |\n\n\
         {START}\
         The node checks everything and has no vote. To give it one, the root authority appoints its key: see \
         docs/operations.md, *Adding a validator*.\n",
        ledger = genesis.ledger(),
        title = genesis.statement().name,
    )
}

const START: &str = "Start it in this folder with `chanceryd serve --data .`, and see how it stands with \
                     `chancery network watch http://127.0.0.1:8080`.\n\n";
