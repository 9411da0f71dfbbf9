//! A validator is added, votes, and is removed: as governance transitions of the root authority.

use serde_json::{Value, json};

use super::clerks::signed;
use super::{HarnessError, Looked, Stage};

/// How many blocks ahead a pool is appointed.
const AHEAD: u64 = 8;

impl Stage {
    /// A fifth node follows, is given a vote, uses it, and loses it again.
    pub(super) async fn membership(&mut self) -> Result<(), HarnessError> {
        if chancery_registries::register("validators").is_none() {
            self.say("there is no register of validators: nobody is added");
            return Ok(());
        }
        let before = self.cluster.running();
        let name = format!("node-{}", self.cluster.len() + 1);
        let newcomer = self.cluster.join(&name).await?;
        self.cluster.start(newcomer)?;
        self.catches_up(newcomer).await?;
        self.say(format!("{name} follows"));

        let with: Vec<usize> = before.iter().copied().chain([newcomer]).collect();
        self.appoint(&with).await?;
        let key = self.cluster.key(newcomer);
        let signs = async |stage: &Self| -> Looked<u64> {
            let standing = stage.cluster.standing(before[0]).await?;
            let members = standing.pool.map(|pool| pool.validators).unwrap_or_default();
            let member = members.into_iter().find(|member| member.key == key);
            Ok(member.and_then(|member| member.last_signed_height))
        };
        match self.comes_true(signs).await? {
            Some(height) => self.say(format!("{name} has signed block {height}")),
            None => self.fault(format!("{name} was appointed and signs nothing")),
        }
        self.injected("validators added", 1);

        self.appoint(&before).await?;
        let without = before.len();
        let gone = async |stage: &Self| -> Looked<()> {
            let standing = stage.cluster.standing(before[0]).await?;
            let members = standing.pool.map_or(0, |pool| pool.validators.len());
            Ok((members == without).then_some(()))
        };
        if self.comes_true(gone).await?.is_none() {
            self.fault(format!("{name} was removed and is still a member"));
        }
        self.injected("validators removed", 1);
        self.catches_up(newcomer).await?;
        self.cluster.stop(newcomer)
    }

    /// The root authority names who validates, from a height soon on.
    async fn appoint(&mut self, nodes: &[usize]) -> Result<(), HarnessError> {
        let from = self.height_of_others(usize::MAX).await? + AHEAD;
        let member = |node: &usize| -> Value {
            json!({"name": self.cluster.name(*node), "key": self.cluster.key(*node), "power": 1})
        };
        let validators: Vec<Value> = nodes.iter().map(member).collect();
        let action = json!({
            "register": "validators", "action": "appoint", "validators": validators, "from": from,
        });
        let ledger = self.cluster.genesis().ledger();
        let id = format!("appoint-{}-{from}", nodes.len());
        let signing = signed(ledger, &id, action, &[&self.root]);
        let signing =
            signing.ok_or_else(|| HarnessError::Said("appoint: not signed".to_owned()))?;
        let client = self.cluster.client(nodes[0])?;
        client.submit(&signing).await?;
        let reached = async |stage: &Self| -> Looked<()> {
            Ok((stage.cluster.standing(nodes[0]).await?.height >= from).then_some(()))
        };
        if self.comes_true(reached).await?.is_none() {
            self.fault(format!("height {from}, from which a pool was appointed, is not reached"));
        }
        Ok(())
    }
}
