//! `[[route]]`: which policy covers which host and path.

use super::key::Section;
use super::keys;
use super::table::Table;
use crate::config::diagnostic::Collector;
use crate::config::routes::ConfiguredRoute;

pub(super) fn read<'d>(table: &Table<'d, '_>, collector: &mut Collector<'_>) -> Vec<ConfiguredRoute<'d>> {
    let mut routes = Vec::new();
    let nodes = table.array(&keys::ROUTES, collector);
    for node in nodes.into_iter().flatten() {
        let Ok(table) = Table::new(node, "a route", Section::Route, collector) else { continue };
        let host = table.string(&keys::HOST, collector);
        let path = table.string(&keys::PATH, collector);
        let help = "write the name of the policy that decides, such as `policy = \"api\"`";
        table.require(&keys::ROUTE_POLICY, "the route", help, collector);
        if let Some(policy) = table.string(&keys::ROUTE_POLICY, collector) {
            routes.push(ConfiguredRoute { host, path, policy, place: Some(node.place) });
        }
    }
    routes
}
