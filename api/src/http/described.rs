//! What the interface description says of the addresses that are not of any one register.

use utoipa::OpenApi;

use super::audits::{deeds, frozen};
use super::pools;
use super::problem::ProblemBody;
use super::{
    batch, blocks, events, forms, health, history, kept, ledger, network, network_events, objects,
    pages, parties, proofs, questions, search, standings, submit, tiles, transitions,
};

/// Paths and schemas of the interface, but for those that follow from the list of registers.
#[derive(OpenApi)]
#[openapi(
    paths(
        submit::submit,
        batch::batch,
        search::search,
        transitions::transition,
        transitions::receipt,
        standings::standings,
        parties::did,
        parties::parcel_number,
        kept::keep,
        kept::kept_record,
        kept::kept_readings,
        kept::grant,
        kept::grants,
        kept::revoke,
        kept::request,
        kept::requests,
        kept::refuse,
        ledger::ledger,
        ledger::genesis,
        ledger::checkpoint,
        ledger::cosigned_checkpoint,
        tiles::tile,
        tiles::cosigned_tile,
        proofs::inclusion,
        proofs::consistency,
        pools::pools,
        pools::handovers,
        forms::keys,
        blocks::blocks,
        blocks::block,
        events::events,
        frozen::frozen,
        deeds::accreditation,
        deeds::order,
        deeds::party,
        pages::problems,
        pages::problem,
        health::alive,
        health::ready,
        network::network,
        network_events::network_events,
    ),
    components(schemas(
        ProblemBody<'static>,
        objects::ObjectBody,
        questions::AnswerBody,
        history::HistoryPage,
        search::HoldingsPage,
    )),
)]
pub(crate) struct Described;
