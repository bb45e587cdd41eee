//! Whole documents of several policies with rights, settings and routes, and small changes to them,
//! as people make them.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Dice, Policy, Row, expressions};

/// The names that policies have.
pub const NAMES: [&str; 4] = ["api", "web", "admin", "public"];

/// Hosts and paths that routes have, and requests nearly.
pub const HOSTS: [&str; 3] = ["api.test", "web.test", "x.test"];
pub const PATHS: [&str; 5] = ["", "/v1", "/v1/users", "/v2", "/a"];

pub const METHODS: [&str; 6] = ["POST", "GET", "PUT", "DELETE", "PATCH", "patch"];
pub const HEADERS: [&str; 5] = ["x-a", "x-b", "content-type", "authorization", "x-very-long-header-name"];
const EXPOSED: [&str; 3] = ["x-request-id", "x-a", "etag"];

/// Rows of which neither contains the other, and an origin that both match: it is the order of their
/// grants that decides.
pub const OVERLAPPING: [(&str, &str, &str); 3] = [
    ("https://*.foo.com", "https://*.a.foo.com:*", "https://b.a.foo.com"),
    ("https://*.bar.test", "https://b*.bar.test:*", "https://ba.bar.test"),
    ("https://foo*.b.example", "https://*bar.b.example", "https://foo-bar.b.example"),
];

/// A document in parts.
#[derive(Clone, Debug)]
pub struct Document {
    pub policies: Vec<Named>,
    pub routes: Vec<Route>,
    pub pass: bool,
}

/// A policy and its name.
#[derive(Clone, Debug)]
pub struct Named {
    pub name: String,
    pub rows: Policy,
    /// As many as there are grants.
    pub rights: Vec<Rights>,
    /// Keys and values as TOML has them.
    pub settings: BTreeMap<&'static str, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// `None`: the key is left out.
    pub methods: Option<Vec<&'static str>>,
    pub headers: Vec<&'static str>,
    pub expose: Vec<&'static str>,
    pub credentials: bool,
    pub max_age: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub host: Option<&'static str>,
    pub path: &'static str,
    pub policy: String,
}

impl Rights {
    fn roll(dice: &mut Dice) -> Self {
        Self {
            methods: (!dice.percent(15)).then(|| list(dice, &METHODS)),
            headers: list(dice, &HEADERS),
            expose: some(dice, &EXPOSED),
            credentials: dice.percent(40),
            max_age: dice.percent(30).then(|| *dice.pick(&[0, 60, 600])),
        }
    }

    fn change(&mut self, dice: &mut Dice) {
        match dice.below(6) {
            0 => self.methods = (!dice.percent(15)).then(|| list(dice, &METHODS)),
            1 => self.headers = list(dice, &HEADERS),
            2 => self.expose = some(dice, &EXPOSED),
            3 => self.max_age = *dice.pick(&[None, Some(0), Some(60)]),
            _ => self.credentials ^= true,
        }
    }
}

/// Some names in some order, at times any name.
fn list(dice: &mut Dice, names: &[&'static str]) -> Vec<&'static str> {
    if dice.percent(8) { vec!["*"] } else { some(dice, names) }
}

fn some(dice: &mut Dice, names: &[&'static str]) -> Vec<&'static str> {
    let mut names: Vec<_> = names.iter().copied().filter(|_| dice.percent(40)).collect();
    dice.shuffle(&mut names);
    names
}

impl Named {
    pub fn roll(name: &str, mut rows: Policy, dice: &mut Dice) -> Self {
        if dice.percent(40) && rows.grants.len() > 1 {
            let (one, other, _) = *dice.pick(&OVERLAPPING);
            rows.grants[0].push(Row::new(one));
            rows.grants[1].push(Row::new(other));
        }
        let mut rights: Vec<_> = rows.grants.iter().map(|_| Rights::roll(dice)).collect();
        // Equal rights are frequent where people copy.
        if dice.percent(30) {
            let first = rights[0].clone();
            rights.fill(first);
        }
        let mut policy = Self { name: name.into(), rows, rights, settings: BTreeMap::new() };
        for _ in 0..dice.below(3) {
            policy.change_setting(dice);
        }
        if dice.percent(15) {
            policy.share(dice);
        }
        policy
    }

    /// Makes it a policy for any origin.
    fn share(&mut self, dice: &mut Dice) {
        self.rows = Policy { grants: vec![vec![Row::new("*")]], own: vec![] };
        self.rights = vec![Rights { credentials: false, ..Rights::roll(dice) }];
        self.settings.remove("denied_requests");
    }

    pub fn is_shared(&self) -> bool {
        self.rows.grants[0].iter().any(|row| row.pattern == "*")
    }

    fn change_setting(&mut self, dice: &mut Dice) {
        let (key, value) = *dice.pick(&[
            ("denied_requests", "\"reject\""),
            ("preflight", "\"forward\""),
            ("preflight_answer", "\"requested\""),
            ("preflight_status", "200"),
            ("refused_preflight_status", "400"),
            ("refused_preflight_status", "200"),
            ("upstream", "\"keep\""),
            ("allow_private_network", "true"),
            ("timing_allow_origin", "[\"https://foo.com\"]"),
            ("timing_allow_origin", "[\"*\"]"),
        ]);
        if self.settings.remove(key).is_none() && !(key == "denied_requests" && self.is_shared()) {
            self.settings.insert(key, value.into());
        }
    }

    /// Brings what was changed back to what a document may say.
    fn repair(&mut self) {
        if self.is_shared() {
            self.settings.remove("allow_private_network");
            return;
        }
        self.rows = self.rows.without_shadowed();
        let without = |row: &Row| row.pattern == "null" || expressions::UNPROVED.contains(&row.pattern.as_str());
        for (rows, rights) in self.rows.grants.iter().zip(&mut self.rights) {
            rights.credentials &= !rows.iter().any(without);
        }
        if self.rows.grants.iter().flatten().any(without) {
            self.settings.remove("allow_private_network");
        }
    }

    fn write(&self, text: &mut String) {
        for (index, (rows, rights)) in self.rows.grants.iter().zip(&self.rights).enumerate() {
            let name = &self.name;
            match index {
                0 => writeln!(text, "[policy.{name}]").unwrap(),
                _ => writeln!(text, "[[policy.{name}.grant]]").unwrap(),
            }
            let rows: Vec<_> = rows.iter().map(|row| row_text(row, self.is_shared())).collect();
            writeln!(text, "allow_origins = [{}]", rows.join(", ")).unwrap();
            let Rights { methods, headers, expose, credentials, max_age } = rights;
            if let Some(methods) = methods {
                writeln!(text, "allow_methods = {methods:?}").unwrap();
            }
            writeln!(text, "allow_headers = {headers:?}").unwrap();
            writeln!(text, "expose_headers = {expose:?}\nallow_credentials = {credentials}").unwrap();
            if let Some(seconds) = max_age {
                writeln!(text, "max_age = {seconds}").unwrap();
            }
            if index == 0 {
                if !self.is_shared() {
                    writeln!(text, "own_origins = {:?}", self.rows.own).unwrap();
                }
                self.settings.iter().for_each(|(key, value)| writeln!(text, "{key} = {value}").unwrap());
            }
        }
    }
}

/// With the overrides that it may need.
fn row_text(row: &Row, plain: bool) -> String {
    let (scheme, suffix) = ("dangerously_allow_insecure_scheme = true", "dangerously_allow_public_suffix = true");
    match row.to_toml() {
        text if plain => text,
        text if row.is_expression() => format!("{}, {scheme} }}", text.strip_suffix(" }").unwrap()),
        text if text.starts_with('{') => format!("{}, {scheme}, {suffix} }}", text.strip_suffix(" }").unwrap()),
        text => format!("{{ pattern = {text}, {scheme}, {suffix} }}"),
    }
}

impl Document {
    /// One to three policies with these rows.
    pub fn roll(rows: Vec<Policy>, dice: &mut Dice) -> Self {
        let policies = rows.into_iter().zip(NAMES).map(|(rows, name)| Named::roll(name, rows, dice)).collect();
        let mut document = Self { policies, routes: vec![], pass: dice.percent(20) };
        for _ in 0..dice.below(5) {
            document.change_route(dice);
        }
        document.policies.iter_mut().for_each(Named::repair);
        document
    }

    pub fn get(&self, name: &str) -> Option<&Named> {
        self.policies.iter().find(|policy| policy.name == name)
    }

    pub fn to_toml(&self) -> String {
        let mut text = format!("version = 1\nunrouted = \"{}\"\n", if self.pass { "pass" } else { "deny" });
        self.policies.iter().for_each(|policy| policy.write(&mut text));
        for Route { host, path, policy } in &self.routes {
            writeln!(text, "[[route]]\npolicy = {policy:?}").unwrap();
            if let Some(host) = host {
                writeln!(text, "host = {host:?}").unwrap();
            }
            if !path.is_empty() {
                writeln!(text, "path = {path:?}").unwrap();
            }
        }
        text
    }

    /// The document after a change or a few; `more` has rows to add.
    pub fn changed(&self, dice: &mut Dice, more: &Policy) -> Self {
        let mut document = self.clone();
        if dice.percent(15) {
            for policy in document.policies.iter_mut().filter(|policy| policy.rows.grants.len() > 1) {
                policy.rows.grants.swap(0, 1);
                policy.rights.swap(0, 1);
            }
        }
        for _ in 0..*dice.pick(&[0, 1, 1, 1, 2, 3]) {
            match dice.below(12) {
                0 => document.change_route(dice),
                1 => document.rename(dice),
                _ => {
                    let at = dice.below(document.policies.len());
                    change_policy(&mut document.policies[at], dice, more);
                }
            }
        }
        document.policies.iter_mut().for_each(Named::repair);
        document
    }

    /// The same document written otherwise: no request is answered differently.
    pub fn rewritten(&self, dice: &mut Dice) -> Self {
        let mut document = self.clone();
        dice.shuffle(&mut document.policies);
        dice.shuffle(&mut document.routes);
        for policy in &mut document.policies {
            policy.rows.grants.iter_mut().for_each(|rows| dice.shuffle(rows));
            dice.shuffle(&mut policy.rows.own);
            // A grant of its own for the last row, behind the one that it is in.
            let last = policy.rows.grants.len() - 1;
            if policy.rows.grants[last].len() > 1 && !policy.is_shared() && dice.percent(50) {
                let row = policy.rows.grants[last].pop().unwrap();
                policy.rows.grants.push(vec![row]);
                policy.rights.push(policy.rights[last].clone());
            }
        }
        document
    }

    fn rename(&mut self, dice: &mut Dice) {
        let free = NAMES.iter().find(|name| self.get(name).is_none());
        let (at, Some(free)) = (dice.below(self.policies.len()), free) else { return };
        match dice.below(3) {
            0 if self.policies.len() > 1 => {
                let gone = self.policies.remove(at);
                self.routes.retain(|route| route.policy != gone.name);
            }
            1 => {
                let copy = Named { name: (*free).into(), ..self.policies[at].clone() };
                self.policies.push(copy);
            }
            _ => {
                let old = std::mem::replace(&mut self.policies[at].name, (*free).into());
                self.routes
                    .iter_mut()
                    .filter(|route| route.policy == old)
                    .for_each(|route| route.policy = (*free).into());
            }
        }
    }

    fn change_route(&mut self, dice: &mut Dice) {
        let policy = dice.pick(&self.policies).name.clone();
        match dice.below(6) {
            0 if !self.routes.is_empty() => drop(self.routes.remove(dice.below(self.routes.len()))),
            1 if !self.routes.is_empty() => {
                let at = dice.below(self.routes.len());
                self.routes[at].policy = policy;
            }
            2 => self.pass ^= true,
            _ => {
                let host = dice.percent(75).then(|| *dice.pick(&HOSTS));
                let path = *dice.pick(&PATHS);
                if !self.routes.iter().any(|route| (route.host, route.path) == (host, path)) {
                    self.routes.push(Route { host, path, policy });
                }
            }
        }
    }
}

fn change_policy(policy: &mut Named, dice: &mut Dice, more: &Policy) {
    if dice.percent(3) {
        return policy.share(dice);
    }
    if policy.is_shared() {
        if dice.percent(40) {
            policy.rows = more.clone();
            policy.rights = more.grants.iter().map(|_| Rights::roll(dice)).collect();
        } else {
            policy.rights[0].change(dice);
            policy.rights[0].credentials = false;
        }
        return;
    }
    let grant = dice.below(policy.rows.grants.len());
    let other = dice.below(policy.rows.grants.len());
    let rows = &mut policy.rows.grants;
    match dice.below(14) {
        0 | 1 => rows[grant].push(dice.pick(more.grants.iter().find(|rows| !rows.is_empty()).unwrap()).clone()),
        2 | 3 if !rows[grant].is_empty() => {
            let at = dice.below(rows[grant].len());
            rows[grant].remove(at);
        }
        4 | 5 if !rows[grant].is_empty() => {
            let at = dice.below(rows[grant].len());
            let row = rows[grant].remove(at);
            rows[other].push(row);
        }
        6 | 7 => {
            rows.swap(grant, other);
            policy.rights.swap(grant, other);
        }
        8 if !rows[grant].is_empty() => {
            let at = dice.below(rows[grant].len());
            let row = &mut rows[grant][at];
            if row.pattern.contains("://*.") {
                row.depth = *dice.pick(&[None, Some(1), Some(2)]);
            }
        }
        9 | 10 => policy.rights[grant].change(dice),
        11 => policy.rows.own = more.own.clone(),
        _ => policy.change_setting(dice),
    }
}
