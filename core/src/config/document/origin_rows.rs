//! The rows of a document, before it is known what they are.

use super::keys;
use super::node::Node;

/// The rows of all grants of a document, in their order.
pub(super) fn origin_rows<'a, 'n>(root: &'a Node<'n>) -> impl Iterator<Item = &'a Node<'n>> {
    let policies = root.get(keys::POLICIES.name).into_iter().flat_map(Node::children);
    let grants = policies.flat_map(|policy| {
        let grants = policy.get(keys::GRANTS.name).into_iter().flat_map(Node::children);
        core::iter::once(policy).chain(grants)
    });
    grants.filter_map(|grant| grant.get(keys::ALLOW_ORIGINS.name)).flat_map(Node::children)
}
