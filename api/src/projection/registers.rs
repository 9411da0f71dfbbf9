//! How the projections read the registers of this software.

use std::io::{self, Write};

use chancery_registries::{Action, REGISTERS, Registers};

use super::Projected;

impl Projected for Registers {
    fn action_name(action: &Action) -> (&'static str, &'static str) {
        let mut beginning = Beginning::default();
        // It fails when it has read enough.
        let _ = serde_json::to_writer(&mut beginning, action);
        let (register, action) = beginning.tags().unwrap_or_default();
        let register = REGISTERS.iter().find(|known| known.name == register);
        let names = register.and_then(|register| {
            let name = register.actions.iter().find(|known| **known == action)?;
            Some((register.name, *name))
        });
        names.unwrap_or(UNLISTED)
    }

    fn relations(register: &str, kind: &str, stored: &[u8]) -> Vec<(&'static str, String)> {
        match chancery_registries::kind(register, kind) {
            Some(kind) => (kind.relations)(stored),
            None => Vec::new(),
        }
    }
}

/// An action that its register's list does not name, which would be a bug of that register.
const UNLISTED: (&str, &str) = ("unlisted", "unlisted");

/// The first bytes of an action's JSON. Its tags come first: `{"register":"…","action":"…"`.
struct Beginning {
    bytes: [u8; 128],
    len: usize,
}

impl Default for Beginning {
    fn default() -> Self {
        Self { bytes: [0; 128], len: 0 }
    }
}

impl Beginning {
    fn tags(&self) -> Option<(&str, &str)> {
        let text = self.bytes[..self.len].utf8_chunks().next()?.valid();
        let text = text.strip_prefix(r#"{"register":""#)?;
        let (register, text) = text.split_once(r#"","action":""#)?;
        let (action, _) = text.split_once('"')?;
        Some((register, action))
    }
}

impl Write for Beginning {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = &mut self.bytes[self.len..];
        let taken = bytes.len().min(room.len());
        room[..taken].copy_from_slice(&bytes[..taken]);
        self.len += taken;
        // Nothing taken tells the serializer to stop.
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn actions_go_by_the_names_of_their_list() {
        let actions = [
            (r#""register":"identity","action":"create","kind":"person","key":"KEY""#, "create"),
            (
                r#""register":"identity","action":"revoke-key","party":"PARTY","key":"KEY","reason":"lost""#,
                "revoke-key",
            ),
        ];
        let key = chancery_ledger::key::SecretKey::from_seed(&[1; 32]);
        for (json, name) in actions {
            let json = json.replace("KEY", &key.public().to_string());
            let json = json.replace("PARTY", &key.party().to_string());
            let action: Action = serde_json::from_str(&format!("{{{json}}}")).unwrap();
            assert_eq!(Registers::action_name(&action), ("identity", name));
        }
    }
}
