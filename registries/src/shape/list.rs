//! The one list of registers, and what follows from it.

/// Makes of a list of registers their action, their names, their descriptions and the dispatch.
///
/// Each module named has `Action`, `REGISTER` and `apply`.
macro_rules! registers {
    ($($variant:ident => $module:ident,)*) => {
        /// One thing that a transition asks of a register.
        ///
        /// In JSON `{"register": ..., "action": ..., ...}`.
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(tag = "register", rename_all = "kebab-case")]
        pub enum Action {
            $(
                #[doc = concat!("Of the register `", stringify!($module), "`.")]
                $variant($module::Action),
            )*
        }

        /// The name of a register.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[serde(rename_all = "kebab-case")]
        pub enum RegisterName {
            $(
                #[doc = concat!("The register `", stringify!($module), "`.")]
                $variant,
            )*
        }

        impl RegisterName {
            /// What the register says about itself.
            pub fn register(self) -> &'static Register {
                &REGISTERS[self as usize]
            }

            /// The name as it stands in paths and actions.
            pub fn as_str(self) -> &'static str {
                self.register().name
            }
        }

        impl std::fmt::Display for RegisterName {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        /// Every register, in the order of the list.
        pub static REGISTERS: &[Register] = &[$($module::REGISTER),*];

        fn dispatch(
            draft: &mut chancery_ledger::execution::Draft<'_>,
            action: &Action,
        ) -> Result<(), chancery_ledger::code::Rejection> {
            match action {
                $(Action::$variant(action) => $module::apply(draft, action),)*
            }
        }
    };
}

pub(crate) use registers;
