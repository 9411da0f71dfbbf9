//! What follows from the list of registers: for each kind of object its addresses and schemas.

use std::collections::BTreeMap;

use chancery_ledger::evidence::MEDIA_TYPE;
use chancery_registries::shape::{Answer, Question};
use chancery_registries::{Kind, REGISTERS, Register};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{ContentBuilder, Paths, Ref, RefOr, Required, ResponseBuilder, Schema};
use utoipa::{IntoParams, PartialSchema};

use crate::http::{
    AsOfParameters, HistoryParameters, HoldingsParameters, ObjectParameters, QuestionParameters,
};

/// The schemas of actions and objects, and for each kind that of the answer it stands in.
pub(super) fn schemas() -> BTreeMap<String, RefOr<Schema>> {
    let mut schemas: BTreeMap<_, _> = chancery_registries::schemas().into_iter().collect();
    for kind in kinds() {
        let object = ObjectBuilder::new()
            .property("object", Ref::from_schema_name((kind.schema_name)()))
            .required("object");
        let answer = AllOfBuilder::new().item(Ref::from_schema_name("ObjectBody")).item(object);
        schemas.insert(answer_name(kind), answer.into());
        for question in kind.questions {
            let answer = ObjectBuilder::new()
                .property("answer", Ref::from_schema_name((question.schema_name)()))
                .required("answer");
            let body = AllOfBuilder::new().item(Ref::from_schema_name("AnswerBody")).item(answer);
            schemas.insert(question_name(kind, question), body.into());
        }
    }
    schemas
}

/// Adds the addresses of every register and kind.
pub(super) fn add_paths(paths: &mut Paths) {
    for register in REGISTERS {
        let path = format!("/v1/{}", register.name);
        paths.add_path_operation(path, vec![HttpMethod::Get], holdings(register));
    }
    for kind in kinds() {
        let path = match kind.primary {
            true => format!("/v1/{}/{{id}}", kind.register),
            false => format!("/v1/{}/{}/{{id}}", kind.register, kind.name),
        };
        for (end, operation) in operations(kind) {
            paths.add_path_operation(format!("{path}{end}"), vec![HttpMethod::Get], operation);
        }
        for question in kind.questions {
            let path = format!("{path}/{}", question.name);
            paths.add_path_operation(path, vec![HttpMethod::Get], asked(kind, question));
        }
    }
}

fn kinds() -> impl Iterator<Item = &'static Kind> {
    REGISTERS.iter().flat_map(|register| register.kinds)
}

fn operations(kind: &Kind) -> [(&'static str, Operation); 5] {
    let name = kind.name;
    let as_of = AsOfParameters::into_params(|| None);
    let as_it_was = ObjectParameters::into_params(|| None);
    let history = HistoryParameters::into_params(|| None);
    let json = "application/json";
    let object = of_kind(kind, "", &format!("A {name}, as it is or as it was."), as_it_was)
        .response("200", answer("The object", json, &answer_name(kind)))
        .response("304", ResponseBuilder::new().description("The client has this version"));
    let history = of_kind(kind, "History", &format!("Every version of a {name}."), history)
        .response("200", answer("A page of versions", json, "HistoryPage"))
        .response("503", ResponseBuilder::new().description("It is not yet projected"));
    let about = format!("That a {name} stands in the state, or that it does not.");
    let bytes = || ContentBuilder::new().schema(Some(Vec::<u8>::schema())).build();
    let proved = answer("The proof", json, "StatusProof")
        .content(MEDIA_TYPE, bytes())
        .content("application/cbor", bytes());
    let no_form = "Another form, or one that this proof does not have";
    let proof = of_kind(kind, "Proof", &about, as_of)
        .response("200", proved)
        .response("406", ResponseBuilder::new().description(no_form));
    let drawn = |end: &str, media_type: &str| {
        let image = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        let content = ContentBuilder::new().schema(Some(image)).build();
        let response = ResponseBuilder::new().description("The code").content(media_type, content);
        of_kind(kind, end, &format!("A QR code that leads to a {name}."), Vec::new())
            .response("200", response)
            .build()
    };
    [
        ("", object.build()),
        ("/history", history.build()),
        ("/proof", proof.build()),
        ("/qr.svg", drawn("QrSvg", "image/svg+xml")),
        ("/qr.png", drawn("QrPng", "image/png")),
    ]
}

fn asked(kind: &Kind, question: &Question) -> Operation {
    let parameters = QuestionParameters::into_params(|| None);
    let name = capital(question.name);
    let mut builder = of_kind(kind, &name, question.title, parameters)
        .response("200", answer("The answer", "application/json", &question_name(kind, question)))
        .response("304", ResponseBuilder::new().description("The client has this answer"))
        .response(
            "422",
            ResponseBuilder::new().description("It rests on more than is proved or looked through"),
        );
    if let Answer::OfHistory(_) = question.answer {
        let behind = "As of a block that is not yet projected";
        builder = builder.response("503", ResponseBuilder::new().description(behind));
    }
    builder.build()
}

fn of_kind(kind: &Kind, end: &str, summary: &str, parameters: Vec<Parameter>) -> OperationBuilder {
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(format!("The id of a {}", kind.name)))
        .schema(Some(String::schema()))
        .example(Some(kind.example_id.into()))
        .build();
    let mut builder = OperationBuilder::new()
        .tag(kind.register)
        .operation_id(Some(format!("{}{end}", operation_id(kind))))
        .summary(Some(summary))
        .parameter(id);
    for parameter in parameters {
        builder = builder.parameter(parameter);
    }
    builder
}

fn holdings(register: &Register) -> Operation {
    let mut builder = OperationBuilder::new()
        .tag(register.name)
        .operation_id(Some(format!("{}Holdings", register.name)))
        .summary(Some(format!("{}: what a party stands in a relation to.", register.title)))
        .response("200", answer("A page of objects", "application/json", "HoldingsPage"))
        .response("404", ResponseBuilder::new().description("As of a block that is not there"))
        .response(
            "503",
            ResponseBuilder::new().description("As of a block that is not yet projected"),
        );
    for parameter in HoldingsParameters::into_params(|| None) {
        builder = builder.parameter(parameter);
    }
    builder.build()
}

fn answer(description: &str, media_type: &str, schema: &str) -> ResponseBuilder {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(description).content(media_type, content)
}

/// `parcelsContainer`
fn operation_id(kind: &Kind) -> String {
    format!("{}{}", kind.register, capital(kind.name))
}

/// `AuthoritiesAccreditationStandingAnswer`
fn question_name(kind: &Kind, question: &Question) -> String {
    format!("{}{}{}Answer", capital(kind.register), capital(kind.name), capital(question.name))
}

/// `ParcelsContainerAnswer`
fn answer_name(kind: &Kind) -> String {
    format!("{}{}Answer", capital(kind.register), capital(kind.name))
}

fn capital(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let (first, rest) = word.split_at(word.len().min(1));
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}
