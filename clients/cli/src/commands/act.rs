//! `chancery act`: any action of any register, written in JSON.

use clap::Args;
use serde_json::value::RawValue;

use crate::failure::Failure;
use crate::report::Report;
use crate::sending::Sending;
use crate::session::Session;

/// Ask any register for anything, with the action in JSON.
#[derive(Debug, Args)]
pub(crate) struct Act {
    /// An action, such as '{"register":"identity","action":"create",...}'. Several take effect
    /// together or not at all.
    #[arg(long = "json-action", value_name = "JSON", required = true)]
    actions: Vec<String>,
    #[command(flatten)]
    sending: Sending,
}

impl Act {
    /// Does it.
    pub(crate) async fn run(&self, session: &Session) -> Result<Report, Failure> {
        // The bytes go as they are: a newer server may know what this client does not.
        let read = |action: &String| {
            RawValue::from_string(action.clone())
                .map_err(|error| Failure::usage(format!("--json-action is not JSON: {error}")))
        };
        let actions: Vec<Box<RawValue>> =
            self.actions.iter().map(read).collect::<Result<_, _>>()?;
        self.sending.actions(session, &actions, &[]).await
    }
}
