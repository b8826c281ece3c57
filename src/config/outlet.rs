//! `role`, `weight` and `owner`: who speaks in a feed.

use super::names::{shown, suggestion};
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::Table;
use super::values::name;
use crate::model::{Outlet, Role};
use std::ops::RangeInclusive;
use toml::Spanned;

/// Weights, as parts of a hundred.
const WEIGHTS: RangeInclusive<u64> = 0..=100;

/// What one table says of it.
#[derive(Clone, Debug, Default)]
pub(super) struct OutletKeys {
    role: Option<Role>,
    weight: Option<u8>,
    owner: Option<String>,
}

impl OutletKeys {
    /// Takes its keys out of a table.
    pub(super) fn read<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Self {
        let role = table.parse("role", "wire", reading, role);
        let weight = table.integer("weight", WEIGHTS, reading);
        let owner = table.parse("owner", "bbc", reading, name);
        Self {
            role: role.map(Spanned::into_inner),
            weight: weight.and_then(|weight| u8::try_from(weight).ok()),
            owner: owner.map(Spanned::into_inner),
        }
    }

    /// Puts these over those of the layer beneath.
    pub(super) fn over(self, lower: &Self) -> Self {
        Self {
            role: self.role.or(lower.role),
            weight: self.weight.or(lower.weight),
            owner: self.owner.or_else(|| lower.owner.clone()),
        }
    }

    /// Returns who speaks, by the defaults where nothing is said.
    pub(super) fn outlet(&self) -> Outlet {
        Outlet {
            role: self.role.unwrap_or_default(),
            weight: self.weight.unwrap_or(Outlet::WEIGHT),
            owner: self.owner.clone(),
        }
    }
}

/// Reads a role.
fn role(text: &str) -> Result<Role, Fault> {
    let found = Role::ALL.into_iter().find(|role| role.name() == text);
    found.ok_or_else(|| {
        let message = format!("`{}` is no role", shown(text));
        let help = suggestion(text, &Role::ALL.map(Role::name));
        Fault::new(Code::BadValue, message, help)
    })
}
