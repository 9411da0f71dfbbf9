//! The path: every step from every state, both ways, against the table.

use chancery_registries::parcels::{Direction, LEGS, Receiver, State, Step, leg_for};

use crate::common::Actor;
use crate::post::Post;

const STATES: [State; 11] = [
    State::Registered,
    State::Collected,
    State::AtOrigin,
    State::InTransit,
    State::AtTerminal,
    State::OutForDelivery,
    State::AttemptFailed,
    State::Refused,
    State::Lost,
    State::Delivered,
    State::Returned,
];

/// Who fits, and who does not.
fn receivers(post: &Post, receiver: Receiver) -> (Vec<Actor>, Vec<Actor>) {
    let Post { courier, hauler, origin, hub, bo, proxy, ana, carrier, .. } = post;
    let fit = match receiver {
        Receiver::Courier => vec![*courier, *hauler],
        Receiver::Station => vec![*origin, *hub],
        Receiver::CourierOrStation => vec![*courier, *hauler, *origin, *hub],
        Receiver::Recipient => vec![*bo, *proxy],
        Receiver::Sender => vec![*ana],
    };
    let everybody = [*courier, *hauler, *origin, *hub, *bo, *proxy, *ana, *carrier];
    let unfit = everybody.into_iter().filter(|who| !fit.contains(who)).collect();
    (fit, unfit)
}

/// Which states a parcel can be in on each way.
fn can_be(state: State, direction: Direction) -> bool {
    match direction {
        Direction::Forward => state != State::Returned,
        Direction::Return => !matches!(state, State::Registered | State::Delivered | State::Lost),
    }
}

#[test]
fn each_step_is_taken_from_where_the_table_has_it_and_from_nowhere_else() {
    let mut taken = 0;
    for direction in [Direction::Forward, Direction::Return] {
        for state in STATES.into_iter().filter(|state| can_be(*state, direction)) {
            for step in Step::ALL {
                taken += u32::from(try_step(direction, state, step));
            }
        }
    }
    let in_table: usize = LEGS.iter().map(|leg| leg.from.len()).sum();
    assert_eq!(taken as usize, in_table, "every leg of the table was taken");
}

fn try_step(direction: Direction, state: State, step: Step) -> bool {
    let mut post = Post::new();
    let (number, from) = post.parcel_that_is(state, direction);
    let Some(leg) = leg_for(direction, state, step) else {
        let to = if from == post.hub { post.origin } else { post.hub };
        let expected =
            if state.is_terminal() { "parcel-closed" } else { "parcel-step-out-of-order" };
        let action = post.handoff(&number, &step.to_string(), from, to);
        assert_eq!(post.refuses(action, &[from, to]), expected, "{direction} {state} {step}");
        return false;
    };
    let (fit, unfit) = receivers(&post, leg.receiver);
    for to in unfit.into_iter().filter(|to| *to != from) {
        let expected = match leg.receiver {
            Receiver::Recipient | Receiver::Sender => "parcel-receiver-not-addressee",
            _ => "not-accredited",
        };
        let action = post.handoff(&number, &step.to_string(), from, to);
        assert_eq!(post.refuses(action, &[from, to]), expected, "{direction} {state} {step}");
    }
    let mut fit = fit.into_iter().filter(|to| *to != from);
    let to = fit.next().unwrap();
    post.hands(&number, &step.to_string(), from, to);
    let parcel = post.parcel(&number);
    assert_eq!((parcel.state, parcel.custodian), (step.to(), to.id));
    assert_eq!((parcel.last.from, parcel.last.both_signed), (Some(from.id), true));
    true
}

#[test]
fn a_parcel_that_arrives_was_at_both_its_stations() {
    let mut post = Post::new();
    let (number, _) = post.parcel_that_is(State::Delivered, Direction::Forward);
    let parcel = post.parcel(&number);
    assert_eq!(parcel.origin, Some(post.origin.id));
    assert_eq!(parcel.terminal, Some(post.terminal.id));
    assert_eq!(parcel.custodian, post.bo.id);
}

#[test]
fn states_and_steps_are_written_as_json_has_them() {
    for state in STATES {
        assert_eq!(serde_json::to_value(state).unwrap(), state.to_string());
    }
    for step in Step::ALL {
        assert_eq!(serde_json::to_value(step).unwrap(), step.to_string());
    }
    for direction in [Direction::Forward, Direction::Return] {
        assert_eq!(serde_json::to_value(direction).unwrap(), direction.to_string());
    }
}
